#pragma once
// credgate.v1.sigv4.verify: whether an HTTP request that a proxy has received was signed with the
// secret of a credential, and what that credential may do.
// Source: doc/sigv4.md.

#include <functional>
#include <string>
#include <string_view>

#include "auth/sigv4/proxy_request.h"
#include "gateway/callout/decider.h"
#include "gateway/callout/decision_sink.h"
#include "gateway/platform/counters.h"

namespace gateway {

// Thread-safe.
class SigV4Verifier {
 public:
  // Stores a secret in its present form, later. Must not block.
  using Rehash = std::function<void(std::string id, auth::Judge::Rehash)>;

  // The references must outlive this. Each verdict goes into `sink`.
  SigV4Verifier(const Decider& decider, Rehash rehash, Counters& counters, DecisionSink& sink);

  // The answer to a question of the proxy `asker`, the id of its credential. Throws OperationError
  // (usage) for a malformed question, store::Fault.
  std::string answer(std::string_view question, const std::string& asker) const;

 private:
  void record(const Decision& decision, const std::string& source, const std::string& asker,
              auth::Time now) const;

  const Decider& decider_;
  const Rehash rehash_;
  Counters& counters_;
  DecisionSink& sink_;
};

}  // namespace gateway
