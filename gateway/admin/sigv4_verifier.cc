#include "gateway/admin/sigv4_verifier.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "auth/credential/credential_json.h"
#include "gateway/admin/operation_error.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

using auth::Deny;
using VerdictJson = nlohmann::ordered_json;

// A verdict that is used again for longer would outlive what a proxy did not hear of.
constexpr std::chrono::seconds kMostReuse{60};

std::string written(const VerdictJson& json) {
  return json.dump(-1, ' ', false, VerdictJson::error_handler_t::replace);
}

std::string allowed(const auth::Credential& c, const auth::Grant& grant,
                    std::chrono::seconds valid_for) {
  return written({{"allow", true},
                  {"credential", c.id},
                  {"name", c.name},
                  {"account", grant.account},
                  {"capabilities", auth::write_capabilities(c)},
                  {"permissions", auth::write_json(grant.permissions)},
                  {"inbox_prefix", auth::inbox_prefix(c)},
                  {"connect", c.sigv4_connect},
                  {"revision", c.revision},
                  {"valid_for", valid_for.count()}});
}

// What was signed is told, as AWS does it, to whoever looks for the difference: it is made of the
// request alone.
std::string refused(Deny why, const auth::SigV4Proof* proof) {
  VerdictJson json = {{"allow", false}, {"reason", name(why)}};
  if (why == Deny::bad_proof && proof != nullptr) {
    const std::string canonical = auth::canonical_request(proof->head, proof->evidence);
    json["string_to_sign"] = auth::string_to_sign(proof->evidence, canonical);
    json["canonical_request"] = canonical;
  }
  return written(json);
}

}  // namespace

SigV4Verifier::SigV4Verifier(const CredentialSource& source, const CurrentRules& rules,
                             Counters& counters, std::function<void(const DecisionEvent&)> told)
    : source_(source), rules_(rules), counters_(counters), told_(std::move(told)) {}

void SigV4Verifier::rehash(const auth::Judge& judge, const auth::Identity& presented,
                           const auth::Credential& credential, std::size_t secret) const {
  auto rehash =
      judge.rehash(presented, credential, credential.secrets.at(secret), random_bytes<24>());
  if (rehash) source_.rehash(credential.id, std::move(*rehash));
}

SigV4Verifier::Verdict SigV4Verifier::judge(const auth::Result<auth::Identity, Deny>& presented,
                                            std::string_view source, auth::Time now) const {
  Verdict verdict;
  if (!presented) {
    verdict.grant = presented.error();
    return verdict;
  }
  const std::shared_ptr<const Rules> rules = rules_.load();
  const auto& proof = std::get<auth::SigV4Proof>(presented->proof);
  try {
    verdict.credential = source_.find(auth::Kind::key, proof.evidence.access_key).credential;
  } catch (const store::Damaged& damaged) {
    log(Level::error, "damaged", {{"id", damaged.id()}, {"error", damaged.what()}});
    return verdict;
  }
  auto decision = rules->judge.decide(*presented, source, verdict.credential, now);
  verdict.grant = std::move(decision.verdict);
  if (!verdict.grant) return verdict;
  rehash(rules->judge, *presented, *verdict.credential, *decision.secret);
  verdict.valid_for = std::min(kMostReuse, valid_until(proof.evidence) - now);
  if (const auto until = verdict.grant->until) {
    verdict.valid_for = std::min(verdict.valid_for, *until - now);
  }
  return verdict;
}

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
  const auto presented = auth::identify(std::move(*request));
  const Verdict verdict = judge(presented, source, now);

  const auto* proof = presented ? std::get_if<auth::SigV4Proof>(&presented->proof) : nullptr;
  const bool allow = static_cast<bool>(verdict.grant);
  const Deny why = allow ? Deny::internal : verdict.grant.error();
  ++(allow ? counters_.sigv4_allowed : counters_.sigv4_denied.at(static_cast<std::size_t>(why)));
  std::string text =
      allow ? allowed(*verdict.credential, *verdict.grant, verdict.valid_for) : refused(why, proof);
  told_({.at = now,
         .granted = allow,
         .reason = allow ? "" : std::string(name(why)),
         .id = proof != nullptr ? proof->evidence.access_key : "",
         .name = verdict.credential ? verdict.credential->name : "",
         .account = allow ? verdict.grant->account : "",
         .source = source,
         .type = "sigv4",
         .client = asker,
         .server = ""});
  counters_.sigv4.add(std::chrono::steady_clock::now() - began);
  return text;
}

}  // namespace gateway
