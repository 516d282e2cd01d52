#include "auth/nats/peek_request.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "auth/base/base64.h"

namespace auth {
namespace {

// The members of `claims` stand in this order (jwt v2, AuthorizationRequestClaims): times, the
// server, the client's information with its host first, what it sent. In a string a quote has a
// backslash before it, so nothing that a client chooses is taken for a name.
constexpr std::string_view kClientInfo = R"("client_info":{)";
constexpr std::string_view kHost = R"("host":")";
constexpr std::string_view kConnectOptions = R"("connect_opts":{)";
constexpr std::size_t kMaxHost = 64;  // longer than an address with a zone

// What follows `key`; empty where it is not there.
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
// follows the opening brace. Ends at the first member that is an object or an array, and at a text
// that is cut off before kMaxValue, which another attempt may have more of.
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
      const auto text = members.substr(at + 1, end - at - 1);
      if (end == members.size() && text.size() < PeekedRequest::kMaxValue) return;
      visit(name, text.substr(0, PeekedRequest::kMaxValue));
      at = end + 1;
    } else {
      at = members.find_first_of(",}[{", at);
    }
    if (at >= members.size() || members[at] != ',') return;
    ++at;
  }
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

// `info`: what follows the opening brace. Empty where the host does not come first.
std::string_view host_in(std::string_view info) {
  if (!info.starts_with(kHost)) return {};
  const auto host = info.substr(kHost.size(), kMaxHost + 1);
  const std::size_t end = string_end(host, 0);
  return end == host.size() ? std::string_view{} : host.substr(0, end);
}

constexpr std::size_t kClaimLetters = kPeekedClaims / 3 * 4;  // of the claims; whole groups
constexpr std::size_t kKeyLength = 56;                        // of a public key

std::string server_id_in(std::string_view claims) {
  std::string id;
  visit_strings(after(claims, "\"server_id\":{"), [&](std::string_view name, auto value) {
    if (name == "id" && value.size() == kKeyLength) id = value;  // not one that was cut off
  });
  return id;
}

// The beginning of them, in base64.
std::string_view claims_in(std::string_view text) {
  const auto claims = after(text.substr(0, kPeekedText), ".");
  return claims.substr(0, std::min(claims.find('.'), kClaimLetters));
}

}  // namespace

std::string peek_server_id(std::string_view text) {
  constexpr std::size_t kBeginning = 1024;  // whole groups, and enough as nats-server writes them
  const std::string_view claims = claims_in(text);
  std::string id;
  for (const std::size_t letters : {kBeginning, kClaimLetters}) {
    auto read = read_base64url(claims.substr(0, letters));
    if (!read) return {};
    id = server_id_in(text_of(*read));
    wipe(read->data(), read->size());
    if (!id.empty() || letters >= claims.size()) break;
  }
  return id;
}

PeekedRequest peek_claims(std::string_view claims) {
  PeekedRequest peeked;
  claims = claims.substr(0, kPeekedClaims);
  const std::string_view client = after(claims, kClientInfo);
  peeked.timeout = timeout_in(claims.substr(0, claims.size() - client.size()));
  peeked.host = host_in(client);
  visit_strings(after(client, kConnectOptions), [&](std::string_view name, auto value) {
    if (name == "user") peeked.user = value;
    if (name == "nkey") peeked.nkey = value;
    if (name == "auth_token") peeked.auth_token = SecretText{value};
    if (name == "jwt") peeked.jwt = SecretText{value};
  });
  return peeked;
}

PeekedRequest peek_request(std::string_view text) {
  auto bytes = read_base64url(claims_in(text));
  if (!bytes) return {};
  PeekedRequest peeked = peek_claims(text_of(*bytes));
  wipe(bytes->data(), bytes->size());
  return peeked;
}

}  // namespace auth
