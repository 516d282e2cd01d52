#include "gateway/responder.h"

#include <exception>
#include <optional>
#include <utility>

#include "auth/presented.h"
#include "gateway/log.h"

namespace gateway {
namespace {

using auth::Deny;
using auth::Drop;
using auth::Request;
using auth::Result;

constexpr std::string_view kReplyPrefix = "$SYS._INBOX.";

auth::Time clock_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string microseconds_since(std::chrono::steady_clock::time_point began) {
  const auto span = std::chrono::steady_clock::now() - began;
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(span).count());
}

}  // namespace

Responder::Responder(const Keys& keys, const Records& records, const CurrentRules& rules,
                     Counters& counters, Kick kick)
    : keys_(keys),
      records_(records),
      rules_(rules),
      counters_(counters),
      kick_(std::move(kick)),
      issuer_(keys.issuer.public_key()),
      shared_keys_(keys.xkey ? std::make_unique<auth::SharedKeys>(*keys.xkey) : nullptr) {}

Result<Request, Drop> Responder::open(const Envelope& envelope, const Rules& rules,
                                      auth::Time now) {
  // A service import of ours could carry the request's subject too; only servers' own inboxes
  // count.
  if (!envelope.reply.starts_with(kReplyPrefix)) return Drop::bad_reply_subject;
  auth::Expected expected{
      .issuers = {&issuer_, 1}, .sealed_by = std::nullopt, .now = now, .leeway = rules.leeway};
  const bool sealed = envelope.data.starts_with(auth::kSealPrefix);
  if (!shared_keys_) {
    if (sealed) return Drop::bad_seal;
    return auth::read_request(envelope.data, expected);
  }
  if (!sealed) return Drop::not_sealed;
  expected.sealed_by = auth::read_public_key(envelope.server_xkey, auth::Prefix::curve);
  if (!expected.sealed_by) return Drop::bad_seal;
  const auto text = auth::unseal_request(envelope.data, *expected.sealed_by, *shared_keys_);
  if (!text) return text.error();
  return auth::read_request(text->view(), expected);
}

Responder::Judged Responder::judge(const Request& request, const auth::Judge& by,
                                   auth::Time now) const {
  Judged judged;
  const auto presented = auth::presented(request);
  if (!presented) {
    judged.verdict = presented.error();
    return judged;
  }
  judged.id = presented->login;
  try {
    const store::Found found = records_.find(presented->kind, presented->login);
    judged.txn = found.txn;
    if (found.credential) {
      judged.id = found.credential->id;
      judged.name = found.credential->name;
      judged.revision = found.credential->revision;
    }
    judged.verdict = by.decide(request, *presented, found.credential, now);
  } catch (const store::Damaged& damaged) {
    judged.id = damaged.id();
    log(Level::error, "damaged", {{"id", damaged.id()}, {"error", damaged.what()}});
  }
  return judged;
}

std::string Responder::answer(const Request& request, const Judged& judged, auth::Time now) {
  std::string text = judged.verdict ? auth::write_grant(request, *judged.verdict, now, keys_.issuer)
                                    : auth::write_refusal(request, now, keys_.issuer);
  if (!shared_keys_) return text;
  return shared_keys_->with(*request.server.xkey)
      ->seal(text, random_bytes<auth::kSealNonceBytes>());
}

// A change that was committed after the lookup did not see this connection, and this decision did
// not see the change. The answer is already out, so what would be judged otherwise now is closed
// again.
void Responder::look_again(const Request& request, const Judged& judged, const auth::Judge& by,
                           auth::Time now) const {
  if (!judged.verdict) return;
  const Connected connection{write_public_key(request.server.id), request.client.id, judged.id};
  try {
    if (records_.last_txn() == judged.txn) return;
    const Judged again = judge(request, by, now);
    if (!again.verdict || again.revision != judged.revision) kick_(connection);
  } catch (const std::exception&) {
    kick_(connection);  // what cannot be looked at is not let in
    throw;
  }
}

void Responder::decide(const Envelope& envelope, const Reply& reply) {
  const auto began = std::chrono::steady_clock::now();
  const auth::Time now = clock_now();
  const std::shared_ptr<const Rules> rules = rules_.load();
  const auto request = open(envelope, *rules, now);
  if (!request) {
    ++counters_.dropped.at(static_cast<std::size_t>(request.error()));
    log(Level::warning, "dropped", {{"reason", std::string(name(request.error()))}});
    return;
  }
  const Judged judged = judge(*request, rules->judge, now);
  reply(envelope.reply, answer(*request, judged, now));
  look_again(*request, judged, rules->judge, now);

  ++(judged.verdict ? counters_.granted : counters_.denied);
  log(Level::info, judged.verdict ? "granted" : "denied",
      {{"reason", judged.verdict ? "" : std::string(name(judged.verdict.error()))},
       {"id", judged.id},
       {"name", judged.name},
       {"account", judged.verdict ? judged.verdict->account : ""},
       {"source", request->client.host},
       {"type", request->client.kind == "Leafnode" ? "leafnode" : request->client.type},
       {"client", request->client.name},
       {"server", request->server.name},
       {"cid", std::to_string(request->client.id)},
       {"us", microseconds_since(began)}});
}

void Responder::handle(const Envelope& envelope, const Reply& reply) noexcept {
  try {
    decide(envelope, reply);
  } catch (const std::exception& fault) {
    ++counters_.faults;
    log(Level::error, "fault", {{"error", fault.what()}});
  }
}

}  // namespace gateway
