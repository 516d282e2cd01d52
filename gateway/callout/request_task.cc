#include "gateway/callout/request_task.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "gateway/platform/random.h"

namespace gateway {
namespace {

using auth::Drop;
using auth::Result;

// A service import of the callout account could carry the request's subject too; only a server's
// own inbox counts.
constexpr std::string_view kReplyPrefix = "$SYS._INBOX.";
constexpr std::size_t kServerXkeys = 16;

}  // namespace

bool RequestTask::slow() const {
  return identity && std::holds_alternative<auth::PasswordProof>(identity->proof);
}

std::optional<Guess> RequestTask::guess() const {
  if (!identity) return std::nullopt;
  const auth::Login& login = identity->logins.front();
  const bool token =
      std::holds_alternative<auth::LoginProof>(identity->proof) && login.kind == auth::Kind::token;
  if (!token && !slow()) return std::nullopt;
  return Guess{auth::read_address(request->client.host).value_or(auth::Address{}), token,
               login.text};
}

std::chrono::seconds RequestTask::timeout() const {
  return std::clamp<std::chrono::seconds>(request->expires_at - request->issued_at, kMinTimeout,
                                          kMaxTimeout);
}

CalloutCodec::CalloutCodec(const Keys& keys, const CurrentRules& rules)
    : keys_(keys),
      rules_(rules),
      expected_issuers_(keys.expected_issuers()),
      shared_keys_(keys.xkeys.begin(), keys.xkeys.end()) {}

std::optional<auth::PublicKey> CalloutCodec::read_xkey(std::string_view text) {
  const auto known = std::ranges::find(server_xkeys_, text, &ServerXkey::text);
  if (known != server_xkeys_.end()) return known->key;
  const auto key = auth::read_public_key(text, auth::Prefix::curve);
  if (!key) return std::nullopt;
  if (server_xkeys_.size() == kServerXkeys) server_xkeys_.erase(server_xkeys_.begin());
  server_xkeys_.push_back({std::string(text), *key});
  return key;
}

Result<CalloutCodec::Unsealed, Drop> CalloutCodec::unseal(const CalloutMessage& message,
                                                          const Rules& rules, auth::Time now) {
  if (!message.reply.starts_with(kReplyPrefix)) return Drop::bad_reply_subject;
  auth::Expected expected{
      .issuers = expected_issuers_, .sealed_by = std::nullopt, .now = now, .leeway = rules.leeway};
  const auto read = [&](std::string_view text, std::size_t xkey) -> Result<Unsealed, Drop> {
    auto request = auth::read_request(text, expected);
    if (!request) return request.error();
    return Unsealed{std::move(*request), xkey};
  };
  const bool sealed = message.data.starts_with(auth::kSealPrefix);
  if (shared_keys_.empty()) return sealed ? Drop::bad_seal : read(message.data, 0);
  if (!sealed) return Drop::not_sealed;
  expected.sealed_by = read_xkey(message.server_xkey);
  if (!expected.sealed_by) return Drop::bad_seal;
  // While servers are moved from one xkey to another, both are in use.
  Drop why = Drop::bad_seal;
  for (std::size_t xkey = 0; xkey < shared_keys_.size(); ++xkey) {
    const auto text = auth::unseal_request(message.data, *expected.sealed_by, shared_keys_[xkey]);
    if (text) return read(text->view(), xkey);
    why = text.error();
  }
  return why;
}

Result<RequestTask, Drop> CalloutCodec::read(const CalloutMessage& message, auth::Time now) {
  const std::shared_ptr<const Rules> rules = rules_.load();
  auto unsealed = unseal(message, *rules, now);
  if (!unsealed) return unsealed.error();
  RequestTask task{.request = std::make_unique<const auth::Request>(std::move(unsealed->request)),
                   .identity = auth::Denial{auth::Deny::internal},
                   .reply = {.subject = std::string(message.reply), .path = message.path},
                   .xkey = unsealed->xkey,
                   .arrived = message.arrived};
  task.identity = rules->judge.identify(*task.request);
  return task;
}

auth::PeekedRequest CalloutCodec::peek(const CalloutMessage& message) {
  if (!message.data.starts_with(auth::kSealPrefix)) return auth::peek_request(message.data);
  const auto server = read_xkey(message.server_xkey);
  if (!server) return {};
  for (auth::SharedKeys& keys : shared_keys_) {
    const auth::SharedKey* key = keys.with(*server);
    if (key == nullptr) return {};
    const auto text = key->open_beginning(message.data, auth::kPeekedText);
    auto peeked = auth::peek_request(text.view());
    if (peeked.timeout) return peeked;  // another key gives no JWT
  }
  return {};
}

std::string CalloutCodec::write(const RequestTask& task,
                                const Result<auth::Grant, auth::Deny>& verdict, auth::Time now) {
  const auth::Request& request = *task.request;
  const auth::Signer callout = keys_.callout_signer(request.issuer);
  std::string text = verdict ? auth::write_grant(request, *verdict, now, callout,
                                                 keys_.target(verdict->account, request.issuer))
                             : auth::write_refusal(request, now, callout);
  if (shared_keys_.empty()) return text;
  return shared_keys_.at(task.xkey)
      .with(*request.server.xkey)
      ->seal(text, random_bytes<auth::kSealNonceBytes>());
}

}  // namespace gateway
