#include "auth/nats/jwt.h"

#include "auth/base/base64.h"
#include "auth/base/json.h"

namespace auth {
namespace {

constexpr std::string_view kUsualHeader = "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ";
constexpr std::size_t kMaxHeaderChars = 256;

bool equal_in_any_case(std::string_view text, std::string_view lower) {
  const auto to_lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(text, lower, {}, to_lower);
}

bool good_header(std::string_view text) {
  if (text == kUsualHeader) return true;  // in practice always: nothing to decode
  if (text.size() > kMaxHeaderChars) return false;
  const auto bytes = read_base64url(text);
  if (!bytes) return false;
  const auto header = read_json_object(text_of(*bytes));
  if (!header) return false;
  const std::string alg = string_at(*header, "alg");
  return equal_in_any_case(string_at(*header, "typ"), "jwt") &&
         (equal_in_any_case(alg, "ed25519-nkey") || equal_in_any_case(alg, "ed25519"));
}

std::optional<Signature> read_jwt_signature(std::string_view text) {
  const auto bytes = read_base64url(text);
  Signature signature{};
  if (!bytes || bytes->size() != signature.size()) return std::nullopt;
  std::ranges::copy(*bytes, signature.begin());
  return signature;
}

}  // namespace

std::optional<Jwt> read_jwt(std::string_view text) {
  // Any further dot falls into a part, where it is not a base64.
  const auto first = text.find('.');
  const auto last = text.rfind('.');
  if (first == last || !good_header(text.substr(0, first))) return std::nullopt;
  const auto signature = read_jwt_signature(text.substr(last + 1));
  if (!signature) return std::nullopt;
  auto claims = read_base64url(text.substr(first + 1, last - first - 1));
  if (!claims) return std::nullopt;
  Jwt jwt{
      .claims = SecretText{text_of(*claims)},
      .signed_part = text.substr(0, last),
      .signature = *signature,
  };
  wipe(claims->data(), claims->size());
  return jwt;
}

bool verify(const Jwt& jwt, const PublicKey& issuer) {
  return verify(issuer, jwt.signed_part, jwt.signature);
}

nlohmann::json write_subject_lists(const SubjectLists& lists) {
  if (lists.allow.empty()) return {{"deny", Json::array({">"})}};
  Json json = {{"allow", lists.allow}};
  if (!lists.deny.empty()) json["deny"] = lists.deny;
  return json;
}

std::string write_jwt(std::string_view claims, const KeyPair& issuer) {
  std::string token{kUsualHeader};
  token += '.';
  token += write_base64url(bytes_of(claims));
  const Signature signature = issuer.sign(token);
  token += '.';
  token += write_base64url(signature);
  return token;
}

}  // namespace auth
