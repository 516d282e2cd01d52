#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <sys/stat.h>

#include "auth/base/base64.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/commands/backup_file.h"
#include "gateway/cli/output/progress.h"
#include "gateway/platform/privileges.h"
#include "store/integrity_check.h"

namespace gateway::cli {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};

// With the rights of its owner, who could not read what root makes there. The copy is written with
// those of whoever asks for it.
std::unique_ptr<store::Store> open_as_owner(const Config& config, const auth::MasterKeys& keys) {
  std::optional<ActingAs> owner;
  struct stat s{};
  const bool found = stat(config.store.directory.c_str(), &s) == 0;
  if (found && s.st_uid != 0) owner.emplace(Owner{s.st_uid, s.st_gid});
  return std::make_unique<store::Store>(config.store, keys);
}

void write_copy(const store::Store& store, const BackupFile& file) {
  Progress progress{"copying", store.space().used_bytes};
  auto copied = std::async(std::launch::async, [&] { store.copy_to(file.fd()); });
  while (copied.wait_for(kProgressInterval) != std::future_status::ready)
    progress.at(file.size());
  copied.get();
}

struct Copied {
  store::Totals totals;
  std::string head;  // SEQ:HASH; empty while the journal is
};

// What is damaged in the store is damaged in its copy.
Copied verify(const BackupFile& file, const Config& config, const auth::MasterKeys& keys) {
  const store::Place place{.directory = file.written(), .map_bytes = config.store.map_bytes};
  const store::Store copy{place, keys, store::Store::Opening::copy};
  const auto faults = store::check_all(copy);
  for (const std::string& fault : faults)
    std::cerr << "fault: " << fault << '\n';
  if (!faults.empty()) {
    throw OperationError(Code::fault,
                         "the copy is damaged, so it was not kept; see: credgate check --deep");
  }
  Copied copied{.totals = copy.totals(), .head = {}};
  if (const auto head = copy.head()) {
    copied.head = std::to_string(head->sequence) + ":" + auth::write_base64url(head->hash);
  }
  return copied;
}

void print(const Context& context, const std::string& file, std::uint64_t bytes,
           const Copied& copied) {
  const store::Totals& totals = copied.totals;
  using Json = nlohmann::ordered_json;
  if (context.json) {
    return print_json({{"file", file},
                       {"bytes", bytes},
                       {"store_id", totals.store_id},
                       {"active", totals.active},
                       {"suspended", totals.suspended},
                       {"revoked", totals.revoked},
                       {"head", copied.head.empty() ? Json(nullptr) : Json(copied.head)}});
  }
  std::cout << "wrote   " << file << ", " << bytes << " bytes, and read all of it\n"
            << "store   " << totals.store_id << ": " << totals.active << " active, "
            << totals.suspended << " suspended, " << totals.revoked << " revoked\n"
            << "head    " << (copied.head.empty() ? "none: the journal is empty" : copied.head)
            << '\n';
}

void backup(const Context& context, const std::string& name, bool replace) {
  const Config config = load_config(context.config);
  const auth::MasterKeys keys = load_master_keys(config);
  BackupFile file{name, replace, {config.store.directory, config.store.head_directory}};
  const auto store = open_as_owner(config, keys);
  if (const auto& back = store->went_back()) {
    if (file.replaces()) {
      throw store::WentBack(*back + "; " + name +
                            " may be newer, so it was not replaced; name another file");
    }
    warn(context, *back);
  }
  write_copy(*store, file);
  const Copied copied = verify(file, config, keys);
  const std::uint64_t bytes = file.size();
  file.keep();
  print(context, name, bytes, copied);
}

}  // namespace

void add_backup(App& app, const Context& context) {
  Command command = app.add("backup", "Write a copy of the store into a file, while daemons run");
  const auto file = std::make_shared<std::string>();
  const auto replace = std::make_shared<bool>(false);
  command.word("FILE", "the new file (0600); a half one never has this name", *file);
  command.flag("--replace", "put it in the place of an existing file", *replace);
  command.footer(
      "The copy is of one moment, without free pages, and is read back before it gets its name.\n"
      "Keep it apart from `master.key`, and do not copy `store.head_dir`. The head that is "
      "printed "
      "tells later whether a store has at least what this copy has: credgate history --verify "
      "--from HEAD. `credgate restore FILE` puts the copy in place.\n"
      "Example:\n"
      "  credgate backup /var/backups/credgate.backup --replace");
  command.run([&context, file, replace] { backup(context, *file, *replace); });
}

}  // namespace gateway::cli
