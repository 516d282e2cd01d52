#include "gateway/cli/commands/backup_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/cli/context.h"

namespace gateway::cli {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFileMode = 0600;

fs::path with_suffix(const fs::path& file) {
  fs::path written = file;
  written += ".tmp";
  return written;
}

std::unique_ptr<const ActingAs> as_directory_owner(const fs::path& file) {
  if (geteuid() != 0) return nullptr;
  const auto owner = owner_on_the_way(file);
  return owner ? std::make_unique<const ActingAs>(*owner) : nullptr;
}

}  // namespace

BackupFile::BackupFile(fs::path file, bool replace, const std::vector<fs::path>& not_in)
    : file_(std::move(file)), written_(with_suffix(file_)), replace_(replace) {
  const std::string name = file_.filename();
  if (name.empty() || fs::is_directory(file_)) {
    throw OperationError(Code::usage, "FILE: " + file_.string() + " is a directory; name a file");
  }
  const auto other = as_directory_owner(written_);
  at_ = file_at(written_);
  if (!at_.directory) fail("open the directory of");
  require_not_in(not_in);
  struct stat s{};
  replaces_ = fstatat(at_.directory.get(), name.c_str(), &s, AT_SYMLINK_NOFOLLOW) == 0;
  if (!replace_ && replaces_) {
    throw OperationError(Code::conflict, file_.string() +
                                             " exists already; name another file, or pass "
                                             "--replace to put this backup in its place");
  }
  constexpr int kTries = 100;
  for (int tries = 0; tries < kTries; ++tries) {
    remove_left_over();
    if (create()) return;
  }
  throw OperationError(Code::conflict, "another backup is being written to " + written_.string());
}

// Whoever begins another backup finds it locked. One that began between the two steps of this has
// taken it for what an interrupted backup left.
bool BackupFile::create() {
  fd_ = create_file(at_, kFileMode);
  if (!fd_ && errno == EEXIST) return false;
  // Whatever the umask.
  if (!fd_ || fchmod(fd_.get(), kFileMode) != 0) fail("create");
  if (flock(fd_.get(), LOCK_EX | LOCK_NB) == 0) return is_named();
  if (errno != EWOULDBLOCK) fail("lock");
  return false;
}

bool BackupFile::is_named() const {
  struct stat ours{};
  struct stat named{};
  return fstat(fd_.get(), &ours) == 0 &&
         fstatat(at_.directory.get(), at_.name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

// In the place of the store's own file it would end every daemon.
void BackupFile::require_not_in(const std::vector<fs::path>& directories) const {
  struct stat here{};
  if (fstat(at_.directory.get(), &here) != 0) fail("look at the directory of");
  for (const fs::path& directory : directories) {
    struct stat s{};
    const bool same =
        stat(directory.c_str(), &s) == 0 && s.st_dev == here.st_dev && s.st_ino == here.st_ino;
    if (!same) continue;
    throw OperationError(Code::usage, "FILE: " + directory.string() +
                                          " is the store's own; name a file in another directory");
  }
}

fs::path BackupFile::written() const {
  return "/proc/self/fd/" + std::to_string(fd_.get());
}

BackupFile::~BackupFile() {
  if (kept_ || !fd_) return;
  try {
    const auto other = as_directory_owner(written_);
    if (is_named()) unlinkat(at_.directory.get(), at_.name.c_str(), 0);
  } catch (const std::exception& fault) {
    std::cerr << "note: " << written_.string() << " is left: " << fault.what() << '\n';
  }
}

void BackupFile::remove_left_over() const {
  const int directory = at_.directory.get();
  const Fd left{
      openat(directory, at_.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!left && errno == ENOENT) return;
  if (!left && errno == EACCES) {
    throw OperationError(Code::conflict,
                         written_.string() + " is another user's; remove it, or name another file");
  }
  if (left && flock(left.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    throw OperationError(Code::conflict, "another backup is being written to " + written_.string());
  }
  if (unlinkat(directory, at_.name.c_str(), 0) != 0) fail("remove");
}

std::uint64_t BackupFile::size() const {
  struct stat s{};
  return fstat(fd_.get(), &s) == 0 ? static_cast<std::uint64_t>(s.st_size) : 0;
}

void BackupFile::keep() {
  const auto other = as_directory_owner(written_);
  const int directory = at_.directory.get();
  const std::string name = file_.filename();
  if (fsync(fd_.get()) != 0) fail("write");
  if (!is_named())
    throw OperationError(Code::conflict, written_.string() + " was replaced by another process");
  int result = renameat2(directory, at_.name.c_str(), directory, name.c_str(),
                         replace_ ? 0 : RENAME_NOREPLACE);
  // Not every file system can tell; that there was none was seen before.
  if (result != 0 && errno == EINVAL)
    result = renameat(directory, at_.name.c_str(), directory, name.c_str());
  if (result != 0) fail("rename");
  kept_ = true;
  const Fd opened{openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened || fsync(opened.get()) != 0) fail("sync the directory of");
}

void BackupFile::fail(const std::string& step) const {
  const int why = errno;
  throw OperationError(why == EEXIST ? Code::conflict : Code::fault,
                       "cannot " + step + " " + written_.string() + ": " + std::strerror(why));
}

}  // namespace gateway::cli
