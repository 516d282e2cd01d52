#include <iostream>
#include <memory>
#include <string>

#include "auth/base/ip_range.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/daemons.h"
#include "gateway/cli/output/table.h"

namespace gateway::cli {
namespace {

struct ThrottleWords {
  std::string action;
  std::string source;
  std::string instance;
};

std::string wait_text(std::uint64_t seconds) {
  if (seconds == 0) return "-";
  return seconds < 120 ? std::to_string(seconds) + "s" : std::to_string(seconds / 60) + "m";
}

std::string login_text(const nlohmann::json& failures) {
  if (!failures.contains("login")) return "(all)";
  const auto login = failures.at("login").get<std::string>();
  return login.empty() ? "(a token)" : login;
}

void print_throttled(const Daemons& asked) {
  Table table{{{"INSTANCE"},
               {"SOURCE", Fit::whole},
               {"LOGIN"},
               {"FAILURES", Fit::whole},
               {"REFUSED", Fit::whole},
               {"WAIT", Fit::whole}}};
  for (const auto& answer : asked.answers) {
    const auto instance = answer.at("instance").get<std::string>();
    const auto& failures = answer.at("failures");
    for (const auto& one : failures) {
      table.add({instance, one.at("source").get<std::string>(), login_text(one),
                 one.at("failures").dump(), one.at("refused").dump(),
                 wait_text(one.at("wait").get<std::uint64_t>())});
    }
    if (answer.at("all") > failures.size()) {
      std::cerr << "credgate: " << instance << " has " << answer.at("all").dump()
                << " entries; only the first are shown\n";
    }
  }
  std::cout << table.text();
}

void list_throttled(const Context& context, const ThrottleWords& words) {
  const Daemons asked =
      ask_daemons(load_config(context.config), words.instance, {{"ask", "throttle"}});
  context.json ? print_json(asked.answers) : print_throttled(asked);
  require_answers(asked);
}

void print_cleared(const Daemons& asked) {
  for (const auto& answer : asked.answers) {
    std::cout << answer.at("instance").get<std::string>() << ": cleared the failures of "
              << answer.at("cleared").dump() << " sources and logins\n";
  }
}

void clear_throttled(const Context& context, const ThrottleWords& words) {
  nlohmann::json question = {{"ask", "throttle_clear"}};
  if (!words.source.empty()) {
    if (!auth::read_cidr(words.source)) {
      throw OperationError(
          Code::usage,
          "SOURCE \"" + words.source + "\" must be an address or a range: 192.0.2.1, 10.0.0.0/8");
    }
    question["sources"] = words.source;
  }
  const Daemons asked = ask_daemons(load_config(context.config), words.instance, question);
  context.json ? print_json(asked.answers) : print_cleared(asked);
  require_answers(asked);
}

}  // namespace

void add_throttle(App& app, const Context& context) {
  Command command = app.add("throttle", "List who is throttled, or clear the throttle");
  const auto words = std::make_shared<ThrottleWords>();
  command.required_choice("ACTION", "list or clear", {"list", "clear"}, words->action);
  command.optional_word("SOURCE", "clear: an address or a range (default: all)", words->source);
  command.text("--instance", "NAME", "only this daemon (default: all that are running)",
               words->instance);
  command.footer(
      "The daemon counts wrong passwords and imported tokens by source (for IPv6, by /64), and by "
      "login and source. Beyond the limits of `throttle` in the configuration, attempts are "
      "refused as `throttled` for the time WAIT, without checking the secret. Each daemon counts "
      "on its "
      "own, in memory; list shows up to 1000 entries of each. Add load balancers to "
      "`throttle.exempt`.\n"
      "Run it as root or as the daemon's user.\n"
      "Examples:\n"
      "  credgate throttle list\n"
      "  credgate throttle clear 192.0.2.1");
  command.run([&context, words] {
    if (words->action == "list" && words->source.empty()) return list_throttled(context, *words);
    if (words->action == "clear") return clear_throttled(context, *words);
    throw OperationError(
        Code::usage,
        "use: throttle list, or throttle clear [SOURCE]; see: credgate throttle --help");
  });
}

}  // namespace gateway::cli
