#include "gateway/callout/decider.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "auth/decision/probe_credential.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

using auth::Deny;
using auth::Drop;
using auth::Request;
using auth::Result;

constexpr std::string_view kReplyPrefix = "$SYS._INBOX.";

std::string microseconds(std::chrono::steady_clock::duration span) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(span).count());
}

// For the log. The login of an opaque token is made of the token, and says nothing to anyone.
std::string shown(const auth::Login& login) {
  const bool opaque = login.kind == auth::Kind::token && !auth::has_id_form(login.text);
  return opaque ? "" : login.text;
}

// Its key is public: whoever only shows it is a stranger like others, and counted.
bool is_probe(const std::optional<auth::Credential>& credential,
              const std::optional<std::size_t>& proved) {
  return proved && credential && credential->id == auth::kProbeId;
}

}  // namespace

bool RequestTask::slow() const {
  return presented && std::holds_alternative<auth::PasswordProof>(presented->proof);
}

std::optional<Guess> RequestTask::guess() const {
  if (!presented) return std::nullopt;
  const auth::Login& login = presented->logins.front();
  const bool token =
      std::holds_alternative<auth::LoginProof>(presented->proof) && login.kind == auth::Kind::token;
  if (!token && !slow()) return std::nullopt;
  return Guess{auth::read_address(request->client.host).value_or(auth::Address{}), token,
               login.text};
}

std::chrono::seconds RequestTask::patience() const {
  using namespace std::chrono_literals;
  // The server counts in whole seconds, and may have begun up to one before.
  return std::clamp<std::chrono::seconds>(request->expires_at - request->issued_at, 1s, 60s);
}

Decider::Decider(const Keys& keys, const CredentialSource& source, const CurrentRules& rules,
                 const Notes& notes, DecisionHooks hooks)
    : keys_(keys),
      source_(source),
      rules_(rules),
      counters_(notes.counters),
      server_timeout_(notes.server_timeout),
      hooks_(std::move(hooks)),
      expected_issuers_(keys.expected_issuers()),
      shared_keys_(keys.xkeys.begin(), keys.xkeys.end()) {}

Result<Decider::Opened, Drop> Decider::unseal_and_read(const CalloutMessage& envelope,
                                                       const Rules& rules, auth::Time now) {
  // A service import of ours could carry the request's subject too; only servers' own inboxes
  // count.
  if (!envelope.reply.starts_with(kReplyPrefix)) return Drop::bad_reply_subject;
  auth::Expected expected{
      .issuers = expected_issuers_, .sealed_by = std::nullopt, .now = now, .leeway = rules.leeway};
  const auto read = [&](std::string_view text, std::size_t xkey) -> Result<Opened, Drop> {
    auto request = auth::read_request(text, expected);
    if (!request) return request.error();
    return Opened{std::move(*request), xkey};
  };
  const bool sealed = envelope.data.starts_with(auth::kSealPrefix);
  if (shared_keys_.empty()) return sealed ? Drop::bad_seal : read(envelope.data, 0);
  if (!sealed) return Drop::not_sealed;
  expected.sealed_by = auth::read_public_key(envelope.server_xkey, auth::Prefix::curve);
  if (!expected.sealed_by) return Drop::bad_seal;
  // While servers are moved from one xkey to another, both are in use.
  Drop why = Drop::bad_seal;
  for (std::size_t xkey = 0; xkey < shared_keys_.size(); ++xkey) {
    const auto text = auth::unseal_request(envelope.data, *expected.sealed_by, shared_keys_[xkey]);
    if (text) return read(text->view(), xkey);
    why = text.error();
  }
  return why;
}

