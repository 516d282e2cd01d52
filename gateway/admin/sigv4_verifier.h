#pragma once
// credgate.v1.sigv4.verify: whether an HTTP request that a proxy has got was signed with the secret
// of a credential, and what that credential may do.
// Source: doc/sigv4.md.

#include <functional>
#include <string>
#include <string_view>

#include "auth/sigv4/proxy_request.h"
#include "gateway/callout/decider.h"
#include "gateway/callout/decision_event.h"
#include "gateway/platform/counters.h"

namespace gateway {

class SigV4Verifier {
 public:
  // The first three must outlive this. `told`: called for each verdict; must not wait.
  SigV4Verifier(const CredentialSource& source, const CurrentRules& rules, Counters& counters,
                std::function<void(const DecisionEvent&)> told);

  // The answer to a question of the proxy `asker`, the id of its credential. Thread-safe. Throws
  // OperationError (usage) for a question that is none, store::Fault.
  std::string answer(std::string_view question, const std::string& asker) const;

 private:
  struct Verdict {
    auth::Result<auth::Grant, auth::Deny> grant = auth::Deny::internal;
    std::optional<auth::Credential> credential;
    std::chrono::seconds valid_for{0};
  };
  Verdict judge(const auth::Result<auth::Identity, auth::Deny>& presented, std::string_view source,
                auth::Time now) const;
  void rehash(const auth::Judge& judge, const auth::Identity& presented,
              const auth::Credential& credential, std::size_t secret) const;

  const CredentialSource& source_;
  const CurrentRules& rules_;
  Counters& counters_;
  const std::function<void(const DecisionEvent&)> told_;
};

}  // namespace gateway
