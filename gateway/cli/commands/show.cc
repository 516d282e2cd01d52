#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/cli/cli.h"
#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"
#include "gateway/cli/output/time_words.h"
#include "gateway/cli/output/value_text.h"
#include "gateway/cli/run_operation.h"
#include "gateway/platform/clock.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLabel = 18;

void print_field(std::string_view label, const std::string& text) {
  const std::string head =
      std::string(label) + std::string(label.size() < kLabel ? kLabel - label.size() : 1, ' ');
  std::cout << paragraph(head, kLabel, text, output_width());
}

// With how long ago it was.
std::string with_words(const std::string& timestamp) {
  return timestamp + " (" + time_in_words(timestamp, now_in_seconds()) + ")";
}

std::string field_text(const std::string& field, const Json& value) {
  const std::string text = value_text(field, value);
  if (field == "status") return coloured_status(text, 0);
  const bool time = field.ends_with("_at") || field == "not_before";
  return time && value.is_string() ? with_words(text) : text;
}

void print_lists(const char* verb, const Json& lists) {
  for (const char* side : {"allow", "deny"}) {
    for (const Json& subject : lists.at(side))
      std::cout << "  " << verb << " " << side << "  " << value_text("", subject) << '\n';
  }
}

// What a revoked one would come to is of no use to anybody.
void print_expanded(const std::string& status, const Json& expanded) {
  if (status == "revoked") {
    std::cout << "it lets nobody in, and never will again\n";
    return;
  }
  if (status != "active") std::cout << "it lets nobody in now: it is " << status << '\n';
  if (expanded.is_null()) {
    std::cout << paragraph("", 0,
                           "its account has a scoped signing key: the template in the account's "
                           "JWT defines what it may do",
                           output_width());
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

void print_credential(const Json& c) {
  for (const auto& [field, value] : c.items()) {
    if (field == "permissions" || field == "expanded") continue;
    if (!says_nothing(field, value)) print_field(field, field_text(field, value));
  }
  print_expanded(c.at("status").get<std::string>(), c.at("expanded"));
}

void show(const Context& context, const std::string& credential, const std::string& account) {
  const Json c = ask(context, "get", account, {{"credential", credential}});
  if (context.json) return print_json(c);
  print_credential(c);
}

}  // namespace

void add_show(App& app, const Context& context) {
  Command command =
      app.add("show", "Show one credential, and its permissions as nats-server gets them");
  const auto named = std::make_shared<std::string>();
  const auto account = std::make_shared<std::string>();
  command.word("CREDENTIAL", "id or name of the credential", *named);
  add_account(command, *account);
  command.footer("Examples:\n  credgate show shop\n  credgate show shop --json");
  command.run([&context, named, account] { show(context, *named, *account); });
}

}  // namespace gateway::cli