std::optional<RequestTask> Decider::open(const CalloutMessage& envelope) noexcept {
  try {
    const auto arrived = std::chrono::steady_clock::now();
    const std::shared_ptr<const Rules> rules = rules_.load();
    auto opened = unseal_and_read(envelope, *rules, now_in_seconds());
    if (!opened) {
      ++counters_.dropped.at(static_cast<std::size_t>(opened.error()));
      log(Level::warning, "dropped", {{"reason", std::string(name(opened.error()))}});
      return std::nullopt;
    }
    RequestTask task{.request = std::make_unique<const Request>(std::move(opened->request)),
                     .presented = Deny::internal,
                     .reply = std::string(envelope.reply),
                     .xkey = opened->xkey,
                     .arrived = arrived};
    task.presented = rules->judge.identify(*task.request);
    server_timeout_.observe(task.patience());
    return task;
  } catch (const std::exception& fault) {
    ++counters_.faults;
    log(Level::error, "fault", {{"error", fault.what()}});
    return std::nullopt;
  }
}

// By the first of the logins that leads to a credential. The state of the store is that of the
// first look: what was committed since then is looked at again.
store::Found Decider::find(const auth::Identity& presented) const {
  store::Found found;
  for (const auth::Login& login : presented.logins) {
    store::Found next = source_.find(login.kind, login.text);
    if (found.txn == 0) found.txn = next.txn;
    found.credential = std::move(next.credential);
    if (found.credential) break;
  }
  return found;
}

Decider::Judged Decider::judge(const RequestTask& task, const auth::Judge& by,
                               auth::Time now) const {
  Judged judged;
  if (!task.presented) {
    judged.verdict = task.presented.error();
    return judged;
  }
  judged.id = shown(task.presented->logins.front());
  try {
    store::Found found = find(*task.presented);
    judged.txn = found.txn;
    auto decision = by.decide(*task.request, *task.presented, found.credential, now);
    judged.verdict = std::move(decision.verdict);
    judged.secret = decision.secret;
    if (found.credential) judged.id = found.credential->id;
    judged.credential = std::move(found.credential);
  } catch (const store::Damaged& damaged) {
    judged.id = damaged.id();
    log(Level::error, "damaged", {{"id", damaged.id()}, {"error", damaged.what()}});
  }
  return judged;
}

std::string Decider::answer(const RequestTask& task, const Judged& judged, auth::Time now) {
  const Request& request = *task.request;
  const auth::Signer callout = keys_.callout_signer(request.issuer);
  std::string text = judged.verdict
                         ? auth::write_grant(request, *judged.verdict, now, callout,
                                             keys_.target(judged.verdict->account, request.issuer))
                         : auth::write_refusal(request, now, callout);
  if (shared_keys_.empty()) return text;
  return shared_keys_.at(task.xkey)
      .with(*request.server.xkey)
      ->seal(text, random_bytes<auth::kSealNonceBytes>());
}

Session Decider::connection_of(const RequestTask& task, const Judged& judged) const {
  return {write_public_key(task.request->server.id), task.request->client.id, judged.id,
          now_in_microseconds(), task.request->client.kind == "Leafnode"};
}

// A change that was committed after the lookup did not see this connection, and this decision did
// not see the change. The answer is already out, so what would be judged otherwise now is closed
// again.
void Decider::look_again(const RequestTask& task, const Judged& judged, const auth::Judge& by,
                         auth::Time now) const {
  if (!judged.verdict) return;
  try {
    if (source_.last_txn() == judged.txn) return;
    // Most commits are other credentials' affair, and a password need not be hashed again for them.
    if (find(*task.presented).credential == judged.credential) return;
    const Judged again = judge(task, by, now);
    if (!again.verdict || *again.verdict != *judged.verdict)
      hooks_.close(connection_of(task, judged));
  } catch (const std::exception&) {
    hooks_.close(connection_of(task, judged));  // what cannot be looked at is not let in
    throw;
  }
}

void Decider::rehash(const RequestTask& task, const Judged& judged, const auth::Judge& by) const {
  if (!judged.verdict) return;
  auto rehash = by.rehash(*task.presented, *judged.credential,
                          judged.credential->secrets.at(*judged.secret), random_bytes<24>());
  if (rehash) source_.rehash(judged.id, std::move(*rehash));
}

