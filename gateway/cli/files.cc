#include "gateway/cli/files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/nats/subject.h"
#include "gateway/cli/context.h"

namespace gateway::cli {

void fail_at(const std::filesystem::path& path) {
  throw OperationError(errno == EEXIST ? Code::conflict : Code::fault,
                       path.string() + ": " + std::strerror(errno));
}

namespace {

// The owner is set before anything is in the file, and by its descriptor.
bool fill(Fd fd, mode_t mode, const std::optional<Owner>& owner, std::string_view text) {
  if (!fd || (owner && fchown(fd.get(), owner->uid, owner->gid) != 0)) return false;
  // Whatever the umask: what is to be read by the daemon's user or nats-server's must be.
  return fchmod(fd.get(), mode) == 0 &&
         write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         fsync(fd.get()) == 0 && close(fd.release()) == 0;
}

}  // namespace

FileAt file_at(const std::filesystem::path& path) {
  const auto parent = path.has_parent_path() ? path.parent_path() : ".";
  return {.directory = Fd{open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)},
          .name = path.filename().string()};
}

Fd create_file(const FileAt& at, mode_t mode) {
  if (!at.directory) return {};  // errno is that of its open()
  return Fd{openat(at.directory.get(), at.name.c_str(),
                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)};
}

void write_file(const std::filesystem::path& path, mode_t mode, std::string_view text,
                const std::optional<Owner>& owner) {
  if (!fill(create_file(file_at(path), mode), mode, owner, text)) fail_at(path);
}

void replace_file(const std::filesystem::path& named, std::string_view text) {
  // Else root would replace what the owner of a directory on the way puts a link to.
  std::optional<ActingAs> other;
  if (geteuid() == 0) {
    if (const auto owner = owner_on_the_way(named)) other.emplace(*owner);
  }
  // A link stays one, and what it leads to is replaced.
  std::error_code error;
  const std::filesystem::path path = std::filesystem::canonical(named, error);
  if (error) throw OperationError(Code::fault, named.string() + ": " + error.message());
  FileAt fresh = file_at(path);
  const int directory = fresh.directory.get();
  struct stat s{};
  if (fstatat(directory, fresh.name.c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0) fail_at(path);
  const std::string name = std::exchange(fresh.name, fresh.name + ".new");
  unlinkat(directory, fresh.name.c_str(), 0);  // what an interrupted change left
  if (!fill(create_file(fresh, 0600), s.st_mode & 0777, Owner{s.st_uid, s.st_gid}, text) ||
      renameat(directory, fresh.name.c_str(), directory, name.c_str()) != 0) {
    const int why = errno;
    unlinkat(directory, fresh.name.c_str(), 0);
    errno = why;
    fail_at(path);
  }
}

std::string reason_of(const std::string& command, const std::string& file) {
  constexpr std::size_t kMaxShown = 512;  // a reason has 1024 bytes
  return auth::printable(file) && file.size() <= kMaxShown ? command + " " + file : command;
}

std::optional<std::string> read_text(const std::filesystem::path& path) {
  std::error_code none;
  if (std::filesystem::is_directory(path, none)) {
    errno = EISDIR;
    return std::nullopt;
  }
  std::ifstream in{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  if (!in) return std::nullopt;
  return text;
}

DirectoryLock::DirectoryLock(const std::filesystem::path& directory)
    : fd_(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!fd_ || flock(fd_.get(), LOCK_EX) != 0) fail_at(directory);
}

}  // namespace gateway::cli
