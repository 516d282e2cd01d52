#include <iostream>
#include <memory>
#include <string>

#include "auth/base/text.h"
#include "auth/base/time_format.h"
#include "auth/credential/validity.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/output/table.h"
#include "gateway/cli/run_operation.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxAtOnce = 1000;

struct ListOptions {
  std::string account;
  std::string region;
  std::string status;
  std::string unused;
  std::vector<std::string> tags;
  bool quiet = false;
};

nlohmann::json body_of(const ListOptions& options) {
  nlohmann::json body = {{"limit", kMaxAtOnce}};
  if (!options.region.empty()) body["region"] = options.region;
  if (!options.status.empty() && !auth::read_validity(options.status)) {
    throw OperationError(Code::usage, std::string("--status: ") + auth::kValidityRule);
  }
  if (!options.status.empty()) body["status"] = options.status;
  if (!options.tags.empty()) body["tags"] = options.tags;
  if (!options.unused.empty()) {
    const auto span = auth::read_duration(options.unused);
    if (!span) throw OperationError(Code::usage, "--unused: must be a duration (90d, 12h)");
    body["unused"] = static_cast<std::uint64_t>(span->count());
  }
  return body;
}

std::string with_commas(const Json& list) {
  if (list.empty()) return "-";
  return auth::join(list, ",", [](const Json& item) { return item.get<std::string>(); });
}

std::vector<std::string> row(const Json& c) {
  return {text_at(c, "id"),
          text_at(c, "name"),
          text_at(c, "kind"),
          text_at(c, "account"),
          text_at(c, "status"),
          with_commas(c.at("capabilities")),
          c.at("expires_at").is_null() ? "never" : text_at(c, "expires_at")};
}

void list(const Context& context, const ListOptions& options) {
  nlohmann::json body = body_of(options);
  bool any = false;
  std::string damaged;
  if (context.json) std::cout << "[";
  do {
    const Json page = ask(context, "list", options.account, body);
    Table table{{"ID", "NAME", "KIND", "ACCOUNT", "STATUS", "MAY", "EXPIRES"}, 1};
    for (const Json& c : page.at("credentials")) {
      if (context.json) std::cout << (any ? ",\n" : "\n") << c.dump();
      const bool named = c.at("status") != "revoked" || !options.status.empty();
      if (options.quiet && !context.json && named) std::cout << text_at(c, "name") << '\n';
      table.add(row(c));
      any = true;
    }
    if (!context.json && !options.quiet) std::cout << table.text(4);
    for (const Json& id : page.at("damaged"))
      damaged += " " + id.get<std::string>();
    body["after"] = page.at("after");
  } while (body["after"] != "");
  if (context.json) std::cout << "\n]\n";
  if (!any && !context.json && !options.quiet) {
    std::cerr << "no credentials; create one with: credgate create, see --help\n";
  }
  if (!damaged.empty()) {
    throw OperationError(
        Code::fault,
        "these records are damaged; their owners are denied, and they are not listed:" + damaged +
            "; restore the store from a backup");
  }
}

std::string plain(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return value.get<std::string>().empty() ? "-" : value.get<std::string>();
  if (!value.is_array()) return value.dump();
  if (value.empty()) return "-";
  return auth::join(value, ", ", [](const Json& item) {
    return item.is_string() ? item.get<std::string>() : item.dump();
  });
}

void print_lists(const char* verb, const Json& lists) {
  for (const char* side : {"allow", "deny"}) {
    for (const Json& subject : lists.at(side)) {
      std::cout << "  " << verb << " " << side << "  " << subject.get<std::string>() << '\n';
    }
  }
}

void print_credential(const Json& c) {
  for (const auto& [field, value] : c.items()) {
    if (field == "permissions" || field == "expanded") continue;
    if (plain(value) == "-" || plain(value) == "false") continue;
    const std::string shown = field == "status" ? coloured_status(plain(value), 0) : plain(value);
    std::cout << field << std::string(field.size() < 18 ? 18 - field.size() : 1, ' ') << shown
              << '\n';
  }
  const std::string status = text_at(c, "status");
  if (status == "revoked") {
    std::cout << "it lets nobody in, and never will again\n";
    return;
  }
  if (status != "active") std::cout << "it lets nobody in now: it is " << status << '\n';
  const Json& expanded = c.at("expanded");
  if (expanded.is_null()) {
    std::cout << "its account has a scoped signing key: the template in the account's JWT defines "
                 "what it may do\n";
    return;
  }
  std::cout << (status == "active" ? "permissions in nats-server\n"
                                   : "permissions in nats-server, once it lets somebody in\n");
  print_lists("publish  ", expanded.at("publish"));
  print_lists("subscribe", expanded.at("subscribe"));
  if (!expanded.at("responses").is_null()) {
    std::cout << "  responses        up to " << expanded.at("responses").at("max") << " within "
              << expanded.at("responses").at("ttl") << " s of each message\n";
  }
}

void show(const Context& context, const std::string& credential, const std::string& account) {
  const Json c = ask(context, "get", account, {{"credential", credential}});
  if (context.json) return print_json(c);
  print_credential(c);
}

}  // namespace

void add_list(App& app, const Context& context) {
  Command all = app.add("list", "List credentials");
  const auto options = std::make_shared<ListOptions>();
  all.text("--account", "ACCOUNT", "only of this account", options->account);
  all.text("--region", "REGION", "only credentials valid in this region", options->region);
  all.text("--status", "STATUS",
           "only this status: active, suspended, expired, not_yet_valid or revoked",
           options->status);
  all.text("--unused", "DURATION", "only credentials not used for this long: 90d", options->unused);
  all.on_texts("--tag", "TAG", "only with this tag: key or key=value (repeatable)",
               [options](const auto& given) { options->tags = given; });
  all.flag("-q,--quiet", "print only names, one per line, without revoked credentials",
           options->quiet);
  all.run([&context, options] { list(context, *options); });

  Command one =
      app.add("show", "Show one credential, and its permissions as nats-server gets them");
  const auto named = std::make_shared<std::string>();
  const auto account = std::make_shared<std::string>();
  one.word("CREDENTIAL", "id or name of the credential", *named);
  add_account(one, *account);
  one.run([&context, named, account] { show(context, *named, *account); });
}

}  // namespace gateway::cli
