#pragma once
// One decision: which credential is presented, and may it be used so. The same for connections and
// for the signed requests that proxies ask about.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/decision/judge.h"
#include "gateway/callout/probe_logins.h"
#include "gateway/callout/proved_passwords.h"
#include "gateway/callout/rules.h"
#include "store/store.h"

namespace gateway {

// Where a decision looks credentials up. Functions, so that a test can let the store change in
// between. Both may throw store::Fault.
struct CredentialSource {
  std::function<store::Found(auth::Kind, std::string_view login)> find;
  std::function<std::uint64_t()> last_txn;  // moves with every commit of any process
};

// What is to be decided. Borrows its members.
struct Attempt {
  const auth::Result<auth::Identity, auth::Denial>& identity;
  const auth::Request* connection = nullptr;  // null: a signed request that a proxy received
  std::string_view source{};                  // where that was sent from, as the proxy says
};

// A value: nothing has happened yet because of it.
struct Decision {
  auth::Result<auth::Grant, auth::Deny> verdict = auth::Deny::internal;
  auth::Detail detail = auth::Detail::none;  // of a malformed proof
  std::string id;  // of the credential; what was presented, where none was found
  std::optional<auth::Credential> credential;
  std::vector<auth::Role> roles;       // its own, as far as they are there
  std::optional<std::size_t> secret;   // which of the credential's secrets fitted
  bool proved_before = false;          // its password was proved lately, and not hashed now
  bool probe = false;                  // the gateway's own (probe_logins.h), by its right key
  std::uint64_t txn = 0;               // the state of the store that it was judged by
  std::shared_ptr<const Rules> rules;  // and the rules

  bool granted() const { return static_cast<bool>(verdict); }
  void deny(auth::Deny why) { verdict = why; }
};

// For people. Empty for an opaque token's: it is made of the token, and says nothing to anyone.
std::string shown_login(const auth::Login& login);

// Thread-safe. Borrows its arguments.
class Decider {
 public:
  Decider(const CredentialSource& source, const CurrentRules& rules, ProbeLogins& probes)
      : source_(source), rules_(rules), probes_(probes) {}

  // Finds and judges. A damaged record or page is `internal`, and logged; so is a role that is
  // missing or damaged, which is `role_missing`. A proof that leads to two
  // credentials is `ambiguous`, and logged: whoever registered the second may be after the clients
  // of the first. Throws what the source throws. A password that is let in is remembered for a
  // short time.
  Decision decide(const Attempt& attempt, auth::Time now) const;

  // As decide(), for a password that was proved lately and whose record has not changed since: it
  // is not hashed, so others may wait meanwhile. Absent for all else, and then decide() says what
  // it is. Throws what the source throws.
  std::optional<Decision> decide_proved(const Attempt& attempt, auth::Time now) const;

  // Without a look at any record.
  Decision refuse(const Attempt& attempt, auth::Deny why) const;

  // Whether a grant would be decided otherwise by now: a change that was committed after the lookup
  // did not see this connection, and this decision did not see the change. Throws what the source
  // throws.
  bool outdated(const Decision& grant, const Attempt& attempt, auth::Time now) const;

  // How the secret of a grant would be stored today; absent where it is stored so, or its password
  // was not hashed now. May cost a password's hash.
  static std::optional<auth::Judge::Rehash> rehash(const Decision& grant, const Attempt& attempt);

 private:
  // What the logins of one proof lead to.
  struct Owner {
    store::Found found;
    std::string other;  // the id of a second credential; empty where there is one at most
  };
  Owner find(const auth::Identity& identity) const;
  void judge(Decision& decision, const Attempt& attempt, Owner owner, auth::Time now) const;
  void remember(const Decision& grant, const Attempt& attempt) const;

  const CredentialSource& source_;
  const CurrentRules& rules_;
  ProbeLogins& probes_;
  mutable ProvedPasswords proved_;
};

}  // namespace gateway
