#pragma once
// The verdict: does the proof hold, and may this credential be used here, now, from there, so.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "auth/base/result.h"
#include "auth/credential/credential.h"
#include "auth/credential/master_key.h"
#include "auth/credential/password_hash.h"
#include "auth/credential/time_windows.h"
#include "auth/decision/proof.h"
#include "auth/deny.h"
#include "auth/nats/auth_request.h"
#include "auth/nats/auth_response.h"

namespace auth {

// What this gateway may grant, whatever a record says.
struct Policy {
  std::vector<std::string> accounts;  // all that may be granted
  std::vector<std::string> reserved;  // never granted: the callout account, the system account
  std::vector<std::string> scoped;    // of `accounts`: their signing key is a scoped one
  std::string region;                 // the gateway's own; empty: it has none
  ServerMode mode;
  std::vector<std::string> sigv4_hosts{};  // whose signed requests may open a connection
  PasswordCost password_cost;  // of new hashes, and of the work for a login that does not exist
};

// What is to be said of the connections that a credential has.
struct Standing {
  bool good = false;          // it may have connections
  std::optional<Time> since;  // those from before this were let in on a secret that has ended
  std::optional<Time> until;  // when this changes by itself
  std::uint32_t max_sessions = 0;
};

class Judge {
 public:
  // The keys must outlive this. `zone_offset` is called for credentials with `times` only.
  Judge(Policy policy, const MasterKeys& keys, ZoneOffset zone_offset);

  // What the request presents; it must outlive the result. Deny as auth::presented.
  Result<Identity, Deny> identify(const Request& request) const;

  // `credential`: what the store has under the presented logins, absent where it has nothing. A
  // stranger costs what a member costs: the proof is computed in either case, and judged
  // afterwards. Deny: unknown_credential, bad_proof, then as admit(). A password costs its hash, so
  // it is not judged on a thread that others wait for. May throw std::bad_alloc.
  struct Decision {
    Result<Grant, Deny> verdict;
    std::optional<std::size_t> secret;  // which of the credential's secrets fitted
  };
  Decision decide(const Request& request, const Identity& presented,
                  const std::optional<Credential>& credential, Time now) const;

  // The same of a signed request that is no connection, and was sent from `source`. Deny: skewed,
  // url_expired, unknown_credential, bad_proof, not_for_sigv4, then as admit(); a credential with
  // `connection_types` is denied, as this is none of them.
  Decision decide(const Identity& presented, std::string_view source,
                  const std::optional<Credential>& credential, Time now) const;

  // Whether the credential may be used so, its proof aside. Deny: revoked, suspended, expired,
  // not_yet_valid, wrong_region, account_not_allowed, source_not_allowed,
  // connection_type_not_allowed, outside_times.
  Result<Grant, Deny> admit(const Credential& credential, const ClientInfo& client, Time now) const;

  // By status, times and secrets alone: the region and the accounts are those of this gateway, and
  // another one may have let it in.
  Standing standing(const Credential& credential, Time now) const;

  // Whether credentials of this account may be made and granted here.
  bool may_grant(std::string_view account) const;

  // One stored secret in another form.
  struct Rehash {
    StoredSecret before;
    StoredSecret after;
  };
  // How the secret that this proof has just fitted, one of `credential`, would be stored today:
  // under the current master key, as Argon2id, at today's cost. Absent where it is stored so, or at
  // a higher cost. `fresh`: random bytes. Costs a password's hash, like decide().
  std::optional<Rehash> rehash(const Identity& presented, const Credential& credential,
                               const StoredSecret& secret,
                               std::span<const std::uint8_t, 24> fresh) const;

 private:
  Decision judge(const Identity& presented, const ClientInfo& client,
                 const std::optional<Credential>& credential, Time now) const;
  std::optional<Deny> check_opening(const SigV4Proof& proof, Time now) const;
  std::optional<SecretText> opened(const StoredSecret& secret, const std::string& id) const;
  const StoredSecret* proved(const Identity& presented, const Credential* credential,
                             Time now) const;
  const StoredSecret* fitting(const SecretProof& proof, const Identity& presented,
                              const Credential* credential, Time now) const;
  const StoredSecret* fitting(const PasswordProof& proof, const Identity& presented,
                              const Credential* credential, Time now) const;
  const StoredSecret* fitting(const SignatureProof& proof, const Identity& presented,
                              const Credential* credential, Time now) const;
  const StoredSecret* fitting(const SigV4Proof& proof, const Identity& presented,
                              const Credential* credential, Time now) const;
  const StoredSecret* fitting(const LoginProof& proof, const Identity& presented,
                              const Credential* credential, Time now) const;
  std::optional<Deny> check_record(const Credential& credential, Time now) const;
  std::optional<Deny> check_client(const Credential& credential, const ClientInfo& client) const;
  Result<Grant, Deny> grant(const Credential& credential, Time now) const;
  bool current(const StoredSecret& secret) const;

  Policy policy_;
  const MasterKeys& keys_;
  ZoneOffset zone_offset_;
  std::string decoy_;
  StoredSecret sealed_decoy_;
};

// As the server tells it: absent for words that it does not use today.
std::optional<ConnectionType> connection_type(const ClientInfo& client);

}  // namespace auth
