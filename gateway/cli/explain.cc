#include "auth/explain.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "auth/subject.h"
#include "auth/time_text.h"
#include "gateway/cli/cli.h"
#include "gateway/zone.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using auth::May;
using Json = nlohmann::ordered_json;

struct ExplainOptions {
  std::string credential;
  std::string source = "127.0.0.1";
  std::string type = "STANDARD";
  std::string at;
  std::vector<std::string> publish;
  std::vector<std::string> subscribe;
};

// As the server would describe such a connection.
auth::ClientInfo client_of(const ExplainOptions& options) {
  auth::ClientInfo client;
  client.host = options.source;
  if (!auth::read_address(client.host)) {
    throw Failure(Code::usage, "--source: must be an address: 192.0.2.7 or 2001:db8::7");
  }
  const auto type = auth::read_connection_type(options.type);
  if (!type) throw Failure(Code::usage, "--type: must be STANDARD, WEBSOCKET, LEAFNODE or MQTT");
  client.kind = *type == auth::ConnectionType::leafnode ? "Leafnode" : "Client";
  if (*type == auth::ConnectionType::standard) client.type = "nats";
  if (*type == auth::ConnectionType::websocket) client.type = "websocket";
  if (*type == auth::ConnectionType::mqtt) client.type = "mqtt";
  return client;
}

auth::Time moment_of(const ExplainOptions& options) {
  if (options.at.empty()) return clock_now();
  if (const auto at = auth::read_time(options.at)) return *at;
  throw Failure(Code::usage, "--at: must be a moment: 2027-01-31T18:00:00Z, or a date");
}

void check_subjects(const ExplainOptions& options) {
  const auto bad = [](const char* option, const std::string& subject, const char* right) {
    throw Failure(Code::usage, std::string(option) + ": \"" + subject + "\" " + right);
  };
  for (const std::string& subject : options.publish) {
    const bool wild = subject.find_first_of("*>") != std::string::npos;
    if (!auth::valid_subject(subject) || wild)
      bad("--publish", subject, "is no subject to publish to");
  }
  for (const std::string& subject : options.subscribe) {
    if (!auth::valid_subject(subject)) bad("--subscribe", subject, "is no subject");
  }
}

std::string word(May may) {
  switch (may) {
    case May::yes:
      return "allowed";
    case May::no:
      return "refused";
    case May::partly:
      return "partly";
    case May::to_a_request:
      return "only as an answer";
  }
  return "refused";
}

std::string reason(const Credential& c, const auth::SubjectVerdict& verdict) {
  if (verdict.may == May::to_a_request) return "allow_responses: on the reply subject of what came";
  if (verdict.entry.empty()) return "nothing allows it";
  const auto field = auth::field_of(c, verdict.entry);
  const std::string entry = (verdict.denied ? "deny " : "allow ") + verdict.entry;
  return field.empty() ? entry : entry + ", from " + std::string(field);
}

struct Answer {
  const char* verb;
  std::string subject;
  auth::SubjectVerdict verdict;
};

std::vector<Answer> judge_subjects(const ExplainOptions& options,
                                   const auth::Permissions& permissions) {
  std::vector<Answer> answers;
  for (const std::string& subject : options.publish)
    answers.push_back({"publish", subject, auth::may_publish(permissions, subject)});
  for (const std::string& subject : options.subscribe)
    answers.push_back({"subscribe", subject, auth::may_subscribe(permissions, subject)});
  return answers;
}

void print(const Credential& c, const auth::Result<auth::Grant, auth::Deny>& verdict,
           const std::vector<Answer>& answers, bool scoped) {
  std::cout << c.id << " \"" << c.name << "\": ";
  if (!verdict) {
    std::cout << "would be refused: " << name(verdict.error()) << '\n';
    return;
  }
  std::cout << "would be let into " << verdict->account
            << (verdict->until ? ", until " + auth::write_time(*verdict->until) : "") << '\n';
  if (scoped) {
    std::cout
        << "  its account has a scoped signing key: the template in the account's JWT says what "
           "it may do, which is not known here\n";
    return;
  }
  for (const Answer& answer : answers) {
    std::cout << "  " << answer.verb << "  " << answer.subject << ": " << word(answer.verdict.may)
              << " (" << reason(c, answer.verdict) << ")\n";
  }
}

