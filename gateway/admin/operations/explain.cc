// What the daemon would say of a connection, and of what it publishes and subscribes.

#include "auth/base/time_format.h"
#include "auth/credential/capabilities.h"
#include "auth/credential/permission_check.h"
#include "auth/decision/judge.h"
#include "auth/nats/subject.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/admin/operations/server_warnings.h"
#include "gateway/platform/time_zone.h"

namespace gateway::operations {
namespace {

using auth::Credential;
using auth::May;
using Json = nlohmann::json;

// Each is compared with every entry of the record, of which there may be thousands.
constexpr std::size_t kMaxSubjects = 100;

[[noreturn]] void refuse_question(const std::string& message) {
  throw OperationError(Code::usage, message);
}

struct Question {
  std::string source = "127.0.0.1";
  auth::ConnectionType type = auth::ConnectionType::standard;
  std::optional<auth::Time> at;
  std::vector<std::string> publish;
  std::vector<std::string> subscribe;
};

// As the server would describe such a connection.
auth::ClientInfo client_of(const Question& question) {
  auth::ClientInfo client;
  client.host = question.source;
  if (!auth::read_address(client.host)) {
    refuse_question("source: must be an address: 192.0.2.7 or 2001:db8::7");
  }
  using auth::ConnectionType;
  client.kind = question.type == ConnectionType::leafnode ? "Leafnode" : "Client";
  if (question.type == ConnectionType::standard) client.type = "nats";
  if (question.type == ConnectionType::websocket) client.type = "websocket";
  if (question.type == ConnectionType::mqtt) client.type = "mqtt";
  return client;
}

void check_subjects(const Question& question) {
  if (question.publish.size() + question.subscribe.size() > kMaxSubjects)
    refuse_question("publish, subscribe: must be at most 100 subjects together");
  for (const std::string& subject : question.publish) {
    const bool wild = subject.find_first_of("*>") != std::string::npos;
    if (!auth::valid_subject(subject) || wild)
      refuse_question("publish: \"" + subject + "\" is not a subject to publish to");
  }
  for (const std::string& subject : question.subscribe) {
    if (!auth::valid_subject(subject))
      refuse_question("subscribe: \"" + subject + "\" is not a subject");
  }
}

const char* word(May may) {
  switch (may) {
    case May::yes:
      return "allowed";
    case May::no:
      return "refused";
    case May::partly:
      return "partly";
    case May::to_a_request:
      return "only as a reply";
  }
  return "refused";
}

std::string reason(const Credential& c, const auth::SubjectVerdict& verdict) {
  if (verdict.unchecked) return "nats-server does not check a leafnode there";
  if (verdict.may == May::to_a_request)
    return "allow_responses: only on the reply subject of a received message";
  if (verdict.entry.empty()) return "not allowed by any entry";
  const auto field = auth::field_of(c, verdict.entry);
  const std::string entry = (verdict.denied ? "deny " : "allow ") + verdict.entry;
  return field.empty() ? entry : entry + ", from " + std::string(field);
}

OrderedJson write_answer(const Credential& c, const char* verb, const std::string& subject,
                         const auth::SubjectVerdict& verdict) {
  return {{"verb", verb},
          {"subject", subject},
          {"verdict", word(verdict.may)},
          {"reason", reason(c, verdict)}};
}

Question read_question(const Json& body, std::string& credential) {
  Question question;
  read_body(body, [&](auth::JsonObject& members) {
    members.string("credential", credential);
    members.string("source", question.source);
    members.string("type", "must be STANDARD, WEBSOCKET, LEAFNODE or MQTT", question.type,
                   auth::read_connection_type);
    members.timestamp("at", question.at);
    members.strings("publish", question.publish);
    members.strings("subscribe", question.subscribe);
  });
  check_subjects(question);
  return question;
}

OrderedJson write_answers(const Credential& c, const Question& question,
                          const auth::Permissions& permissions) {
  const bool leafnode = question.type == auth::ConnectionType::leafnode;
  const auto may_publish = leafnode ? auth::leafnode_may_publish : auth::may_publish;
  const auto may_subscribe = leafnode ? auth::leafnode_may_subscribe : auth::may_subscribe;
  OrderedJson answers = OrderedJson::array();
  for (const std::string& subject : question.publish)
    answers.push_back(write_answer(c, "publish", subject, may_publish(permissions, subject)));
  for (const std::string& subject : question.subscribe)
    answers.push_back(write_answer(c, "subscribe", subject, may_subscribe(permissions, subject)));
  return answers;
}

}  // namespace

OrderedJson explain(const OperationContext& context, Json body) {
  std::string name;
  const Question question = read_question(body, name);
  const auth::ClientInfo client = client_of(question);
  const Credential c = find_credential(context, name);
  const auth::Judge judge{context.config.policy(), context.master, zone_offset};
  const auto verdict = judge.admit(c, client, question.at.value_or(context.now));
  OrderedJson json = {{"id", c.id}, {"granted", static_cast<bool>(verdict)}};
  json["name"] = c.name;
  if (!verdict) {
    json["reason"] = auth::name(verdict.error());
    return json;
  }
  const bool scoped = has_scoped_key(context.config, c.account);
  json["account"] = verdict->account;
  json["until"] =
      verdict->until ? OrderedJson(auth::write_time(*verdict->until)) : OrderedJson(nullptr);
  json["scoped"] = scoped;
  json["subjects"] =
      scoped ? OrderedJson::array() : write_answers(c, question, verdict->permissions);
  if (question.type == auth::ConnectionType::leafnode) json["warnings"] = {kLeafnodeWarning};
  return json;
}

}  // namespace gateway::operations
