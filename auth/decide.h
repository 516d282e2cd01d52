#pragma once
// The verdict: does the proof hold, and may this credential be used here, now, from there, so.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "auth/credential.h"
#include "auth/deny.h"
#include "auth/master_key.h"
#include "auth/presented.h"
#include "auth/request.h"
#include "auth/response.h"
#include "auth/result.h"
#include "auth/times.h"

namespace auth {

// What this gateway may grant, whatever a record says.
struct Policy {
  std::vector<std::string> accounts;  // all that may be granted
  std::vector<std::string> reserved;  // never granted: the callout account, the system account
  std::string region;                 // the gateway's own; empty: it has none
};

class Judge {
 public:
  // The keys must outlive this. `zone_offset` is called for credentials with `times` only.
  Judge(Policy policy, const MasterKeys& keys, ZoneOffset zone_offset)
      : policy_(std::move(policy)), keys_(keys), zone_offset_(std::move(zone_offset)) {}

  // `credential`: what the store has under the presented login, absent where it has nothing. A
  // stranger costs what a member costs: the proof is computed in either case, and judged
  // afterwards. Deny: unknown_credential, bad_proof, then the record's own: revoked, suspended,
  // expired, not_yet_valid, wrong_region, account_not_allowed, source_not_allowed,
  // connection_type_not_allowed, outside_times.
  Result<Grant, Deny> decide(const Request& request, const Presented& presented,
                             const std::optional<Credential>& credential, Time now) const;

  // Whether credentials of this account may be made and granted here.
  bool may_grant(std::string_view account) const;

 private:
  bool proved(const Presented& presented, const std::optional<Credential>& credential,
              Time now) const;
  bool holds(const SecretProof& proof, const std::optional<Credential>& credential,
             std::string_view id, Time now) const;
  static bool holds(const SignatureProof& proof, const std::optional<Credential>& credential,
                    std::string_view login, Time now);
  std::optional<Deny> check_record(const Credential& credential, Time now) const;
  std::optional<Deny> check_client(const Credential& credential, const ClientInfo& client) const;
  Result<Grant, Deny> grant(const Credential& credential, Time now) const;

  Policy policy_;
  const MasterKeys& keys_;
  ZoneOffset zone_offset_;
};

// As the server tells it: absent for words that it does not use today.
std::optional<ConnectionType> connection_type(const ClientInfo& client);

}  // namespace auth