Json as_json(const Credential& c, const auth::Result<auth::Grant, auth::Deny>& verdict,
             const std::vector<Answer>& answers, bool scoped) {
  Json json = {{"id", c.id}, {"granted", static_cast<bool>(verdict)}};
  if (!verdict) {
    json["reason"] = name(verdict.error());
    return json;
  }
  json["account"] = verdict->account;
  json["until"] = verdict->until ? Json(auth::write_time(*verdict->until)) : Json(nullptr);
  json["scoped"] = scoped;
  json["subjects"] = Json::array();
  for (const Answer& answer : answers) {
    json["subjects"].push_back({{"verb", answer.verb},
                                {"subject", answer.subject},
                                {"verdict", word(answer.verdict.may)},
                                {"reason", reason(c, answer.verdict)}});
  }
  return json;
}

void explain(const Context& context, const ExplainOptions& options) {
  const auth::ClientInfo client = client_of(options);
  const auth::Time at = moment_of(options);
  check_subjects(options);
  Local local{context};
  const std::string id = local.resolve(options.credential);
  const auto credential = local.store().get(id);
  if (!credential) throw Failure(Code::not_found, "there is no credential " + id);

  const auth::Judge judge{local.config().policy(), local.keys(), zone_offset};
  const auto verdict = judge.admit(*credential, client, at);
  const auto account = local.config().account_keys.find(credential->account);
  const bool scoped = account != local.config().account_keys.end() && account->second.scoped;
  std::vector<Answer> answers;
  if (verdict && !scoped) answers = judge_subjects(options, verdict->permissions);
  if (context.json) {
    print_json(as_json(*credential, verdict, answers, scoped));
  } else {
    print(*credential, verdict, answers, scoped);
  }
  const bool all = std::ranges::all_of(
      answers, [](const Answer& answer) { return answer.verdict.may == May::yes; });
  const bool unknown = scoped && !(options.publish.empty() && options.subscribe.empty());
  if (verdict && all && !unknown) return;
  throw Failure(Code::refused, !verdict  ? "it would not be let in"
                               : unknown ? "what it may do is not known here"
                                         : "not all of it is allowed");
}

}  // namespace

void add_explain(App& app, const Context& context) {
  Command command =
      app.add("explain", "Say whether a credential would be let in, and what it may do, and why");
  const auto options = std::make_shared<ExplainOptions>();
  command.word("CREDENTIAL", "its id or its name", options->credential);
  command.text("--source", "ADDRESS", "from here (default 127.0.0.1)", options->source);
  command.text("--type", "TYPE", "over STANDARD, WEBSOCKET, LEAFNODE or MQTT (default STANDARD)",
               options->type);
  command.text("--at", "MOMENT", "then: 2027-01-31T18:00:00Z (default now)", options->at);
  command.on_texts("--publish", "SUBJECT", "may it publish to this? (repeatable)",
                   [options](const auto& given) { options->publish = given; });
  command.on_texts("--subscribe", "SUBJECT", "may it subscribe to this? (repeatable)",
                   [options](const auto& given) { options->subscribe = given; });
  command.footer(
      "The same code as the daemon's judges, with a proof taken for good. Exit code 5: not all of "
      "it "
      "is allowed.\n"
      "Example:\n"
      "  credgate explain shop --source 10.1.2.3 --publish orders.1 --subscribe 'orders.>'");
  command.run([&context, options] { explain(context, *options); });
}

}  // namespace gateway::cli
