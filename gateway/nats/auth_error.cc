#include "gateway/nats/auth_error.h"

#include <algorithm>
#include <array>
#include <utility>

#include "auth/base/json.h"

namespace gateway {
namespace {

using auth::ServerRefusal;
using auth::string_at;

// The last member (DisconnectEventMsg). No client can write it into a value of its own, where
// quotes are escaped.
constexpr std::string_view kReason = R"("reason":")";
constexpr std::string_view kGatewayRefused = "Auth callout service returned an error";
constexpr std::size_t kEnd = 1024;  // has the reason, and some more

// Words of nats-server, whose first letter may be a capital. The first that fits counts.
constexpr auto kWords = std::to_array<std::pair<std::string_view, ServerRefusal>>({
    {"claim is expired", ServerRefusal::expired},
    {"rong issuer for auth callout response", ServerRefusal::signing_key},
    {"attempted to use issuer_account", ServerRefusal::signing_key},
    {"ser JWT issuer", ServerRefusal::signing_key},
    {"signing key is unknown", ServerRefusal::signing_key},
    {"esponse issuer", ServerRefusal::signing_key},
    {"laim failed V", ServerRefusal::signing_key},
    {"o valid account", ServerRefusal::account},
    {"not permitted as valid account", ServerRefusal::account},
    {"outside of valid connect times", ServerRefusal::restricted},
    {"using invalid connection type", ServerRefusal::restricted},
    {"roxy", ServerRefusal::restricted},
    {"ould not register auth callout user", ServerRefusal::connections},
    {"rror decrypting", ServerRefusal::seal},
    {"rror validating user JWT", ServerRefusal::permissions},
    {"scoped user", ServerRefusal::permissions},
    {"invalid permissions", ServerRefusal::permissions},
});

ServerRefusal refusal_of(std::string_view reason) {
  if (reason.empty()) return ServerRefusal::timeout;
  const auto fits = [reason](const auto& word) {
    return reason.find(word.first) != std::string_view::npos;
  };
  const auto found = std::ranges::find_if(kWords, fits);
  return found == kWords.end() ? ServerRefusal::other : found->second;
}

std::string on_one_line(std::string text) {
  if (text.size() > AuthError::kMaxText) text.resize(AuthError::kMaxText);
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

RefusedBy refused_by(std::string_view event) {
  const auto end = event.substr(event.size() - std::min(event.size(), kEnd));
  const auto at = end.rfind(kReason);
  if (at == end.npos) return RefusedBy::server;
  const auto reason = end.substr(at + kReason.size());
  if (reason.starts_with('"')) return RefusedBy::nobody;
  return reason.starts_with(kGatewayRefused) ? RefusedBy::gateway : RefusedBy::server;
}

std::optional<AuthError> read_auth_error(std::string_view text) {
  if (text.size() > kMaxAuthErrorBytes || refused_by(text) == RefusedBy::gateway) {
    return std::nullopt;
  }
  const auto json = auth::read_json_object(text);
  if (!json) return std::nullopt;
  const auth::Json& server = auth::member(*json, "server");
  const auth::Json& client = auth::member(*json, "client");
  const auto cid = auth::integer_at(client, "id");
  const auth::Json& reason = auth::member(*json, "reason");
  AuthError error{.server_id = string_at(server, "id"),
                  .server_name = string_at(server, "name"),
                  .source = string_at(client, "host")};
  if (error.server_id.empty() || !cid || *cid < 0 || !reason.is_string()) return std::nullopt;
  error.cid = static_cast<std::uint64_t>(*cid);
  error.text = on_one_line(reason.get<std::string>());
  error.why = refusal_of(error.text);
  return error;
}

std::string_view what_to_do(ServerRefusal why) {
  switch (why) {
    case ServerRefusal::timeout:
      return "see whether a gateway is connected, and what `credgate status` says waits";
    case ServerRefusal::signing_key:
      return "credgate signs with a key that nats-server does not know: compare `callout.issuer` "
             "and the keys under `accounts` with nats-server's (credgate doctor)";
    case ServerRefusal::account:
      return "nats-server lacks the account, or the callout may not choose it (credgate doctor)";
    case ServerRefusal::expired:
      return "this machine's clock is behind that of nats-server: compare them (date -u)";
    case ServerRefusal::permissions:
      return "compare `scoped` under `accounts` with the account's signing key (credgate doctor)";
    case ServerRefusal::connections:
      return "raise the account's limit of connections";
    case ServerRefusal::restricted:
    case ServerRefusal::other:
      return "nats-server's log says more";
    case ServerRefusal::seal:
      return "compare `callout.xkey` with nats-server's xkey (credgate doctor)";
  }
  return {};
}

}  // namespace gateway
