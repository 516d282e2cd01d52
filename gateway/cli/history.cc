#include <iostream>
#include <memory>
#include <string>

#include "auth/time_text.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/pages.h"
#include "gateway/cli/table.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

Json write_json(const store::Entry& entry) {
  Json fields = Json::object();
  for (const auto& change : entry.fields) {
    fields[change.field] = {{"before", Json::parse(change.before, nullptr, false)},
                            {"after", Json::parse(change.after, nullptr, false)}};
  }
  return {{"sequence", entry.sequence},
          {"at", auth::write_time(entry.at)},
          {"actor", entry.actor},
          {"action", store::name(entry.action)},
          {"id", entry.id},
          {"revision", entry.revision},
          {"reason", entry.reason},
          {"fields", fields}};
}

std::string summary(const store::Entry& entry) {
  std::string text;
  for (const auto& change : entry.fields) {
    text += (text.empty() ? "" : ", ") + change.field;
    if (entry.action != store::Action::create) text += " " + change.before + " -> " + change.after;
  }
  return text;
}

void print(const Context& context, const std::vector<store::Entry>& entries, bool& any) {
  Table table{{"SEQ", "AT", "ACTOR", "ACTION", "ID", "REV", "WHAT"}, 6};
  for (const store::Entry& entry : entries) {
    if (context.json) std::cout << (any ? ",\n" : "\n") << write_json(entry).dump();
    any = true;
    table.add({std::to_string(entry.sequence), auth::write_time(entry.at), entry.actor,
               std::string(store::name(entry.action)), entry.id, std::to_string(entry.revision),
               summary(entry)});
  }
  if (!context.json) std::cout << table.text(3);
}

void history(const Context& context, const std::string& id_or_name) {
  Local local{context};
  const std::string id = id_or_name.empty() ? "" : local.resolve(id_or_name);
  if (!id.empty() && !local.store().get(id)) {
    throw Failure(Code::not_found, "there is no credential " + id);
  }
  const std::uint64_t newest = local.store().totals().sequence;
  bool any = false;
  if (context.json) std::cout << "[";
  for (std::uint64_t after = 0; after < newest; after += kPage) {
    print(context, local.store().history(after, kPage, id), any);
  }
  if (context.json) std::cout << "\n]\n";
}

}  // namespace

void add_history(App& app, const Context& context) {
  Command command = app.add("history", "Show what was changed, by whom, when");
  const auto named = std::make_shared<std::string>();
  command.optional_word("CREDENTIAL", "only of this one: its id or its name", *named);
  command.run([&context, named] { history(context, *named); });
}

}  // namespace gateway::cli
