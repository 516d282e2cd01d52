#include "auth/decision/judge.h"

#include <algorithm>

#include "auth/base/text.h"
#include "auth/credential/capabilities.h"
#include "auth/credential/validity.h"

namespace auth {
namespace {

constexpr std::chrono::seconds kSigV4Session = std::chrono::minutes{15};

bool contains(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

bool usable(const StoredSecret& secret, Time now) {
  return !secret.expires_at || leaves_time(*secret.expires_at, now);
}

bool has_login(const Identity& identity, std::string_view text) {
  return std::ranges::find(identity.logins, text, &Login::text) != identity.logins.end();
}

bool is_password(const StoredSecret& secret) {
  return secret.scheme == Scheme::argon2id || secret.scheme == Scheme::bcrypt;
}

// The first that is still good and fits; null without a credential.
template <class Fits>
const StoredSecret* first_matching(const Credential* credential, Time now, Fits fits) {
  if (credential == nullptr) return nullptr;
  const auto& secrets = credential->secrets;
  const auto found = std::ranges::find_if(
      secrets, [&](const StoredSecret& secret) { return usable(secret, now) && fits(secret); });
  return found == secrets.end() ? nullptr : &*found;
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

Judge::Judge(Policy policy, const MasterKeys& keys, ZoneOffset zone_offset)
    : policy_(std::move(policy)),
      keys_(keys),
      zone_offset_(std::move(zone_offset)),
      decoy_(decoy_password_hash(policy_.password_cost)) {
  sealed_decoy_.key_id = keys.current().key_id();
  sealed_decoy_.sealed = keys.current().seal("", std::string(40, '-'), Secret<24>{}.bytes());
}

Result<Identity, Denial> Judge::identify(const Request& request) const {
  return auth::identify(request, policy_.mode, keys_);
}

// Hashes and compares whether there is a record or not, and never stops at the first that fits: the
// time of an answer does not tell whether an id exists.
const StoredSecret* Judge::match_secret(const SecretProof& proof, const Identity& identity,
                                        const Credential* credential, Time now) const {
  static constexpr Hash32 kDecoy{};
  const StoredSecret* found = nullptr;
  for (const MasterKey& key : keys_.all()) {
    const Hash32 hash = key.hash_secret(identity.logins.front().text, proof.secret);
    if (credential == nullptr) {
      static_cast<void>(equal_secrets(hash, kDecoy));
      continue;
    }
    for (const StoredSecret& secret : credential->secrets) {
      if (secret.scheme != Scheme::blake2b || secret.key_id != key.key_id()) continue;
      if (usable(secret, now) && secret.hash && equal_secrets(hash, *secret.hash)) found = &secret;
    }
  }
  return found;
}

// One hash for a stranger, and for a member one for each secret: two during a rotation. None for a
// password that is known to fit.
const StoredSecret* Judge::match_secret(const PasswordProof& proof, const Identity& identity,
                                        const Credential* credential, Time now) const {
  bool hashed = !proof.proved.empty();
  const auto* found = first_matching(credential, now, [&](const StoredSecret& secret) {
    if (!is_password(secret) || !has_login(identity, secret.login)) return false;
    if (secret.password_hash.empty()) return false;
    if (!proof.proved.empty()) return secret.password_hash == proof.proved;
    hashed = true;
    return verify_password(secret.password_hash, proof.password);
  });
  if (!hashed) static_cast<void>(verify_password(decoy_, proof.password));
  return found;
}

const StoredSecret* Judge::match_secret(const SignatureProof& proof, const Identity& identity,
                                        const Credential* credential, Time now) const {
  const bool signed_by_key = verify(proof.key, proof.nonce, proof.signature);
  return first_matching(credential, now, [&](const StoredSecret& secret) {
    return signed_by_key && secret.scheme == Scheme::public_key &&
           has_login(identity, secret.login);
  });
}

// Absent for one that is sealed with a key that is not held.
std::optional<SecretText> Judge::unsealed(const StoredSecret& secret, const std::string& id) const {
  const auto& all = keys_.all();
  const auto key = std::ranges::find(all, secret.key_id, &MasterKey::key_id);
  return key == all.end() ? std::nullopt : key->open(id, secret.sealed);
}

// Opens and signs whether there is a record or not.
const StoredSecret* Judge::match_secret(const SigV4Proof& proof, const Identity& /*identity*/,
                                        const Credential* credential, Time now) const {
  const auto fits = [&](const StoredSecret& secret, const std::string& id) {
    const auto text = unsealed(secret, id);
    return text && signed_with(text->view(), proof.head, proof.evidence);
  };
  bool compared = false;
  const auto* found = first_matching(credential, now, [&](const StoredSecret& secret) {
    if (secret.sealed.empty()) return false;
    compared = true;
    return fits(secret, credential->id);
  });
  if (!compared) static_cast<void>(fits(sealed_decoy_, ""));
  return found;
}

const StoredSecret* Judge::match_secret(const LoginProof& /*proof*/, const Identity& identity,
                                        const Credential* credential, Time now) const {
  return first_matching(credential, now, [&](const StoredSecret& secret) {
    return (secret.scheme == Scheme::opaque_token || secret.scheme == Scheme::fingerprint) &&
           has_login(identity, secret.login);
  });
}

const StoredSecret* Judge::matching_secret(const Identity& identity, const Credential* credential,
                                           Time now) const {
  const StoredSecret* secret =
      std::visit([&](const auto& proof) { return match_secret(proof, identity, credential, now); },
                 identity.proof);
  if (secret == nullptr) return nullptr;
  const auto& logins = identity.logins;
  const bool of_this_kind =
      std::ranges::find(logins, credential->kind, &Login::kind) != logins.end();
  return of_this_kind ? secret : nullptr;
}

std::optional<Deny> Judge::check_record(const Credential& credential, Time now,
                                        std::span<const Role> roles) const {
  if (credential.status == Status::suspended) return Deny::suspended;
  if (credential.status != Status::active) return Deny::revoked;
  if (credential.expires_at && !leaves_time(*credential.expires_at, now)) return Deny::expired;
  if (credential.not_before && now < *credential.not_before) return Deny::not_yet_valid;
  if (!credential.regions.empty() && !contains(credential.regions, policy_.region)) {
    return Deny::wrong_region;
  }
  if (!may_grant(credential.account)) return Deny::account_not_allowed;
  // It would get what the account's template gives, and not what its record says.
  if (contains(policy_.scoped, credential.account) && gives_anything(credential, roles)) {
    return Deny::account_not_allowed;
  }
  return std::nullopt;
}

Judge::Origin Judge::origin_of(const ClientInfo& client) {
  return {.host = client.host, .is_connection = true, .type = connection_type(client)};
}

std::optional<Deny> Judge::check_origin(const Credential& credential, const Origin& origin) const {
  if (!credential.sources.empty()) {
    const auto address = read_address(origin.host);
    const bool inside = address && std::ranges::any_of(credential.sources, [&](const Cidr& cidr) {
                          return auth::contains(cidr, *address);
                        });
    if (!inside) return Deny::source_not_allowed;
  }
  const bool allowed = origin.is_connection ? origin.type && allows_type(credential, *origin.type)
                                            : credential.connection_types.empty();
  if (!allowed) return Deny::connection_type_not_allowed;
  return std::nullopt;
}

Result<Grant, Deny> Judge::grant(const Credential& credential, const Origin& origin, Time now,
                                 std::span<const Role> roles) const {
  std::optional<Time> until = credential.expires_at;
  const auto bound = [&until](Time end) { until = until ? std::min(*until, end) : end; };
  if (credential.session_ttl) bound(now + *credential.session_ttl);
  if (!credential.times.empty()) {
    const auto end = inside_until(credential.times, credential.times_location, now, zone_offset_);
    if (!end || !leaves_time(*end, now)) return Deny::outside_times;
    bound(*end);
  }
  if (roles.size() != credential.roles.size() || missing_role(credential, roles)) {
    return Deny::role_missing;
  }
  const auto given = permissions_of(credential, roles, origin.type);
  if (!given) return Deny::template_unusable;
  std::vector<std::string> dropped;
  for (const auto& [entry, reason] : given->dropped)
    dropped.push_back(entry + " (" + reason + ")");
  return Grant{.id = credential.id,
               .account = credential.account,
               .permissions = given->permissions,
               .until = until,
               .dropped = std::move(dropped)};
}

Result<Grant, Deny> Judge::admit(const Credential& credential, const ClientInfo& client, Time now,
                                 std::span<const Role> roles) const {
  return admit(credential, origin_of(client), now, roles);
}

Result<Grant, Deny> Judge::admit(const Credential& credential, const Origin& origin, Time now,
                                 std::span<const Role> roles) const {
  if (const auto deny = check_record(credential, now, roles)) return *deny;
  if (const auto deny = check_origin(credential, origin)) return *deny;
  return grant(credential, origin, now, roles);
}

// Whoever sees one request could else open a connection with it, at another service that its signer
// uses, or long after.
std::optional<Deny> Judge::check_opening(const SigV4Proof& proof, Time now) const {
  if (proof.evidence.presigned) return Deny::presigned;
  const auto host = header_of(proof.head, "host");
  if (!host || !contains(policy_.sigv4_hosts, lower_case(*host))) return Deny::wrong_host;
  if (proof.evidence.at > now + kMaxAhead) return Deny::skewed;
  return check_time(proof.evidence, now);
}

Judge::Decision Judge::decide(const Request& request, const Identity& identity,
                              const std::optional<Credential>& credential, Time now,
                              std::span<const Role> roles) const {
  const auto* proof = std::get_if<SigV4Proof>(&identity.proof);
  const Origin origin = origin_of(request.client);
  if (proof == nullptr) return judge(identity, origin, credential, now, roles);
  if (const auto deny = check_opening(*proof, now)) return {*deny, std::nullopt};
  Decision decision = judge(identity, origin, credential, now, roles);
  if (!decision.verdict) return decision;
  if (!credential->sigv4_connect) return {Deny::not_for_sigv4, std::nullopt};
  const Time end = now + kSigV4Session;
  decision.verdict->until = std::min(end, decision.verdict->until.value_or(end));
  return decision;
}

Judge::Decision Judge::decide(const Identity& identity, std::string_view source,
                              const std::optional<Credential>& credential, Time now,
                              std::span<const Role> roles) const {
  const auto& evidence = std::get<SigV4Proof>(identity.proof).evidence;
  if (const auto deny = check_time(evidence, now)) return {*deny, std::nullopt};
  const Origin origin{.host = source, .is_connection = false, .type = std::nullopt};
  return judge(identity, origin, credential, now, roles);
}

Judge::Decision Judge::judge(const Identity& identity, const Origin& origin,
                             const std::optional<Credential>& credential, Time now,
                             std::span<const Role> roles) const {
  const StoredSecret* secret = matching_secret(identity, credential ? &*credential : nullptr, now);
  if (!credential) return {Deny::unknown_credential, std::nullopt};
  // Revoking destroys what a proof is checked with, so it is said before the proof is.
  if (credential->status == Status::revoked) return {Deny::revoked, std::nullopt};
  if (secret == nullptr) {
    const bool signs = std::ranges::any_of(
        credential->secrets, [](const StoredSecret& one) { return !one.sealed.empty(); });
    const bool is_signed = std::holds_alternative<SigV4Proof>(identity.proof);
    return {is_signed && !signs ? Deny::not_for_sigv4 : Deny::bad_proof, std::nullopt};
  }
  const auto index = static_cast<std::size_t>(secret - credential->secrets.data());
  auto verdict = admit(*credential, origin, now, roles);
  // The server ends a connection with the secret that it was let in on.
  if (verdict && secret->expires_at) {
    verdict->until = std::min(*secret->expires_at, verdict->until.value_or(*secret->expires_at));
  }
  return {std::move(verdict), index};
}

}  // namespace auth
