#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "auth/base/base64.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/commands/restore_file.h"
#include "gateway/cli/output/table.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/privileges.h"

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
  Table table{{{"WHAT"}, {"ID", Fit::whole}, {"NAME"}, {"ENTRY", Fit::whole}}};
  add_rows(table, "revoked again", accepted.revoked);
  add_rows(table, "suspended again", accepted.suspended);
  add_rows(table, "to be rotated", accepted.rotated);
  add_rows(table, "not in this store", accepted.absent);
  if (!table.empty()) std::cout << table.text() << '\n';
}

void print_found(const Accepted& accepted) {
  print_changes(accepted);
  if (!accepted.rotated.empty()) {
    std::cout << "To be rotated: these were rotated after the copy was made, so the secrets from "
                 "before are\ngood again. Next: credgate rotate NAME --overlap 0 --now\n";
  }
  if (!accepted.complete) {
    const std::string since = accepted.sequence == 0
                                  ? "since this copy was made"
                                  : "after entry " + std::to_string(accepted.sequence);
    std::cout << "This is not complete: who else was revoked, suspended or rotated " << since
              << "\nis not known here. Next: look for it in the log (kicked, admin) and in the "
                 "events, and do it again\n";
  }
  if (accepted.complete) {
    std::cout << "This is complete up to entry " << *accepted.noted
              << ", the newest that was noted\n";
  }
}

// The note outside of the store says nothing of roles.
bool has_roles(const store::Store& store) {
  const store::RolePage page = store.list_roles("", "", 1);
  return !page.roles.empty() || !page.damaged.empty();
}

void print_roles(const store::Store& store) {
  if (!has_roles(store)) return;
  std::cout << "Roles may be older than they were, and give more than they should. Next: look at "
               "them\nwith credgate role list, and change them again\n";
}

Json json_of(const Accepted& accepted, const store::Store& store) {
  return {{"sequence", accepted.sequence},
          {"noted", accepted.noted ? Json(*accepted.noted) : Json(nullptr)},
          {"complete", accepted.complete},
          {"revoked", json_of(accepted.revoked)},
          {"suspended", json_of(accepted.suspended)},
          {"to_be_rotated", json_of(accepted.rotated)},
          {"absent", json_of(accepted.absent)},
          {"roles_may_be_older", has_roles(store)}};
}

// Whoever is interrupted after that has been told.
void flush() {
  std::cout.flush();
  static_cast<void>(std::fflush(stdout));
}

void print_end(const Accepted& accepted) {
  std::cout << "accepted the store";
  if (accepted.sequence != 0) std::cout << " at entry " << accepted.sequence;
  if (accepted.noted) std::cout << "; entry " << *accepted.noted << " was noted before";
  std::cout << ". Other changes since then are lost\n";
}

void accept_older(const Context& context) {
  Local local{context};
  if (!local.store().went_back()) {
    throw OperationError(
        Code::conflict, "the store has the newest head that was noted: there is nothing to accept");
  }
  const Accepted accepted =
      local.store().accept_older(local.intent(store::Action::revoke), [&](const Accepted& found) {
        if (context.json) print_json(json_of(found, local.store()));
        if (!context.json) print_found(found);
        if (!context.json) print_roles(local.store());
        flush();
      });
  if (!context.json) print_end(accepted);
}

struct Restored {
  std::string file;
  std::string store_id;
  std::string head;  // SEQ:HASH; empty while the journal is
};

Json json_of(const Restored& restored, Json accepted) {
  return {{"file", restored.file},
          {"store_id", restored.store_id},
          {"head", restored.head.empty() ? Json(nullptr) : Json(restored.head)},
          {"accepted", std::move(accepted)}};
}

// Nothing that was noted is missing, or nothing ever was noted.
void print_newest(const Context& context, const Restored& restored) {
  if (context.json) return print_json(json_of(restored, nullptr));
  std::cout << "Nobody was revoked, suspended or rotated since, as far as is noted\n";
}

// What a copy lacks is known by the note outside of the store, as for one that was put in place by
// hand; interrupted, the rest is done by --accept-older.
void take(const Context& context, store::Store& store, const Restored& restored) {
  if (!store.went_back()) {
    store.note_head();
    return print_newest(context, restored);
  }
  std::cerr << "note: " << *store.went_back() << '\n';
  const store::Intent intent{.action = store::Action::revoke,
                             .actor = local_actor(),
                             .at = now_in_seconds(),
                             .revision = {},
                             .reason = {}};
  const Accepted accepted = store.accept_older(intent, [&](const Accepted& found) {
    if (context.json) print_json(json_of(restored, json_of(found, store)));
    if (!context.json) print_found(found);
    if (!context.json) print_roles(store);
    flush();
  });
  if (!context.json) print_end(accepted);
}

void restore_file(const Context& context, const std::string& file) {
  const Config config = load_config(context.config);
  const auth::MasterKeys keys = load_master_keys(config);
  require_empty(config.store.directory);
  Restored restored{.file = file, .store_id = {}, .head = {}};
  {
    const auto backup = open_backup(file, config, keys);
    restored.store_id = backup->totals().store_id;
    if (const auto head = backup->head()) {
      restored.head = std::to_string(head->sequence) + ":" + auth::write_base64url(head->hash);
    }
    put_in_place(*backup, config.store);
  }
  store::Store store{config.store, keys};
  if (!context.json) {
    const store::Totals totals = store.totals();
    std::cout << "restored " << file << " into " << config.store.directory.string() << ": "
              << totals.active << " active, " << totals.suspended << " suspended, "
              << totals.revoked << " revoked; journal at " << totals.sequence << '\n';
  }
  take(context, store, restored);
}

void restore(const Context& context, const std::string& file, bool older) {
  if (file.empty() && !older) {
    throw OperationError(Code::usage,
                         "name the FILE that `credgate backup` wrote; or pass --accept-older to "
                         "take the store that was put into `store.dir` by other means");
  }
  if (!file.empty() && older) {
    throw OperationError(Code::usage,
                         "--accept-older is for a store that is in place already; `restore FILE` "
                         "takes an older one without it");
  }
  if (older) return accept_older(context);
  restore_file(context, file);
}

}  // namespace

void add_restore(App& app, const Context& context) {
  Command command = app.add("restore", "Put a backup in the place of a store that is lost");
  const auto file = std::make_shared<std::string>();
  const auto older = std::make_shared<bool>(false);
  command.optional_word("FILE", "what `credgate backup` wrote", *file);
  command.flag("--accept-older",
               "instead: take the store that is in place, though it is an older one", *older);
  command.footer(
      "Stop every daemon first, and move what is left of the store away: nothing is overwritten.\n"
      "FILE is read whole before. Who was revoked or suspended after it was written is revoked or "
      "suspended again, and who was rotated is named, as far as `store.head_dir` has it noted. "
      "Other changes since then are lost.\n"
      "Examples:\n"
      "  credgate restore /var/backups/credgate.backup\n"
      "  credgate restore --accept-older");
  command.run([&context, file, older] { restore(context, *file, *older); });
}

}  // namespace gateway::cli
