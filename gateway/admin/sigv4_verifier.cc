#include "gateway/admin/sigv4_verifier.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "auth/base/json.h"
#include "auth/credential/credential_json.h"
#include "gateway/admin/operation_error.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

using auth::Deny;
using Json = nlohmann::ordered_json;

// A verdict that is used again for longer would outlive what a proxy did not hear of.
constexpr std::chrono::seconds kMaxReuse{60};

std::string written(const Json& json) {
  return auth::write_line(json);
}

// Those of its roles too.
auth::Rights capabilities_of(const Decision& decision) {
  auth::Rights all = *decision.credential;
  for (const auth::Role& role : decision.roles) {
    all.publish |= role.publish;
    all.receive |= role.receive;
    all.manage |= role.manage;
  }
  return all;
}

std::string allowed(const Decision& decision, std::chrono::seconds valid_for) {
  const auth::Credential& c = *decision.credential;
  const auth::Grant& grant = *decision.verdict;
  return written({{"allow", true},
                  {"credential", c.id},
                  {"name", c.name},
                  {"account", grant.account},
                  {"capabilities", auth::write_capabilities(capabilities_of(decision))},
                  {"permissions", auth::write_json(grant.permissions)},
                  {"inbox_prefix", auth::inbox_prefix(c)},
                  {"connect", c.sigv4_connect},
                  {"revision", c.revision},
                  {"valid_for", valid_for.count()}});
}

// What was signed is told, as AWS does it, to whoever looks for the difference: it is made of the
// request alone.
std::string refused(Deny why, const auth::SigV4Proof* proof) {
  Json json = {{"allow", false}, {"reason", name(why)}};
  if (why == Deny::bad_proof && proof != nullptr) {
    const std::string canonical = auth::canonical_request(proof->head, proof->evidence);
    json["string_to_sign"] = auth::string_to_sign(proof->evidence, canonical);
    json["canonical_request"] = canonical;
  }
  return written(json);
}

// How long a proxy may use the verdict again without asking.
std::chrono::seconds valid_for(const Decision& decision, const auth::SigV4Proof& proof,
                               auth::Time now) {
  auto duration = std::min(kMaxReuse, valid_until(proof.evidence) - now);
  if (const auto until = decision.verdict->until) duration = std::min(duration, *until - now);
  return duration;
}

}  // namespace

SigV4Verifier::SigV4Verifier(const Decider& decider, Rehash rehash, Counters& counters,
                             DecisionSink& sink)
    : decider_(decider), rehash_(std::move(rehash)), counters_(counters), sink_(sink) {}

std::string SigV4Verifier::answer(std::string_view question, const std::string& asker) const {
  const auto began = std::chrono::steady_clock::now();
  const auth::Time now = now_in_seconds();
  auto request = auth::read_sigv4_request(question);
  if (!request) {
    const auth::Invalid& wrong = request.error();
    throw OperationError(
        Code::usage, (wrong.field.empty() ? "the body" : wrong.field + ":") + " " + wrong.message);
  }
  const std::string source = request->source;
  const auto identity = auth::identify(std::move(*request));
  const Attempt attempt{.identity = identity, .source = source};
  const Decision decision = decider_.decide(attempt, now);

  std::string text;
  if (decision.granted()) {
    const auto& proof = std::get<auth::SigV4Proof>(identity->proof);
    if (auto rehash = Decider::rehash(decision, attempt)) rehash_(decision.id, std::move(*rehash));
    text = allowed(decision, valid_for(decision, proof, now));
  } else {
    const auto* proof = identity ? std::get_if<auth::SigV4Proof>(&identity->proof) : nullptr;
    text = refused(decision.verdict.error(), proof);
  }
  record(decision, source, asker, now);
  counters_.sigv4.add(std::chrono::steady_clock::now() - began);
  return text;
}

void SigV4Verifier::record(const Decision& decision, const std::string& source,
                           const std::string& asker, auth::Time now) const {
  const bool allow = decision.granted();
  const Deny why = allow ? Deny::internal : decision.verdict.error();
  ++(allow ? counters_.sigv4_allowed : counters_.sigv4_denied.at(static_cast<std::size_t>(why)));
  DecisionEvent event{.at = now,
                      .granted = allow,
                      .reason = allow ? "" : std::string(name(why)),
                      .detail = std::string(name(decision.detail)),
                      .id = decision.id,
                      .name = decision.credential ? decision.credential->name : "",
                      .account = allow ? decision.verdict->account : "",
                      .source = source,
                      .type = "sigv4",
                      .client = asker,
                      .server = ""};
  // A grant is in the proxy's own log.
  if (!allow) log_decision(event, "");
  sink_.push(std::move(event));
}

}  // namespace gateway
