#include "auth/credential/validate.h"

#include <algorithm>
#include <string_view>

#include "auth/credential/capabilities.h"
#include "auth/credential/password_hash.h"
#include "auth/credential/rule_check.h"
#include "auth/nats/subject.h"

namespace auth {
namespace {

using namespace std::chrono_literals;
template <class T>
bool all_different(std::vector<T> list) {
  std::ranges::sort(list);
  return std::ranges::adjacent_find(list) == list.end();
}

std::string_view tag_key(std::string_view tag) {
  return tag.substr(0, tag.find('='));
}

bool valid_tag(std::string_view tag) {
  const auto key = tag_key(tag);
  if (key.size() == tag.size() || !within<std::size_t>(key.size(), 1, 63)) return false;
  const auto value = tag.substr(key.size() + 1);
  return consists_of(key.substr(0, 1), "") && consists_of(key, "_.-") && value.size() <= 255 &&
         printable(value);
}

Verdict check_own_lists(const Credential& c) {
  return check_lists({
      {"regions", c.regions, valid_name, kNameHint},
      {"roles", c.roles, valid_role_name, kRoleNameHint, false, kMaxRoles},
      {"tags", c.tags, valid_tag,
       "must be `key=value` with a key of 1 to 63 of a-z, 0-9, `_`, `.`, `-`, a letter or digit "
       "first, and a value of at most 255 bytes of printable UTF-8",
       false, 64},
  });
}

Verdict check_labels(const Credential& c) {
  std::vector<std::string_view> keys;
  for (const auto& tag : c.tags)
    keys.push_back(tag_key(tag));
  return check({
      {within<std::size_t>(c.name.size(), 1, kMaxNameBytes) && printable(c.name), "name",
       "must be 1 to 128 bytes of printable UTF-8"},
      {visible(c.name), "name", kVisibleHint},
      {!c.name.starts_with(' ') && !c.name.ends_with(' '), "name",
       "must not begin or end with a space"},
      {!has_id_form(c.name), "name",
       "must not have the form of an id, because a credential is found by id or by name"},
      {valid_name(c.account), "account", kNameHint},
      {all_different(keys), "tags", "must contain each key once"},
      {c.revoke_reason.size() <= 1024 && printable(c.revoke_reason), "revoke_reason",
       "must be at most 1024 bytes of printable UTF-8"},
      {c.secrets.size() <= 2, "secrets",
       "must be at most two; the second one exists only during a rotation"},
      {implies(c.sigv4, c.kind == Kind::key), "sigv4",
       "is only for kind key, whose id is the access key id"},
      {implies(c.sigv4_connect, c.sigv4), "sigv4_connect", "needs `sigv4`"},
  });
}

// The proofs that people give; the others are made here, and whole.
Verdict check_secrets(const Credential& c) {
  if (c.kind != Kind::password) return std::nullopt;
  for (const auto& secret : c.secrets) {
    const Verdict wrong = check({
        {valid_login(secret.login), "login", "must be 1 to 255 bytes of printable UTF-8"},
        {visible(secret.login), "login", kVisibleHint},
        {!has_id_form(secret.login), "login",
         "must not have the form of an id, which is the login of a credential of kind key"},
    });
    if (wrong) return wrong;
    const auto hash = read_password_hash(secret.password_hash);
    if (!hash) return Invalid{"password_hash", hash.error()};
  }
  return std::nullopt;
}

Verdict check_limits(const Credential& c) {
  const bool in_order = !c.not_before || !c.expires_at || *c.expires_at > *c.not_before;
  return check({
      {c.sources.size() <= 256, "sources", "must have at most 256 entries"},
      {all_different(c.connection_types), "connection_types", "must not contain an entry twice"},
      {c.times.size() <= 32, "times", "must have at most 32 entries"},
      // A slash in front would lead out of the directory of the zone data.
      {c.times_location.size() <= 64 && !c.times_location.starts_with('/') &&
           consists_of(c.times_location, "ABCDEFGHIJKLMNOPQRSTUVWXYZ/_+-"),
       "times_location", "must be the name of an IANA time zone, such as Europe/Berlin"},
      {in_order, "expires_at", "must be later than `not_before`"},
      {within<std::chrono::seconds>(c.session_ttl.value_or(10s), 10s, 365 * 24h), "session_ttl",
       "must be 10 seconds to 365 days"},
  });
}

}  // namespace

std::optional<Invalid> validate(const Credential& credential) {
  for (const auto check_part : {check_labels, check_own_lists}) {
    if (auto wrong = check_part(credential)) return wrong;
  }
  if (auto wrong = validate(static_cast<const Rights&>(credential))) return wrong;
  for (const auto check_part : {check_secrets, check_limits}) {
    if (auto wrong = check_part(credential)) return wrong;
  }
  return check_size(expand(credential));
}

}  // namespace auth
