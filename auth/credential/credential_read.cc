#include "auth/credential/credential_read.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "auth/base/base64.h"
#include "auth/base/json_object.h"

namespace auth {
namespace {

using Json = nlohmann::json;

void read_lists(Members& members, SubjectLists& lists) {
  members.texts("allow", lists.allow);
  members.texts("deny", lists.deny);
}

void read_responses(Members& members, std::optional<Responses>& into) {
  members.take("responses", "must be {\"max\": …, \"ttl\": seconds}, or null",
               [&](const Json& value) {
                 into.reset();
                 if (value.is_null()) return true;
                 Responses& responses = into.emplace();
                 std::optional<std::chrono::seconds> ttl;
                 Members inner = members.inner("responses", value);
                 inner.number("max", responses.max);
                 inner.span("ttl", ttl);
                 inner.finish();
                 responses.ttl = ttl.value_or(responses.ttl);
                 return true;
               });
}

void read_permissions(Members& members, Permissions& permissions) {
  members.object("permissions", [&](Members& inner) {
    inner.object("publish", [&](Members& lists) { read_lists(lists, permissions.publish); });
    inner.object("subscribe", [&](Members& lists) { read_lists(lists, permissions.subscribe); });
    read_responses(inner, permissions.responses);
  });
}

void read_capabilities(Members& members, Credential& c) {
  const std::pair<std::string_view, bool Credential::*> known[] = {
      {"publish", &Credential::publish},
      {"receive", &Credential::receive},
      {"manage", &Credential::manage}};
  members.take("capabilities",
               "must be an array of publish, receive, manage, or an object with the ones to "
               "change, each true or false",
               [&](const Json& value) {
                 if (value.is_object()) {
                   Members inner = members.inner("capabilities", value);
                   for (const auto& [word, field] : known)
                     inner.flag(word.data(), c.*field);
                   inner.finish();
                   return true;
                 }
                 if (!value.is_array()) return false;
                 for (const auto& [word, field] : known)
                   c.*field = false;
                 return std::ranges::all_of(value, [&](const Json& item) {
                   const auto* at = std::ranges::find_if(
                       known, [&](const auto& one) { return item == one.first; });
                   if (at == std::end(known)) return false;
                   c.*(at->second) = true;
                   return true;
                 });
               });
}

std::optional<Hash32> read_hash(const std::string& text) {
  const auto bytes = text.size() == 43 ? read_base64url(text) : std::nullopt;
  if (!bytes || bytes->size() != Hash32{}.size()) return std::nullopt;
  Hash32 hash{};
  std::ranges::copy(*bytes, hash.begin());
  return hash;
}

std::optional<std::string> read_sealed(const std::string& text) {
  const auto bytes = read_base64url(text);
  return bytes ? std::optional{std::string(bytes->begin(), bytes->end())} : std::nullopt;
}

void read_secret(Members& members, StoredSecret& secret) {
  members.word("scheme",
               "must be one of blake2b, public_key, argon2id, bcrypt, fingerprint, opaque_token",
               secret.scheme, read_scheme);
  members.text("key_id", secret.key_id);
  members.text("login", secret.login);
  members.word("hash", "must be 43 characters of base64url", secret.hash, read_hash);
  members.text("password_hash", secret.password_hash);
  members.word("sealed", "must be base64url", secret.sealed, read_sealed);
  std::optional<Time> created_at;
  members.moment("created_at", created_at);
  secret.created_at = created_at.value_or(secret.created_at);
  members.moment("expires_at", secret.expires_at);
}

void read_secrets(Members& members, std::vector<StoredSecret>& secrets) {
  members.take("secrets", "must be an array of objects", [&](const Json& value) {
    if (!value.is_array()) return false;
    secrets.clear();
    for (const Json& item : value) {
      Members inner = members.inner("secrets", item);
      read_secret(inner, secrets.emplace_back());
      inner.finish();
    }
    return true;
  });
}

}  // namespace

std::optional<Invalid> read_json(const Json& record, Credential& c) {
  std::optional<Invalid> wrong;
  Members members{record, "", wrong};
  members.text("id", c.id);
  members.text("name", c.name);
  members.word("kind", "must be key, password, token, nkey, creds or cert", c.kind, read_kind);
  members.text("account", c.account);
  members.word("status", "must be active, suspended or revoked", c.status, read_status);
  members.texts("regions", c.regions);
  read_capabilities(members, c);
  members.texts("subjects", c.subjects);
  members.texts("streams", c.streams);
  members.texts("consumers", c.consumers);
  read_permissions(members, c.permissions);
  members.word("inbox", "must be private or shared", c.inbox, read_inbox);
  members.flag("allow_responses", c.allow_responses);
  members.flag("everything", c.everything);
  members.flag("ack_v2", c.ack_v2);
  members.flag("sigv4", c.sigv4);
  members.flag("sigv4_connect", c.sigv4_connect);
  members.words("sources", "must be an array of address ranges: [\"10.0.0.0/8\"]", c.sources,
                read_cidr);
  members.words("connection_types", "must be an array of STANDARD, WEBSOCKET, LEAFNODE, MQTT",
                c.connection_types, read_connection_type);
  members.words("times", "must be an array of time ranges: [\"08:00-18:00\"]", c.times,
                read_time_range);
  members.text("times_location", c.times_location);
  members.moment("not_before", c.not_before);
  members.moment("expires_at", c.expires_at);
  members.span("session_ttl", c.session_ttl);
  members.number("max_sessions", c.max_sessions);
  read_secrets(members, c.secrets);
  members.texts("tags", c.tags);
  members.finish();
  return wrong;
}

}  // namespace auth
