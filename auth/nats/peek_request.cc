#include "auth/nats/peek_request.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "auth/base/base64.h"
#include "auth/base/json.h"
#include "auth/nats/auth_request.h"

namespace auth {
namespace {

// What follows `key`; empty where it is not there. In a string a quote has a backslash before it,
// so nothing that a client chooses is taken for a key.
std::string_view after(std::string_view json, std::string_view key) {
  const auto at = json.find(key);
  return at == json.npos ? std::string_view{} : json.substr(at + key.size());
}

// The end of the string whose text begins at `at`: its closing quote, or the end of `json`.
std::size_t string_end(std::string_view json, std::size_t at) {
  while (at < json.size() && json[at] != '"')
    at += json[at] == '\\' ? 2U : 1U;
  return std::min(at, json.size());
}

// Calls visit(name, text) for each member that is a string, escapes included. `members`: what
// follows the opening brace. Ends at the first member that is an object or an array.
template <class Visit>
void visit_strings(std::string_view members, const Visit& visit) {
  std::size_t at = 0;
  while (at < members.size() && members[at] == '"') {
    const std::size_t name_end = string_end(members, at + 1);
    const auto name = members.substr(at + 1, name_end - at - 1);
    at = name_end + 2;  // quote and colon
    if (at >= members.size()) return;
    if (members[at] == '"') {
      const std::size_t end = string_end(members, at + 1);
      visit(name, members.substr(at + 1, end - at - 1));
      at = end + 1;
    } else {
      at = members.find_first_of(",}[{", at);
    }
    if (at >= members.size() || members[at] != ',') return;
    ++at;
  }
}

std::string unescaped(std::string_view text) {
  if (text.find('\\') == text.npos) return std::string(text);
  const Json json = Json::parse('"' + std::string(text) + '"', nullptr, /*allow_exceptions=*/false);
  return json.is_string() ? json.get<std::string>() : std::string(text);
}

std::optional<std::int64_t> integer_after(std::string_view json, std::string_view key) {
  const auto text = after(json, key);
  std::int64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::chrono::seconds> timeout_in(std::string_view claims) {
  constexpr std::int64_t kMax = std::int64_t{1} << 40;  // so that the difference does not overflow
  const auto issued = integer_after(claims, "\"iat\":");
  const auto expires = integer_after(claims, "\"exp\":");
  if (!issued || !expires || *issued < 0 || *issued > kMax || *expires < 0 || *expires > kMax) {
    return std::nullopt;
  }
  return std::chrono::seconds{*expires - *issued};
}

}  // namespace

PeekedRequest peek_request(std::string_view text) {
  PeekedRequest peeked;
  const auto first = text.find('.');
  const auto last = text.rfind('.');
  if (first == last || text.size() > kMaxRequestBytes) return peeked;
  auto bytes = read_base64url(text.substr(first + 1, last - first - 1));
  if (!bytes) return peeked;
  const std::string_view claims = text_of(*bytes);
  peeked.timeout = timeout_in(claims);
  visit_strings(after(claims, "\"client_info\":{"), [&](std::string_view name, auto value) {
    if (name == "host") peeked.host = unescaped(value);
  });
  visit_strings(after(claims, "\"connect_opts\":{"), [&](std::string_view name, auto value) {
    if (name == "user") peeked.user = unescaped(value);
    if (name == "nkey") peeked.nkey = unescaped(value);
    if (name == "auth_token") peeked.auth_token = SecretText{unescaped(value)};
    if (name == "jwt") peeked.jwt = SecretText{unescaped(value)};
  });
  wipe(bytes->data(), bytes->size());
  return peeked;
}

}  // namespace auth
