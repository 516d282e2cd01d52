#include "gateway/admin/operations/confined.h"

#include <algorithm>
#include <optional>

#include "auth/base/base64.h"
#include "auth/nats/nkey.h"

namespace gateway::operations {
namespace {

using auth::Credential;

void check_login(const OperationContext& context, const std::string& login,
                 const Credential* before) {
  const bool had_it =
      before != nullptr && std::ranges::find(before->secrets, login, &auth::StoredSecret::login) !=
                               before->secrets.end();
  const std::string prefix = own_prefix(*context.account);
  if (login.empty() || had_it || login.starts_with(prefix)) return;
  throw OperationError(Code::refused, "proof.login: must begin with \"" + prefix +
                                          "\", as user names of all accounts are one set; for "
                                          "another, ask who manages every account");
}

std::optional<auth::Signature> read_signature(const std::string& text) {
  const auto bytes = auth::read_base64url(text);
  auth::Signature signature{};
  if (!bytes || bytes->size() != signature.size()) return std::nullopt;
  std::ranges::copy(*bytes, signature.begin());
  return signature;
}

void check_public_key(const OperationContext& context, const ProofRequest& request) {
  const auto key = auth::read_public_key(request.public_key, auth::Prefix::user);
  if (!key) return;  // make_proof() says what is wrong with it
  const auto signature = read_signature(request.signature);
  const std::string text = registration_text(*context.account, request.public_key);
  if (signature && auth::verify(*key, text, *signature)) return;
  throw OperationError(
      Code::refused,
      "proof.signature: must be the signature of this key, in base64url, over \"" + text +
          "\": it shows that the key is the client's; or leave proof.public_key out, and a key is "
          "generated");
}

}  // namespace

std::string own_prefix(const std::string& account) {
  return account + ".";
}

std::string default_login(const OperationContext& context, const std::string& name) {
  if (!context.confined()) return name;
  const std::string prefix = own_prefix(*context.account);
  return name.starts_with(prefix) ? name : prefix + name;
}

std::string registration_text(const std::string& account, const std::string& public_key) {
  return "credgate.v1 register " + account + " " + public_key;
}

void check_registration(const OperationContext& context, const ProofRequest& request,
                        const Credential& credential, const Credential* before) {
  if (!context.confined()) return;
  if (credential.kind == auth::Kind::password) check_login(context, request.login, before);
  if (credential.kind == auth::Kind::nkey && !request.public_key.empty())
    check_public_key(context, request);
  if (credential.kind != auth::Kind::cert) return;
  throw OperationError(Code::refused,
                       "kind cert: a certificate is public, so only who manages every account "
                       "registers it: on a subject without an account, or by a local command");
}

void refuse(const OperationContext& context, const store::Refused& refused) {
  const bool hidden =
      context.confined() && !refused.holder.empty() && !get_credential(context, refused.holder);
  if (!hidden) fail(refused);
  throw OperationError(Code::conflict, "this login is or was registered; use another");
}

}  // namespace gateway::operations
