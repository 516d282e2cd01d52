#include "auth/nats/creds_file.h"

namespace auth {
namespace {

constexpr std::string_view kJwtBegin = "-----BEGIN NATS USER JWT-----";
constexpr std::string_view kSeedBegin = "-----BEGIN USER NKEY SEED-----";

// The one line after `begin`, which a line of dashes ends. (The dashes of the END lines are six.)
std::optional<std::string_view> block(std::string_view text, std::string_view begin) {
  const auto at = text.find(begin);
  if (at == text.npos) return std::nullopt;
  std::string_view rest = text.substr(at + begin.size());
  const auto start = rest.find_first_not_of("\r\n");
  if (start == rest.npos || start == 0) return std::nullopt;
  rest.remove_prefix(start);
  const auto end = rest.find_first_of("\r\n");
  if (end == rest.npos) return std::nullopt;
  const std::string_view after = rest.substr(end);
  const auto next = after.find_first_not_of("\r\n");
  if (next == after.npos || !after.substr(next).starts_with("---")) return std::nullopt;
  return rest.substr(0, end);
}

}  // namespace

std::optional<Creds> read_creds(std::string_view text) {
  if (text.size() > kMaxCredsBytes) return std::nullopt;
  const auto jwt = block(text, kJwtBegin);
  const auto seed = block(text, kSeedBegin);
  if (!jwt || !seed) return std::nullopt;
  auto key = read_seed(*seed);
  if (!key || key->public_key().prefix != Prefix::user) return std::nullopt;
  return Creds{std::string(*jwt), std::move(*key)};
}

SecretText write_creds(std::string_view user_jwt, const KeyPair& key) {
  const SecretText seed = key.seed();
  std::string text;
  text.reserve(user_jwt.size() + 1024);  // grown, it would leave the seed behind
  text += kJwtBegin;
  text += '\n';
  text += user_jwt;
  text +=
      "\n------END NATS USER JWT------\n\n"
      "************************* IMPORTANT *************************\n"
      "NKEY Seed printed below can be used to sign and prove identity.\n"
      "NKEYs are sensitive and should be treated as secrets.\n\n";
  text += kSeedBegin;
  text += '\n';
  text += seed.view();
  text +=
      "\n------END USER NKEY SEED------\n\n"
      "*************************************************************\n";
  SecretText creds{text};
  wipe(text.data(), text.size());
  return creds;
}

}  // namespace auth
