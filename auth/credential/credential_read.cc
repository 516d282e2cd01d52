#include "auth/credential/credential_read.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "auth/base/base64.h"
#include "auth/base/json_object.h"

namespace auth {
namespace {

using Json = nlohmann::json;

void read_lists(JsonObject& members, SubjectLists& lists) {
  members.strings("allow", lists.allow);
  members.strings("deny", lists.deny);
}

void read_responses(JsonObject& members, std::optional<Responses>& into) {
  members.take("responses", "must be {\"max\": …, \"ttl\": seconds}, or null",
               [&](const Json& value) {
                 into.reset();
                 if (value.is_null()) return true;
                 Responses& responses = into.emplace();
                 std::optional<std::chrono::seconds> ttl;
                 JsonObject inner = members.child("responses", value);
                 inner.number("max", responses.max);
                 inner.seconds("ttl", ttl);
                 inner.finish();
                 responses.ttl = ttl.value_or(responses.ttl);
                 return true;
               });
}

void read_permissions(JsonObject& members, Permissions& permissions) {
  members.object("permissions", [&](JsonObject& inner) {
    inner.object("publish", [&](JsonObject& lists) { read_lists(lists, permissions.publish); });
    inner.object("subscribe", [&](JsonObject& lists) { read_lists(lists, permissions.subscribe); });
    read_responses(inner, permissions.responses);
  });
}

void read_buckets(JsonObject& members, BucketRights& rights) {
  constexpr std::string_view kRight =
      R"(must be an array of buckets, or of buckets and their keys: ["cfg", "cfg:app.>"])";
  const auto read = [&](std::string_view name, std::vector<BucketKeys>& into) {
    members.take(name, kRight, [&](const JsonObject::Json& value) {
      if (!value.is_array()) return false;
      into.clear();
      for (const auto& item : value) {
        if (!item.is_string()) return false;
        const auto right = read_bucket_keys(item.get_ref<const std::string&>());
        if (!right) members.complain(name, right.error());
        if (!right) return true;
        into.push_back(*right);
      }
      return true;
    });
  };
  read("kv_read", rights.kv_read);
  read("kv_write", rights.kv_write);
  members.strings("object_read", rights.object_read);
  members.strings("object_write", rights.object_write);
}

void read_capabilities(JsonObject& members, Rights& c) {
  const std::pair<std::string_view, bool Rights::*> known[] = {
      {"publish", &Rights::publish}, {"receive", &Rights::receive}, {"manage", &Rights::manage}};
  members.take("capabilities",
               "must be an array of publish, receive, manage, or an object with the ones to "
               "change, each true or false",
               [&](const Json& value) {
                 if (value.is_object()) {
                   JsonObject inner = members.child("capabilities", value);
                   for (const auto& [word, field] : known)
                     inner.boolean(word, c.*field);
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

void read_rights(JsonObject& members, Rights& c) {
  read_capabilities(members, c);
  members.strings("subjects", c.subjects);
  members.strings("streams", c.streams);
  members.strings("consumers", c.consumers);
  read_buckets(members, c.buckets);
  members.strings("serve", c.services.serve);
  members.strings("call", c.services.call);
  members.string("domain", c.domain);
  read_permissions(members, c.permissions);
  members.boolean("allow_responses", c.allow_responses);
  members.boolean("everything", c.everything);
  members.boolean("ack_v2", c.ack_v2);
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

void read_secret(JsonObject& members, StoredSecret& secret) {
  members.string("scheme",
                 "must be one of blake2b, public_key, argon2id, bcrypt, fingerprint, opaque_token",
                 secret.scheme, read_scheme);
  members.string("key_id", secret.key_id);
  members.string("login", secret.login);
  members.string("reserved", secret.reserved);
  members.string("hash", "must be 43 characters of base64url", secret.hash, read_hash);
  members.string("password_hash", secret.password_hash);
  members.string("sealed", "must be base64url", secret.sealed, read_sealed);
  std::optional<Time> created_at;
  members.timestamp("created_at", created_at);
  secret.created_at = created_at.value_or(secret.created_at);
  members.timestamp("expires_at", secret.expires_at);
}

void read_secrets(JsonObject& members, std::vector<StoredSecret>& secrets) {
  members.take("secrets", "must be an array of objects", [&](const Json& value) {
    if (!value.is_array()) return false;
    secrets.clear();
    for (const Json& item : value) {
      JsonObject inner = members.child("secrets", item);
      read_secret(inner, secrets.emplace_back());
      inner.finish();
    }
    return true;
  });
}

}  // namespace

std::optional<Invalid> read_json(const Json& record, Credential& c) {
  std::optional<Invalid> wrong;
  JsonObject members{record, "", wrong};
  members.string("id", c.id);
  members.string("name", c.name);
  members.string("kind", "must be key, password, token, nkey, creds or cert", c.kind, read_kind);
  members.string("account", c.account);
  members.string("status", "must be active, suspended or revoked", c.status, read_status);
  members.strings("regions", c.regions);
  members.strings("roles", c.roles);
  read_rights(members, c);
  members.string("inbox", "must be private, shared or old_private", c.inbox, read_inbox);
  members.boolean("sigv4", c.sigv4);
  members.boolean("sigv4_connect", c.sigv4_connect);
  members.strings("sources", "must be an array of address ranges: [\"10.0.0.0/8\"]", c.sources,
                  read_cidr);
  members.strings("connection_types", "must be an array of STANDARD, WEBSOCKET, LEAFNODE, MQTT",
                  c.connection_types, read_connection_type);
  members.strings("times", "must be an array of time ranges: [\"08:00-18:00\"]", c.times,
                  read_time_range);
  members.string("times_location", c.times_location);
  members.timestamp("not_before", c.not_before);
  members.timestamp("expires_at", c.expires_at);
  members.seconds("session_ttl", c.session_ttl);
  members.number("max_sessions", c.max_sessions);
  read_secrets(members, c.secrets);
  members.strings("tags", c.tags);
  members.finish();
  return wrong;
}

std::optional<Invalid> read_json(const Json& record, Role& role) {
  std::optional<Invalid> wrong;
  JsonObject members{record, "", wrong};
  members.string("account", role.account);
  members.string("name", role.name);
  members.string("description", role.description);
  read_rights(members, role);
  members.finish();
  return wrong;
}

}  // namespace auth
