#include "auth/presented.h"

#include <algorithm>

#include "auth/base64.h"

namespace auth {
namespace {

// Go, C, Java and Rust clients write base64url, Python and JavaScript ones padded base64. The two
// never spell different signatures alike: 64 bytes need padding in one and may not have it in the
// other.
std::optional<Signature> read_signature(std::string_view text) {
  constexpr std::size_t kLongest = 88;
  if (text.size() > kLongest) return std::nullopt;
  auto bytes = read_base64url(text);
  if (!bytes) bytes = read_base64(text);
  if (!bytes || bytes->size() != Signature{}.size()) return std::nullopt;
  Signature signature{};
  std::ranges::copy(*bytes, signature.begin());
  return signature;
}

// Without a nonce from the server a signature proves nothing: the client signed an empty text, and
// anyone who ever saw that signature has it too.
Result<Presented, Deny> presented_nkey(const Request& request) {
  if (request.connect.sig.empty() || request.client.nonce.empty()) return Deny::no_proof;
  const auto key = read_public_key(request.connect.nkey, Prefix::user);
  const auto signature = read_signature(request.connect.sig);
  if (!key || !signature) return Deny::malformed;
  return Presented{.kind = Kind::nkey,
                   .login = request.connect.nkey,
                   .proof = SignatureProof{*key, request.client.nonce, *signature}};
}

}  // namespace

Result<Presented, Deny> presented(const Request& request) {
  const ConnectOptions& connect = request.connect;
  if (!connect.nkey.empty()) return presented_nkey(request);
  if (!connect.user.empty() && !connect.pass.empty()) {
    if (!has_id_form(connect.user)) return Deny::unknown_credential;
    return Presented{
        .kind = Kind::key, .login = connect.user, .proof = SecretProof{connect.pass.view()}};
  }
  // A `user` alone is a token too: so clients read "nats://token@host".
  if (!connect.auth_token.empty() || !connect.user.empty()) return Deny::unknown_credential;
  return Deny::no_proof;
}

}  // namespace auth
