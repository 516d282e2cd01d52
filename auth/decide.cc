#include "auth/decide.h"

#include <algorithm>

#include "auth/permissions.h"

namespace auth {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

bool usable(const StoredSecret& secret, Scheme scheme, Time now) {
  return secret.scheme == scheme && (!secret.expires_at || now < *secret.expires_at);
}

// A session must have a moment to live: the server cuts at `exp`, and one that is already there
// would let the client in and throw it out in a loop.
bool leaves_time(Time end, Time now) {
  return end > now + std::chrono::seconds{1};
}

}  // namespace

std::optional<ConnectionType> connection_type(const ClientInfo& client) {
  if (client.kind == "Leafnode") return ConnectionType::leafnode;
  if (client.kind != "Client") return std::nullopt;
  if (client.type == "nats") return ConnectionType::standard;
  if (client.type == "websocket") return ConnectionType::websocket;
  if (client.type == "mqtt") return ConnectionType::mqtt;
  return std::nullopt;
}

bool Judge::may_grant(std::string_view account) const {
  return contains(policy_.accounts, account) && !contains(policy_.reserved, account);
}

// Hashes and compares whether there is a record or not, and never stops at the first that fits: the
// time of an answer does not tell whether an id exists.
bool Judge::holds(const SecretProof& proof, const std::optional<Credential>& credential,
                  std::string_view id, Time now) const {
  static constexpr Hash32 kDecoy{};
  bool found = false;
  for (const MasterKey& key : keys_.all()) {
    const Hash32 hash = key.hash_secret(id, proof.secret);
    if (!credential) {
      static_cast<void>(equal_secrets(hash, kDecoy));
      continue;
    }
    for (const StoredSecret& secret : credential->secrets) {
      if (!usable(secret, Scheme::blake2b, now) || secret.key_id != key.key_id()) continue;
      if (secret.hash && equal_secrets(hash, *secret.hash)) found = true;
    }
  }
  return found;
}

bool Judge::holds(const SignatureProof& proof, const std::optional<Credential>& credential,
                  std::string_view login, Time now) {
  const bool signed_by_key = verify(proof.key, proof.nonce, proof.signature);
  if (!credential) return false;
  return signed_by_key && std::ranges::any_of(credential->secrets, [&](const StoredSecret& secret) {
           return usable(secret, Scheme::public_key, now) && secret.login == login;
         });
}

bool Judge::proved(const Presented& presented, const std::optional<Credential>& credential,
                   Time now) const {
  const bool proof_holds =
      std::visit([&](const auto& proof) { return holds(proof, credential, presented.login, now); },
                 presented.proof);
  return proof_holds && credential && credential->kind == presented.kind;
}

std::optional<Deny> Judge::check_record(const Credential& credential, Time now) const {
  if (credential.status == Status::suspended) return Deny::suspended;
  if (credential.status != Status::active) return Deny::revoked;
  if (credential.expires_at && !leaves_time(*credential.expires_at, now)) return Deny::expired;
  if (credential.not_before && now < *credential.not_before) return Deny::not_yet_valid;
  if (!credential.regions.empty() && !contains(credential.regions, policy_.region)) {
    return Deny::wrong_region;
  }
  if (!may_grant(credential.account)) return Deny::account_not_allowed;
  return std::nullopt;
}

std::optional<Deny> Judge::check_client(const Credential& credential,
                                        const ClientInfo& client) const {
  if (!credential.sources.empty()) {
    const auto address = read_address(client.host);
    const bool inside = address && std::ranges::any_of(credential.sources, [&](const Cidr& cidr) {
                          return auth::contains(cidr, *address);
                        });
    if (!inside) return Deny::source_not_allowed;
  }
  if (!credential.connection_types.empty()) {
    const auto type = connection_type(client);
    const auto& types = credential.connection_types;
    if (!type || std::ranges::find(types, *type) == types.end()) {
      return Deny::connection_type_not_allowed;
    }
  }
  return std::nullopt;
}

Result<Grant, Deny> Judge::grant(const Credential& credential, Time now) const {
  std::optional<Time> until = credential.expires_at;
  const auto bound = [&until](Time end) { until = until ? std::min(*until, end) : end; };
  if (credential.session_ttl) bound(now + *credential.session_ttl);
  if (!credential.times.empty()) {
    const auto end = inside_until(credential.times, credential.times_location, now, zone_offset_);
    if (!end || !leaves_time(*end, now)) return Deny::outside_times;
    bound(*end);
  }
  return Grant{.id = credential.id,
               .account = credential.account,
               .permissions = expand(credential),
               .until = until};
}

Result<Grant, Deny> Judge::decide(const Request& request, const Presented& presented,
                                  const std::optional<Credential>& credential, Time now) const {
  const bool proof_holds = proved(presented, credential, now);
  if (!credential) return Deny::unknown_credential;
  // Revoking destroys what a proof is checked with, so it is said before the proof is.
  if (credential->status == Status::revoked) return Deny::revoked;
  if (!proof_holds) return Deny::bad_proof;
  if (const auto deny = check_record(*credential, now)) return *deny;
  if (const auto deny = check_client(*credential, request.client)) return *deny;
  return grant(*credential, now);
}

}  // namespace auth
