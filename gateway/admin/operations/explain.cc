// What the daemon would say of a connection, and of what it publishes and subscribes.

#include "auth/base/time_format.h"
#include "auth/decision/judge.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/admin/operations/server_warnings.h"
#include "gateway/admin/operations/subject_answers.h"
#include "gateway/platform/time_zone.h"

namespace gateway::operations {
namespace {

using auth::Credential;
using Json = nlohmann::json;

[[noreturn]] void refuse_question(const std::string& message) {
  throw OperationError(Code::usage, message);
}

struct Question {
  std::string source = "127.0.0.1";
  auth::ConnectionType type = auth::ConnectionType::standard;
  std::optional<auth::Time> at;
  SubjectQuestions subjects;
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

Question read_question(const Json& body, std::string& credential) {
  Question question;
  read_body(body, [&](auth::JsonObject& members) {
    members.string("credential", credential);
    members.string("source", question.source);
    members.string("type", "must be STANDARD, WEBSOCKET, LEAFNODE or MQTT", question.type,
                   auth::read_connection_type);
    members.timestamp("at", question.at);
    members.strings("publish", question.subjects.publish);
    members.strings("subscribe", question.subjects.subscribe);
  });
  check_subjects(question.subjects);
  return question;
}

// Of one transaction: a decision sees them so too.
store::Found find_with_roles(const OperationContext& context, const std::string& name) {
  const Credential c = find_credential(context, name);
  store::Found found = context.store.find_id(c.id);
  if (found.credential && found.credential->account == c.account) return found;
  throw OperationError(Code::conflict, "the credential " + c.id + " was just changed: ask again");
}

}  // namespace

OrderedJson explain(const OperationContext& context, Json body) {
  std::string name;
  const Question question = read_question(body, name);
  const auth::ClientInfo client = client_of(question);
  const store::Found found = find_with_roles(context, name);
  const Credential& c = *found.credential;
  const auth::Judge judge{context.config.policy(), context.master, zone_offset};
  const auto verdict = judge.admit(c, client, question.at.value_or(context.now), found.roles);
  OrderedJson json = {{"id", c.id}, {"granted", static_cast<bool>(verdict)}};
  json["name"] = c.name;
  if (!verdict) {
    json["reason"] = auth::name(verdict.error());
    const auto missing = auth::missing_role(c, found.roles);
    if (verdict.error() == auth::Deny::role_missing && missing) json["role"] = *missing;
    return json;
  }
  const bool scoped = has_scoped_key(context.config, c.account);
  json["account"] = verdict->account;
  json["until"] =
      verdict->until ? OrderedJson(auth::write_time(*verdict->until)) : OrderedJson(nullptr);
  json["scoped"] = scoped;
  json["subjects"] = scoped ? OrderedJson::array()
                            : answer_subjects(c, found.roles, question.type, verdict->permissions,
                                              question.subjects);
  if (question.type == auth::ConnectionType::leafnode) json["warnings"] = {kLeafnodeWarning};
  return json;
}

}  // namespace gateway::operations
