#include "gateway/cli/request_explanation.h"

#include <string>
#include <utility>
#include <variant>

#include "auth/base/text.h"
#include "auth/base/time_format.h"
#include "auth/decision/judge.h"
#include "gateway/callout/decider.h"
#include "gateway/cli/output/text_layout.h"
#include "gateway/cli/output/time_words.h"
#include "gateway/daemon/parts.h"
#include "gateway/platform/clock.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;
using Form = CapturedMessage::Form;
using auth::Drop;

class Steps {
 public:
  void add(const char* step, const std::string& says) {
    list_.push_back({{"step", step}, {"says", without_controls(says)}});
  }
  Json take() { return std::move(list_); }

 private:
  Json list_ = Json::array();
};

const char* meaning(Drop drop) {
  switch (drop) {
    case Drop::bad_seal:
      return "it was sealed for another xkey, or by another server than its header names";
    case Drop::bad_signature:
      return "the server that it names did not sign it";
    case Drop::wrong_issuer:
      return "it does not name the server that signed it";
    case Drop::wrong_audience:
      return "it is not an authorization request";
    case Drop::wrong_subject:
      return "its server expects another issuer or callout account than this gateway's";
    case Drop::too_large:
    case Drop::bad_reply_subject:
    case Drop::not_sealed:
    case Drop::malformed:
    case Drop::expired:
    case Drop::not_yet_valid:
      break;
  }
  return "it is not what a nats-server writes";
}

// The daemon would drop it without an answer.
Json write_drop(Drop drop, Steps steps) {
  steps.add("decision", "dropped, " + std::string(auth::name(drop)) + ": " + meaning(drop));
  return {{"id", ""},
          {"name", ""},
          {"granted", false},
          {"reason", auth::name(drop)},
          {"steps", steps.take()}};
}

void add_seal(const CapturedMessage& message, const Keys& keys, Steps& steps) {
  if (message.form == Form::sealed) return steps.add("seal", "opened with this gateway's xkey");
  const bool would_drop = !keys.xkeys.empty() && message.form == Form::jwt;
  steps.add("seal",
            would_drop ? "not sealed: as it is here, this gateway would drop it" : "not sealed");
}

void add_origin(const CapturedMessage& message, const auth::Request& request, auth::Time now,
                Steps& steps) {
  steps.add("server", request.server.name + ", nats-server " + request.server.version + ", " +
                          auth::write_public_key(request.server.id));
  steps.add("signature", message.form == Form::claims
                             ? "none: these are claims alone, and anybody may have written them"
                             : "good");
  steps.add("sent", auth::write_time(request.issued_at) + ", " +
                        time_in_words(request.issued_at, now) + "; an answer counted until " +
                        auth::write_time(request.expires_at));
  const auth::ClientInfo& client = request.client;
  steps.add("client", client.host + ", " + (client.type.empty() ? client.kind : client.type) +
                          (client.name.empty() ? "" : ", which calls itself " + client.name));
}

std::string proof_words(const auth::Identity& identity) {
  if (std::holds_alternative<auth::SecretProof>(identity.proof)) return "an id and a secret";
  if (std::holds_alternative<auth::PasswordProof>(identity.proof)) return "a user and a password";
  if (std::holds_alternative<auth::SignatureProof>(identity.proof))
    return "a signature over the server's nonce";
  if (std::holds_alternative<auth::SigV4Proof>(identity.proof)) return "a signed request";
  return identity.logins.front().kind == auth::Kind::cert ? "a verified certificate" : "a token";
}

void add_proof(const auth::Result<auth::Identity, auth::Denial>& identity, Steps& steps) {
  if (!identity) {
    const auto detail = auth::name(identity.error().detail);
    return steps.add(
        "proof", "none that can be judged" + (detail.empty() ? "" : ": " + std::string(detail)));
  }
  const std::string login = shown_login(identity->logins.front());
  steps.add("proof", proof_words(*identity) + (login.empty() ? "" : ", for " + login));
}

