#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "gateway/cli/cli.h"
#include "gateway/cli/run_operation.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ExplainOptions {
  std::string credential;
  std::string account;
  std::string source;
  std::string type;
  std::string at;
  std::vector<std::string> publish;
  std::vector<std::string> subscribe;
};

nlohmann::json body_of(const ExplainOptions& options) {
  nlohmann::json body = {{"credential", options.credential},
                         {"publish", options.publish},
                         {"subscribe", options.subscribe}};
  if (!options.source.empty()) body["source"] = options.source;
  if (!options.type.empty()) body["type"] = options.type;
  if (!options.at.empty()) body["at"] = options.at;
  return body;
}

void print(const Json& result) {
  std::cout << text_at(result, "id") << " \"" << text_at(result, "name") << "\": ";
  if (!result.at("granted").get<bool>()) {
    std::cout << "would be refused: " << text_at(result, "reason") << '\n';
    return;
  }
  std::cout << "would be let into " << text_at(result, "account")
            << (result.at("until").is_null() ? "" : ", until " + text_at(result, "until")) << '\n';
  if (result.at("scoped").get<bool>()) {
    std::cout << "  its account has a scoped signing key: the template in the account's JWT "
                 "defines what it may do, which credgate does not know\n";
    return;
  }
  for (const Json& answer : result.at("subjects")) {
    const std::string queue = text_at(answer, "queue");
    std::cout << "  " << text_at(answer, "verb") << "  " << text_at(answer, "subject")
              << (queue.empty() ? "" : " in the queue group " + queue) << ": "
              << text_at(answer, "verdict") << " (" << text_at(answer, "reason") << ")\n";
    if (!answer.contains("needed")) continue;
    const char* lead = "    needs  ";
    for (const Json& right : answer.at("needed")) {
      std::cout << lead << right.get_ref<const std::string&>() << '\n';
      lead = "       or  ";
    }
  }
}

void explain(const Context& context, const ExplainOptions& options) {
  const Json result = ask(context, "explain", options.account, body_of(options));
  if (context.json) {
    print_json(result);
  } else {
    print(result);
    print_warnings(context, result);
  }
  if (!result.at("granted").get<bool>())
    throw OperationError(Code::refused, "the client would not be let in");
  const bool asked = !options.publish.empty() || !options.subscribe.empty();
  if (result.at("scoped").get<bool>() && asked) {
    throw OperationError(Code::refused, "what the client may do is not known to credgate");
  }
  const bool all = std::ranges::all_of(
      result.at("subjects"), [](const Json& answer) { return answer.at("verdict") == "allowed"; });
  if (!all) throw OperationError(Code::refused, "not everything is allowed");
}

}  // namespace

void add_explain(App& app, const Context& context) {
  Command command =
      app.add("explain", "Explain whether a credential would be let in, what it may do, and why");
  const auto options = std::make_shared<ExplainOptions>();
  command.word("CREDENTIAL", "id or name of the credential", options->credential);
  add_account(command, options->account);
  command.text("--source", "ADDRESS", "assume this client address (default 127.0.0.1)",
               options->source);
  command.choice(
      "--type", "TYPE",
      "assume this connection type: STANDARD, WEBSOCKET, LEAFNODE or MQTT (default STANDARD)",
      {"STANDARD", "WEBSOCKET", "LEAFNODE", "MQTT"}, options->type);
  command.text("--at", "TIMESTAMP", "assume this time: 2027-01-31T18:00:00Z (default now)",
               options->at);
  command.on_texts("--publish", "SUBJECT", "may the client publish to this subject? (repeatable)",
                   [options](const auto& given) { options->publish = given; });
  command.on_texts(
      "--subscribe", "SUBJECT",
      "may the client subscribe to this subject? A queue group may follow after a space "
      "(repeatable)",
      [options](const auto& given) { options->subscribe = given; });
  command.footer(
      "It runs the daemon's own decision code, and assumes that the client's secret is correct.\n"
      "nats-server does not check all of a leafnode; with --type LEAFNODE it says where.\n"
      "Exit code 5: not everything is allowed.\n"
      "Example:\n"
      "  credgate explain shop --source 10.1.2.3 --publish orders.1 --subscribe 'orders.>'");
  command.run([&context, options] { explain(context, *options); });
}

}  // namespace gateway::cli
