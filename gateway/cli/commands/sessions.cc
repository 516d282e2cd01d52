#include <iostream>
#include <memory>
#include <string>

#include "auth/base/text.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/output/table.h"
#include "gateway/cli/output/time_words.h"
#include "gateway/cli/run_operation.h"
#include "gateway/platform/clock.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string names_of(const Json& servers) {
  return auth::join(servers, ", ", [](const Json& server) { return server.get<std::string>(); });
}

void print_table(const Json& result) {
  Table table{{{"SERVER"},
               {"CID", Fit::whole},
               {"ADDRESS"},
               {"TYPE"},
               {"CLIENT"},
               {"SINCE", Fit::whole},
               {"ACCOUNT", Fit::wrap, true},
               {"LANGUAGE", Fit::wrap, true},
               {"IN", Fit::wrap, true},
               {"OUT", Fit::wrap, true}}};
  for (const Json& session : result.at("sessions")) {
    const auto text = [&](const char* member) {
      return session.at(member).is_string() ? session.at(member).get<std::string>() : "-";
    };
    const auto traffic = [&](const std::string& way) {
      return session.at(way + "_messages").dump() + "/" + session.at(way + "_bytes").dump() + "B";
    };
    table.add({text("server"), session.at("cid").dump(), text("address"), text("type"),
               text("client"), time_in_words(text("since"), now_in_seconds()), text("account"),
               text("language") + " " + text("version"), traffic("in"), traffic("out")});
  }
  std::cout << table.text();
  if (result.at("sessions").empty()) {
    std::cerr << "no live connections; " << result.at("servers").size() << " servers answered\n";
  }
}

void sessions(const Context& context, const std::string& credential, const std::string& account) {
  const Json result = ask(context, "sessions", account, {{"credential", credential}});
  if (context.json) {
    print_json(result);
  } else {
    print_table(result);
  }
  const Json unreported = result.value("leafnodes_unreported", Json::array());
  if (!unreported.empty()) {
    std::cerr << "note: leafnodes are not listed: these servers are before 2.11.5, and do not "
                 "report theirs: "
              << names_of(unreported) << '\n';
  }
  // A gateway of an earlier version does not say so.
  const Json incomplete = result.value("incomplete", Json::array());
  if (incomplete.empty()) return;
  throw OperationError(Code::fault,
                       "some connections are missing: these servers stopped answering "
                       "before their last page: " +
                           names_of(incomplete));
}

}  // namespace

void add_sessions(App& app, const Context& context) {
  Command command = app.add("sessions", "List a credential's live connections on all servers");
  const auto credential = std::make_shared<std::string>();
  const auto account = std::make_shared<std::string>();
  command.word("CREDENTIAL", "id or name of the credential", *credential);
  add_account(command, *account);
  command.footer(
      "Asks the servers over the system account. Servers before 2.11.5 do not report their "
      "leafnodes.\nExit code 1: a server stopped answering, and some of its connections are "
      "missing.\n"
      "Example:\n"
      "  credgate sessions shop");
  command.run([&context, credential, account] { sessions(context, *credential, *account); });
}

}  // namespace gateway::cli
