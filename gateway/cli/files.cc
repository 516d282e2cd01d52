#include "gateway/cli/files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/cli/context.h"

namespace gateway::cli {

void fail_at(const std::filesystem::path& path) {
  throw OperationError(errno == EEXIST ? Code::conflict : Code::fault,
                       path.string() + ": " + std::strerror(errno));
}

void write_file(const std::filesystem::path& path, mode_t mode, std::string_view text) {
  Fd fd{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
  if (!fd) fail_at(path);
  // Whatever the umask: what is to be read by the daemon's user or nats-server's must be.
  const bool whole =
      fchmod(fd.get(), mode) == 0 &&
      write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fsync(fd.get()) == 0;
  if (!whole || close(fd.release()) != 0) fail_at(path);
}

void replace_file(const std::filesystem::path& named, std::string_view text) {
  // A link stays one, and what it leads to is replaced.
  std::error_code error;
  const std::filesystem::path path = std::filesystem::canonical(named, error);
  if (error) throw OperationError(Code::fault, named.string() + ": " + error.message());
  struct stat s{};
  if (stat(path.c_str(), &s) != 0) fail_at(path);
  const std::filesystem::path fresh = path.string() + ".new";
  unlink(fresh.c_str());  // what an interrupted change left
  write_file(fresh, s.st_mode & 07777, text);
  const bool owned = chown(fresh.c_str(), s.st_uid, s.st_gid) == 0;
  if (!owned || std::rename(fresh.c_str(), path.c_str()) != 0) {
    const int why = errno;
    unlink(fresh.c_str());
    errno = why;
    fail_at(path);
  }
}

std::optional<std::string> read_text(const std::filesystem::path& path) {
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
