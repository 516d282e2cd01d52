#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/base/time_format.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/error_words.h"
#include "gateway/cli/request_explanation.h"
#include "gateway/cli/run_operation.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ExplainOptions {
  std::string credential;
  std::string request;  // the file; empty: none
  std::string server_xkey;
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

void print_steps(const Json& steps) {
  constexpr std::size_t kColumn = 12;
  for (const Json& step : steps) {
    std::string name = text_at(step, "step");
    name.resize(kColumn, ' ');
    std::cout << name << text_at(step, "says") << '\n';
  }
}

void print(const Json& result) {
  if (result.contains("steps")) print_steps(result.at("steps"));
  const std::string id = text_at(result, "id");
  std::cout << (id.empty() ? "the client" : id + " \"" + text_at(result, "name") + "\"") << ": ";
  if (!result.at("granted").get<bool>()) {
    const std::string role = result.contains("role") ? ", role " + text_at(result, "role") : "";
    std::cout << "would be refused: " << text_at(result, "reason") << role << '\n';
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

void check(const Context& context, const ExplainOptions& options) {
  const auto refuse = [](const char* message) { throw OperationError(Code::usage, message); };
  if (options.request.empty()) {
    if (options.credential.empty())
      refuse("CREDENTIAL is missing: id or name of the credential, unless --request is given");
    if (!options.server_xkey.empty()) refuse("--server-xkey: is for a request: give --request");
    return;
  }
  // Else whoever may ask could test guesses of passwords, past the throttle.
  if (context.remote.given())
    refuse("--request: is read on the gateway's machine alone: run it there, without --server");
  if (!options.credential.empty() || !options.account.empty() || !options.source.empty() ||
      !options.type.empty()) {
    refuse(
        "--request: says by itself which credential, address and connection type it is; leave "
        "CREDENTIAL, --account, --source and --type out");
  }
}

std::optional<auth::Time> moment(const std::string& at) {
  if (at.empty()) return std::nullopt;
  const auto time = auth::read_time(at);
  if (!time) throw OperationError(Code::usage, "--at: must be a timestamp: 2027-01-31T18:00:00Z");
  return time;
}

// The captured message and the keys are read before root drops its rights.
Json ask_of_request(const Context& context, const ExplainOptions& options) {
  const CapturedMessage message = read_captured_message(options.request, options.server_xkey);
  const auto at = moment(options.at);
  Local local{context, /*with_keys=*/true};
  if (const auto& back = local.store().went_back()) warn(context, *back);
  const operations::SubjectQuestions questions{.publish = options.publish,
                                               .subscribe = options.subscribe};
  try {
    return explain_request(local, message, questions, at);
  } catch (const OperationError& error) {
    throw OperationError(error.code(), in_option_words("explain", error.what()));
  }
}

void explain(const Context& context, const ExplainOptions& options) {
  check(context, options);
  const Json result = options.request.empty()
                          ? ask(context, "explain", options.account, body_of(options))
                          : ask_of_request(context, options);
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
  command.optional_word("CREDENTIAL", "id or name of the credential", options->credential);
  command.text("--request", "FILE",
               "instead of CREDENTIAL: an authorization request that was captured, - for standard "
               "input; only on the gateway's machine",
               options->request);
  command.text("--server-xkey", "X…",
               "of a sealed request without headers: what its header Nats-Server-Xkey was",
               options->server_xkey);
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
      "Of a request the secret is checked too. Nothing is changed, and no secret is shown.\n"
      "nats-server does not check all of a leafnode; with --type LEAFNODE it says where.\n"
      "Exit code 5: not everything is allowed.\n"
      "Example:\n"
      "  credgate explain shop --source 10.1.2.3 --publish orders.1 --subscribe 'orders.>'");
  command.run([&context, options] { explain(context, *options); });
}

}  // namespace gateway::cli
