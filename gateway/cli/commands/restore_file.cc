#include "gateway/cli/commands/restore_file.h"

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/base/text.h"
#include "gateway/cli/context.h"
#include "gateway/cli/files.h"
#include "gateway/platform/fd.h"
#include "gateway/platform/privileges.h"
#include "store/head_file.h"
#include "store/head_note.h"
#include "store/integrity_check.h"

namespace gateway::cli {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr const char* kWritten = "data.mdb.tmp";  // an interrupted restore leaves it

// Where only root decides what the path leads to, the store is the daemon's user's, who has the
// directory of the noted head. Elsewhere it is that of whoever owns the way.
void make_directory(const store::Place& place) {
  const std::string path = place.directory.string();
  const auto on_the_way = geteuid() == 0 ? owner_on_the_way(place.directory) : std::nullopt;
  if (on_the_way) become(*on_the_way);
  if (mkdir(path.c_str(), kDirectoryMode) != 0 && errno != EEXIST) fail_at(path);
  struct stat head{};
  const bool hand_over =
      !on_the_way && geteuid() == 0 && stat(place.head_directory.c_str(), &head) == 0;
  if (!hand_over) return;
  // One that was there is empty, as the root of a file system that was just mounted.
  if (chown(path.c_str(), head.st_uid, head.st_gid) != 0 ||
      chmod(path.c_str(), kDirectoryMode) != 0)
    fail_at(path);
}

// The note would be replaced, and with it goes whom the other store has shut out.
void require_noted_store(const std::string& store_id, const fs::path& head_directory,
                         const auth::MasterKeys& keys) {
  if (head_directory.empty()) return;
  const auto text = store::HeadFile{head_directory}.read();
  const auto noted = text ? store::read_note(*text, keys) : std::nullopt;
  if (!noted || noted->note.store_id == store_id) return;
  throw OperationError(Code::conflict, "the backup is of store " + store_id + ", but the head in " +
                                           head_directory.string() + " is that of " +
                                           noted->note.store_id +
                                           "; if you mean it, move that directory away first");
}

}  // namespace

void require_empty(const fs::path& directory) {
  std::error_code error;
  const auto files = fs::directory_iterator{directory, error};
  if (error == std::errc::no_such_file_or_directory) return;
  if (error) throw OperationError(Code::fault, directory.string() + ": " + error.message());
  for (const auto& file : files) {
    const fs::path name = file.path().filename();
    if (name == "lost+found" || name == kWritten) continue;
    throw OperationError(Code::conflict,
                         directory.string() +
                             " is not empty, and nothing in it is overwritten; stop the daemon, "
                             "and move it away: mv " +
                             auth::shell_word(directory.string()) + " " +
                             auth::shell_word(directory.string() + ".old"));
  }
}

std::unique_ptr<store::Store> open_backup(const fs::path& file, const Config& config,
                                          const auth::MasterKeys& keys) {
  const store::Place place{.directory = file, .map_bytes = config.store.map_bytes};
  std::unique_ptr<store::Store> backup;
  std::vector<std::string> faults;
  try {
    backup = std::make_unique<store::Store>(place, keys, store::Store::Opening::copy);
    faults = store::check_all(*backup);
  } catch (const store::DamagedPage& damaged) {
    faults.push_back(damaged.damage());
  }
  for (const std::string& fault : faults)
    std::cerr << "fault: " << fault << '\n';
  if (!faults.empty()) {
    throw OperationError(
        Code::fault, file.string() + " is damaged, so nothing was restored; take another backup");
  }
  require_noted_store(backup->totals().store_id, config.store.head_directory, keys);
  return backup;
}

void put_in_place(const store::Store& backup, const store::Place& place) {
  make_directory(place);
  become_owner_of(place.directory);
  const FileAt at = file_at(place.directory / kWritten);
  const int directory = at.directory.get();
  unlinkat(directory, kWritten, 0);
  const Fd file = create_file(at, kFileMode);
  if (!file || fchmod(file.get(), kFileMode) != 0) fail_at(place.directory / kWritten);
  backup.copy_to(file.get());
  const Fd opened{openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (fsync(file.get()) != 0 ||
      renameat2(directory, kWritten, directory, "data.mdb", RENAME_NOREPLACE) != 0 || !opened ||
      fsync(opened.get()) != 0) {
    fail_at(place.directory / "data.mdb");
  }
}

}  // namespace gateway::cli
