#include <cstdio>
#include <iostream>
#include <memory>

#include "gateway/cli/cli.h"
#include "gateway/cli/output/table.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;
using store::Accepted;
using store::Lost;

Json json_of(const std::vector<Lost>& lost) {
  Json all = Json::array();
  for (const Lost& one : lost)
    all.push_back({{"id", one.id}, {"name", one.name}, {"sequence", one.sequence}});
  return all;
}

void add_rows(Table& table, const char* what, const std::vector<Lost>& lost) {
  for (const Lost& one : lost)
    table.add({what, one.id, one.name.empty() ? "-" : one.name, std::to_string(one.sequence)});
}

void print_changes(const Accepted& accepted) {
  Table table{{"WHAT", "ID", "NAME", "ENTRY"}, 2};
  add_rows(table, "revoked again", accepted.revoked);
  add_rows(table, "suspended again", accepted.suspended);
  add_rows(table, "to be rotated", accepted.rotated);
  add_rows(table, "not in this store", accepted.absent);
  const bool any = !accepted.revoked.empty() || !accepted.suspended.empty() ||
                   !accepted.rotated.empty() || !accepted.absent.empty();
  if (any) std::cout << table.text(Table::kNoStatus) << '\n';
}

void print_found(const Accepted& accepted) {
  print_changes(accepted);
  if (!accepted.rotated.empty()) {
    std::cout << "To be rotated: these were rotated after the copy was made, so the secrets from "
                 "before are\ngood again. Next: credgate rotate NAME --overlap 0 --now\n";
  }
  if (!accepted.complete) {
    std::cout << "This is not complete: who was revoked, suspended or rotated after entry "
              << accepted.sequence
              << " is not known here.\nNext: look for it in the log (kicked, admin) and in the "
                 "events, and do it again\n";
  }
  if (accepted.complete) {
    std::cout << "This is complete up to entry " << *accepted.noted
              << ", the newest that was noted\n";
  }
}

// Whoever is interrupted after that has been told.
void print(const Context& context, const Accepted& accepted) {
  if (context.json) {
    print_json({{"sequence", accepted.sequence},
                {"noted", accepted.noted ? Json(*accepted.noted) : Json(nullptr)},
                {"complete", accepted.complete},
                {"revoked", json_of(accepted.revoked)},
                {"suspended", json_of(accepted.suspended)},
                {"to_be_rotated", json_of(accepted.rotated)},
                {"absent", json_of(accepted.absent)}});
  } else {
    print_found(accepted);
  }
  std::cout.flush();
  std::fflush(stdout);
}

void restore(const Context& context, bool accept_older) {
  if (!accept_older) {
    throw OperationError(Code::usage,
                         "pass --accept-older to take the store in `store.dir` as it is; nothing "
                         "else is restored by this version");
  }
  Local local{context};
  if (!local.store().went_back()) {
    throw OperationError(
        Code::conflict, "the store has the newest head that was noted: there is nothing to accept");
  }
  const Accepted accepted = local.store().accept_older(
      local.intent(store::Action::revoke), [&](const Accepted& found) { print(context, found); });
  if (context.json) return;
  std::cout << "accepted the store at entry " << accepted.sequence;
  if (accepted.noted) std::cout << "; entry " << *accepted.noted << " was noted before";
  std::cout << ". Other changes since then are lost\n";
}

}  // namespace

void add_restore(App& app, const Context& context) {
  Command command = app.add("restore", "Accept a store that was restored from an older copy");
  const auto accept_older = std::make_shared<bool>(false);
  command.flag("--accept-older",
               "take the store as it is, and shut out again who was revoked or suspended since",
               *accept_older);
  command.footer(
      "Put the copy in place first, while no daemon runs. Who was revoked or suspended after the\n"
      "copy was made is revoked or suspended again, as far as `store.head_dir` has it noted.\n"
      "Example:\n"
      "  credgate restore --accept-older");
  command.run([&context, accept_older] { restore(context, *accept_older); });
}

}  // namespace gateway::cli
