#include "store/change_rules.h"

#include <algorithm>

#include "auth/credential/record_codec.h"
#include "auth/credential/validate.h"
#include "auth/nats/subject.h"
#include "store/difference.h"

namespace store {
namespace {

using auth::Credential;

constexpr std::size_t kMaxReasonBytes = 1024;

Refused invalid(const auth::Invalid& why) {
  return {Refusal::invalid, why.field + ": " + why.message};
}

void destroy(auth::StoredSecret& secret) {
  secret.hash.reset();
  secret.password_hash.clear();
  secret.sealed.clear();
}

// What may not be used any more is not kept.
void destroy_unused(Credential& c, auth::Time now) {
  for (auth::StoredSecret& secret : c.secrets) {
    if (!c.sigv4 || (secret.expires_at && *secret.expires_at <= now)) secret.sealed.clear();
  }
}

// `what` is at that revision.
std::optional<Refused> check_asked(std::uint64_t revision, const std::string& what,
                                   const Intent& intent) {
  if (auto refused = check_reason(intent)) return refused;
  if (intent.revision && *intent.revision != revision) {
    return Refused{Refusal::conflict, what + " is at revision " + std::to_string(revision) +
                                          ", not " + std::to_string(*intent.revision) +
                                          "; read it again"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refused> check_reason(const Intent& intent) {
  if (intent.reason.size() <= kMaxReasonBytes && auth::printable(intent.reason))
    return std::nullopt;
  return Refused{Refusal::invalid, "reason: must be at most 1024 bytes of printable text"};
}

Change describe(const Intent& intent, const Credential* before, const Credential& image) {
  return {.entry = {.at = intent.at,
                    .actor = intent.actor,
                    .action = intent.action,
                    .id = image.id,
                    .revision = image.revision,
                    .fields = difference(before, image),
                    .reason = intent.reason},
          .image = image};
}

std::optional<Refused> check_valid(const Credential& c) {
  if (!auth::has_id_form(c.id))
    return Refused{Refusal::invalid, "id: does not have the form of an id"};
  if (const auto why = auth::validate(c)) return invalid(*why);
  // It would be acknowledged, and be damaged from then on.
  if (auth::read_credential(auth::write_credential(c)) != c) {
    return Refused{Refusal::invalid, "a number or a timestamp is out of the range of a record"};
  }
  return std::nullopt;
}

std::optional<Refused> check_roles(const Credential& c, std::span<const auth::Role> roles) {
  if (const auto missing = auth::missing_role(c, roles)) {
    return Refused{Refusal::invalid, "roles: there is no role \"" + *missing + "\" in account " +
                                         c.account + " that can be read; create it first"};
  }
  if (const auto why = auth::validate_together(c, roles)) return invalid(*why);
  return std::nullopt;
}

std::optional<Refused> check_valid(const auth::Role& role) {
  if (const auto why = auth::validate(role)) return invalid(*why);
  // As above.
  if (auth::read_role(auth::write_role(role)) != role) {
    return Refused{Refusal::invalid, "a number or a timestamp is out of the range of a record"};
  }
  return std::nullopt;
}

std::optional<Refused> check_change(const auth::Role& before, const Intent& intent) {
  return check_asked(before.revision, "the role " + before.name, intent);
}

std::optional<Refused> check_change(const Credential& before, const Intent& intent) {
  if (auto refused = check_asked(before.revision, before.id, intent)) return refused;
  if (before.status == auth::Status::revoked && intent.action != Action::revoke) {
    return Refused{Refusal::revoked, before.id + " was revoked, which is final; create a new one"};
  }
  return std::nullopt;
}

bool comes_back(const Credential& c, const auth::StoredSecret& secret, const Credential* before) {
  if (before == nullptr || c.kind == auth::Kind::password) return false;
  if (secret.scheme == auth::Scheme::opaque_token) return false;
  return std::ranges::none_of(before->secrets, [&](const auth::StoredSecret& old) {
    const bool has_it = old.login == secret.login || old.reserved == secret.login;
    return has_it && (!old.expires_at || secret.expires_at);
  });
}

std::string taken_login(auth::Kind kind, std::string_view login, std::string_view owner) {
  const std::string of(owner);
  if (kind == auth::Kind::password) {
    return "the user name \"" + std::string(login) + "\" is taken by " + of;
  }
  if (kind == auth::Kind::token)
    return "this token belongs or belonged to " + of + "; use a new one";
  return std::string(login) + " is or was registered for " + of + "; use a new one";
}

Credential as_created(Credential credential, const Intent& intent) {
  destroy_unused(credential, intent.at);
  credential.revision = 1;
  credential.created_at = credential.updated_at = intent.at;
  credential.created_by = credential.updated_by = intent.actor;
  return credential;
}

void finish(const Intent& intent, Credential& c) {
  destroy_unused(c, intent.at);
  if (intent.action == Action::rehash) return;
  ++c.revision;
  c.updated_at = intent.at;
  c.updated_by = intent.actor;
  if (c.status != auth::Status::revoked) return;
  c.revoked_at = intent.at;
  c.revoked_by = intent.actor;
  c.revoke_reason = intent.reason;
  for (auth::StoredSecret& secret : c.secrets)
    destroy(secret);
}

}  // namespace store
