#include "gateway/sessions/connz.h"

#include <array>
#include <charconv>
#include <utility>

#include "auth/base/json.h"
#include "auth/credential/credential.h"

namespace gateway {
namespace {

using auth::Json;
using auth::string_at;

std::int64_t number_at(const Json& object, const char* key) {
  return auth::integer_at(object, key).value_or(0);
}

std::string type_of(const Json& connection) {
  if (string_at(connection, "kind") == "Leafnode") return "leafnode";
  return string_at(connection, "type");
}

std::string address_of(const Json& connection) {
  const std::string ip = string_at(connection, "ip");
  const std::string port = std::to_string(number_at(connection, "port"));
  return ip.find(':') == std::string::npos ? ip + ":" + port : "[" + ip + "]:" + port;
}

ConnzEntry read_entry_of(const Json& connection, std::uint64_t cid) {
  return {.cid = cid,
          .credential = string_at(connection, "authorized_user"),
          .account = string_at(connection, "account"),
          .address = address_of(connection),
          .type = type_of(connection),
          .name = string_at(connection, "name"),
          .language = string_at(connection, "lang"),
          .version = string_at(connection, "version"),
          .began = auth::read_instant(string_at(connection, "start")),
          .in_messages = number_at(connection, "in_msgs"),
          .in_bytes = number_at(connection, "in_bytes"),
          .out_messages = number_at(connection, "out_msgs"),
          .out_bytes = number_at(connection, "out_bytes"),
          .subscriptions = number_at(connection, "subscriptions")};
}

// "2.11.5", or "2.12.0-RC.1"; false for anything else.
bool at_least(std::string_view version, std::array<int, 3> wanted) {
  std::array<int, 3> parts{};
  const char* at = version.data();
  const char* end = at + version.size();
  for (int& part : parts) {
    const auto read = std::from_chars(at, end, part);
    if (read.ec != std::errc{}) return false;
    at = read.ptr;
    if (at != end && *at == '.') ++at;
  }
  return parts >= wanted;
}

}  // namespace

std::string connz_of(std::string_view server_id) {
  return "$SYS.REQ.SERVER." + std::string(server_id) + ".CONNZ";
}

std::string write_connz_request(std::string_view credential, std::uint64_t offset) {
  Json body = {{"auth", true}, {"limit", kConnzPage}, {"offset", offset}};
  if (!credential.empty()) body["user"] = credential;
  return body.dump();
}

std::optional<Connz> read_connz(std::string_view text) {
  const auto json = auth::read_json_object(text);
  if (!json) return std::nullopt;
  const Json& server = auth::member(*json, "server");
  const Json& data = auth::member(*json, "data");
  const Json& connections = auth::member(data, "connections");
  Connz connz{.server_id = string_at(server, "id"),
              .server_name = string_at(server, "name"),
              .sessions = {},
              .more = connections.size() >= kConnzPage,
              .names_leafnodes = at_least(string_at(server, "ver"), {2, 11, 5}),
              .first_cid = {},
              .last_cid = {}};
  const bool has_page = data.is_object() && data.contains("connections") &&
                        (connections.is_array() || connections.is_null());
  if (connz.server_id.empty() || json->contains("error") || !has_page) return std::nullopt;
  for (const Json& connection : connections) {
    const auto cid = auth::integer_at(connection, "cid");
    if (!cid || *cid < 0) continue;
    connz.last_cid = static_cast<std::uint64_t>(*cid);
    if (!connz.first_cid) connz.first_cid = connz.last_cid;
    ConnzEntry session = read_entry_of(connection, static_cast<std::uint64_t>(*cid));
    if (auth::has_id_form(session.credential)) connz.sessions.push_back(std::move(session));
  }
  return connz;
}

std::optional<AccountEvent> read_account_event(std::string_view text) {
  const auto json = auth::read_json_object(text);
  if (!json) return std::nullopt;
  const Json& server = auth::member(*json, "server");
  AccountEvent event{.server_id = string_at(server, "id"),
                     .server_name = string_at(server, "name"),
                     .session = std::nullopt,
                     .kicked = string_at(*json, "reason") == "Kicked"};
  if (event.server_id.empty()) return std::nullopt;
  const Json& client = auth::member(*json, "client");
  const auto cid = auth::integer_at(client, "id");
  std::string user = string_at(client, "user");
  if (!cid || *cid < 0 || !auth::has_id_form(user)) return event;
  event.session =
      Session{.server_id = event.server_id,
              .cid = static_cast<std::uint64_t>(*cid),
              .credential = std::move(user),
              .began = auth::read_instant(string_at(client, "start")).value_or(auth::Instant{}),
              .leafnode = string_at(client, "kind") == "Leafnode",
              .confirmed = is_account(string_at(client, "acc"))};
  return event;
}

std::string_view server_shut_down(std::string_view subject) {
  constexpr std::string_view kBefore = "$SYS.SERVER.";
  constexpr std::string_view kAfter = ".SHUTDOWN";
  if (!subject.starts_with(kBefore) || !subject.ends_with(kAfter)) return {};
  if (subject.size() < kBefore.size() + kAfter.size()) return {};
  return subject.substr(kBefore.size(), subject.size() - kBefore.size() - kAfter.size());
}

}  // namespace gateway