void add_roles(const Decision& decision, Steps& steps) {
  const auto& c = *decision.credential;
  if (c.roles.empty()) return;
  const auto missing = auth::missing_role(c, decision.roles);
  steps.add("roles", auth::join(c.roles, ", ") +
                         (missing ? ": " + *missing + " is not there, or cannot be read" : ""));
}

void add_record(const Decision& decision, Steps& steps) {
  const auto& c = decision.credential;
  if (!c) return steps.add("credential", "none has this login");
  steps.add("credential", c->id + " \"" + c->name + "\" in " + c->account);
  add_roles(decision, steps);
  if (decision.secret) {
    return steps.add(
        "secret",
        c->secrets.size() > 1
            ? "fits, the one of " + auth::write_time(c->secrets.at(*decision.secret).created_at)
            : "fits");
  }
  const bool judged = !decision.granted() && decision.verdict.error() == auth::Deny::bad_proof;
  steps.add("secret", judged ? "does not fit" : "not judged");
}

// As the daemon would decide, of what was read.
class Explanation {
 public:
  explicit Explanation(Local& local)
      : local_(local),
        rules_(make_rules(local.config(), *local.all_keys())),
        config_(std::make_shared<const Config>(local.config())),
        probes_(config_, local.keys(), /*enabled=*/false),
        source_(make_source(local.store(), {})),
        decider_(source_, rules_, probes_) {}

  Json explain(const auth::Request& request, const operations::SubjectQuestions& questions,
               auth::Time now, Steps steps) const {
    const auto identity = rules_.load()->judge.identify(request);
    add_proof(identity, steps);
    const Decision decision = decider_.decide({.identity = identity, .connection = &request}, now);
    if (identity) add_record(decision, steps);
    const auto& c = decision.credential;
    Json json = {{"id", c ? c->id : ""}, {"granted", decision.granted()}};
    json["name"] = c ? c->name : "";
    if (!decision.granted()) {
      json["reason"] = auth::name(decision.verdict.error());
      if (decision.verdict.error() == auth::Deny::role_missing)
        json["role"] = auth::missing_role(*c, decision.roles).value_or("");
      steps.add("decision", "refused: " + std::string(auth::name(decision.verdict.error())));
    } else {
      steps.add("decision", "let in, unless a daemon knows of too many failures or sessions");
      add_grant(decision, request, questions, json);
    }
    json["steps"] = steps.take();
    return json;
  }

 private:
  void add_grant(const Decision& decision, const auth::Request& request,
                 const operations::SubjectQuestions& questions, Json& json) const {
    const auth::Credential& c = *decision.credential;
    const auth::Grant& grant = *decision.verdict;
    const bool scoped = has_scoped_key(local_.config(), c.account);
    json["account"] = grant.account;
    json["until"] = grant.until ? Json(auth::write_time(*grant.until)) : Json(nullptr);
    json["scoped"] = scoped;
    const auto type =
        auth::connection_type(request.client).value_or(auth::ConnectionType::standard);
    json["subjects"] =
        scoped ? Json::array()
               : operations::answer_subjects(c, decision.roles, type, grant.permissions, questions);
  }

  Local& local_;
  const CurrentRules rules_;
  const CurrentConfig config_;
  ProbeLogins probes_;
  const CredentialSource source_;
  const Decider decider_;
};

}  // namespace

Json explain_request(Local& local, const CapturedMessage& message,
                     const operations::SubjectQuestions& questions,
                     const std::optional<auth::Time>& at) {
  operations::check_subjects(questions);
  const Keys& keys = *local.all_keys();
  const auth::Time real_now = now_in_seconds();
  const auth::Time now = at.value_or(real_now);
  Steps steps;
  const auto request = open_captured_message(message, keys, now);
  if (!request) return write_drop(request.error(), std::move(steps));
  add_seal(message, keys, steps);
  add_origin(message, **request, real_now, steps);
  return Explanation{local}.explain(**request, questions, now, std::move(steps));
}

}  // namespace gateway::cli