void Decider::note(const RequestTask& task, const Judged& judged) {
  if (is_probe(judged.credential, judged.secret)) {
    return hooks_.probed(judged.verdict ? std::nullopt : std::optional{judged.verdict.error()});
  }
  const auto kind =
      task.presented ? std::optional{task.presented->logins.front().kind} : std::nullopt;
  CountByKind& counts =
      judged.verdict ? counters_.granted_of
                     : counters_.denied_for.at(static_cast<std::size_t>(judged.verdict.error()));
  ++counts.at(Counters::index(kind));
  (task.slow() ? counters_.decided_password : counters_.decided).add(task.waited());
  if (task.late()) ++counters_.late;
  log_decision(task, judged);
}

// A fault says nothing of the proof; and one that fits, of a login that may not be used, is neither
// a error nor a reason to prefer it.
void Decider::note_guess(const RequestTask& task, const Judged& judged) const {
  const bool granted = static_cast<bool>(judged.verdict);
  const bool failed = !granted && !judged.secret && judged.verdict.error() != Deny::internal;
  if (!granted && !failed) return;
  if (const auto guess = task.guess()) hooks_.guessed(*guess, granted);
}

void Decider::log_decision(const RequestTask& task, const Judged& judged) {
  const auto& request = *task.request;
  const DecisionEvent decided{
      .at = now_in_seconds(),
      .granted = static_cast<bool>(judged.verdict),
      .reason = judged.verdict ? "" : std::string(name(judged.verdict.error())),
      .id = judged.id,
      .name = judged.credential ? judged.credential->name : "",
      .account = judged.verdict ? judged.verdict->account : "",
      .source = request.client.host,
      .type = request.client.kind == "Leafnode" ? "leafnode" : request.client.type,
      .client = request.client.name,
      .server = request.server.name,
      .cid = request.client.id};
  log_decision_event(decided, microseconds(task.waited()));
  hooks_.decided(decided);
}

// What depends on the connections before it, and is asked last: it counts this one.
std::optional<Deny> Decider::let_through(const RequestTask& task, const Judged& judged) const {
  if (const auto* proof = std::get_if<auth::SigV4Proof>(&task.presented->proof)) {
    if (const auto deny = hooks_.consume(proof->evidence)) return deny;
  }
  if (hooks_.opened(connection_of(task, judged), judged.credential->max_sessions)) {
    return std::nullopt;
  }
  return Deny::too_many_sessions;
}

void Decider::decide(const RequestTask& task, const Reply& reply) noexcept {
  try {
    const auth::Time now = now_in_seconds();
    const std::shared_ptr<const Rules> rules = rules_.load();
    Judged judged = judge(task, rules->judge, now);
    note_guess(task, judged);
    const bool late = task.late();
    if (late && judged.verdict) judged.verdict = Deny::overloaded;
    if (judged.verdict && !is_probe(judged.credential, judged.secret)) {
      if (const auto deny = let_through(task, judged)) judged.verdict = *deny;
    }
    if (!late) reply(task, answer(task, judged, now), static_cast<bool>(judged.verdict));
    look_again(task, judged, rules->judge, now);  // before anything that may wait or fail
    note(task, judged);
    rehash(task, judged, rules->judge);
  } catch (const std::exception& fault) {
    ++counters_.faults;
    log(Level::error, "fault", {{"error", fault.what()}});
  }
}

void Decider::refuse(const RequestTask& task, Deny why, const Reply& reply) noexcept {
  try {
    Judged judged;
    judged.verdict = why;
    if (task.presented) judged.id = shown(task.presented->logins.front());
    if (!task.late()) reply(task, answer(task, judged, now_in_seconds()), false);
    note(task, judged);
  } catch (const std::exception& fault) {
    ++counters_.faults;
    log(Level::error, "fault", {{"error", fault.what()}});
  }
}

}  // namespace gateway
