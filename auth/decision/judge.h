#pragma once
// The judge: whether the proof is correct, and whether the credential may be used at this gateway,
// at this time, from this address and over this type of connection.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "auth/base/result.h"
#include "auth/base/secret.h"
#include "auth/credential/credential.h"
#include "auth/credential/master_key.h"
#include "auth/credential/password_hash.h"
#include "auth/credential/role.h"
#include "auth/credential/time_windows.h"
#include "auth/decision/proof.h"
#include "auth/deny.h"
#include "auth/nats/auth_request.h"
#include "auth/nats/auth_response.h"

namespace auth {

// What this gateway may grant, independently of any record.
struct Policy {
  std::vector<std::string> accounts;  // all that may be granted
  std::vector<std::string> reserved;  // never granted: the callout account and the system account
  std::vector<std::string> scoped;    // those of `accounts` whose signing key is scoped
  std::string region;                 // the gateway's own; empty: it has none
  ServerMode mode;
  std::vector<std::string> sigv4_hosts{};  // hosts whose signed requests may open a connection
  PasswordCost password_cost;  // of new hashes, and of the work for a login that does not exist
};

// What holds for the live connections of a credential.
struct SessionRules {
  bool good = false;          // it may have connections
  std::optional<Time> since;  // connections from before this used a secret that has expired
  std::optional<Time> until;  // when this changes by itself
  std::uint32_t max_sessions = 0;
  std::vector<std::string> roles{};  // role_id() of its roles
};

class Judge {
 public:
  // Borrows the keys. `zone_offset` is called only for credentials with `times`.
  Judge(Policy policy, const MasterKeys& keys, ZoneOffset zone_offset);

  // As auth::identify(): the result borrows from the request.
  Result<Identity, Denial> identify(const Request& request) const;

  // `credential`: the record found under the presented logins, absent if there is none. `roles`:
  // those that it names, as far as they are there: one too few denies (role_missing). An unknown
  // login costs the same time as a known one: the proof is computed in both cases, and judged
  // afterwards. Deny: unknown_credential, bad_proof, then as admit(). A password costs a slow hash,
  // so do not call this for passwords on a thread that others wait for. May throw std::bad_alloc.
  struct Decision {
    Result<Grant, Deny> verdict;
    std::optional<std::size_t> secret;  // which of the credential's secrets fitted
  };
  Decision decide(const Request& request, const Identity& identity,
                  const std::optional<Credential>& credential, Time now,
                  std::span<const Role> roles = {}) const;

  // The same for a signed request that does not open a connection, sent from `source`. Deny:
  // skewed, url_expired, unknown_credential, bad_proof, not_for_sigv4, then as admit(); a
  // credential with `connection_types` is denied, because a request is not a connection.
  Decision decide(const Identity& identity, std::string_view source,
                  const std::optional<Credential>& credential, Time now,
                  std::span<const Role> roles = {}) const;

  // Whether the credential may be used, without checking its proof. Deny: revoked, suspended,
  // expired, not_yet_valid, wrong_region, account_not_allowed, source_not_allowed,
  // connection_type_not_allowed (also for a kind of connection that is not known), outside_times,
  // role_missing, template_unusable.
  Result<Grant, Deny> admit(const Credential& credential, const ClientInfo& client, Time now,
                            std::span<const Role> roles = {}) const;

  // Checks only status, times and secrets: region and accounts differ between gateways, and another
  // gateway may have let the connection in.
  SessionRules session_rules(const Credential& credential, Time now) const;

  // Whether credentials of this account may be created and granted here.
  bool may_grant(std::string_view account) const;

  // One stored secret in another form.
  struct Rehash {
    StoredSecret before;
    StoredSecret after;
  };
  // The new stored form of the secret of `credential` that this proof has just matched: under the
  // current master key, as Argon2id, at the configured cost. Absent if it is already stored so, or
  // at a higher cost. `fresh`: random bytes. Costs a password hash, like decide().
  std::optional<Rehash> rehash(const Identity& identity, const Credential& credential,
                               const StoredSecret& secret,
                               std::span<const std::uint8_t, 24> fresh) const;

 private:
  // Where a proof comes from.
  struct Origin {
    std::string_view host;
    bool is_connection = true;           // false: a signed request that opens none
    std::optional<ConnectionType> type;  // absent: not known, or no connection
  };
  static Origin origin_of(const ClientInfo& client);
  Result<Grant, Deny> admit(const Credential& credential, const Origin& origin, Time now,
                            std::span<const Role> roles) const;
  Decision judge(const Identity& identity, const Origin& origin,
                 const std::optional<Credential>& credential, Time now,
                 std::span<const Role> roles) const;
  std::optional<Deny> check_opening(const SigV4Proof& proof, Time now) const;
  std::optional<SecretText> unsealed(const StoredSecret& secret, const std::string& id) const;
  const StoredSecret* matching_secret(const Identity& identity, const Credential* credential,
                                      Time now) const;
  const StoredSecret* match_secret(const SecretProof& proof, const Identity& identity,
                                   const Credential* credential, Time now) const;
  const StoredSecret* match_secret(const PasswordProof& proof, const Identity& identity,
                                   const Credential* credential, Time now) const;
  const StoredSecret* match_secret(const SignatureProof& proof, const Identity& identity,
                                   const Credential* credential, Time now) const;
  const StoredSecret* match_secret(const SigV4Proof& proof, const Identity& identity,
                                   const Credential* credential, Time now) const;
  const StoredSecret* match_secret(const LoginProof& proof, const Identity& identity,
                                   const Credential* credential, Time now) const;
  std::optional<Deny> check_record(const Credential& credential, Time now,
                                   std::span<const Role> roles) const;
  std::optional<Deny> check_origin(const Credential& credential, const Origin& origin) const;
  Result<Grant, Deny> grant(const Credential& credential, const Origin& origin, Time now,
                            std::span<const Role> roles) const;
  bool current(const StoredSecret& secret) const;

  Policy policy_;
  const MasterKeys& keys_;
  ZoneOffset zone_offset_;
  std::string decoy_;
  StoredSecret sealed_decoy_;
};

// As the server reports it; absent for unknown words.
std::optional<ConnectionType> connection_type(const ClientInfo& client);

}  // namespace auth
