#include "store/head_file.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/base/text.h"
#include "store/fault.h"
#include "store/head_note.h"

namespace store {
namespace {

constexpr const char* kHead = "head";
constexpr const char* kFresh = "head.new";
constexpr const char* kLock = "lock";
constexpr int kMaxReads = 100;  // it is written about once a second
constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kHeadFileMode = 0600;
constexpr std::chrono::seconds kMaxLockWait{2};
constexpr int kRetryMilliseconds = 10;
// A note of kMaxShutouts has fewer bytes.
constexpr off_t kReserve = off_t{256} << 10;

// With one a link is followed all the same.
std::string without_slash(const std::filesystem::path& directory) {
  std::string path = directory.string();
  while (path.size() > 1 && path.ends_with('/'))
    path.pop_back();
  return path;
}

// Root follows no link, as whoever owns the directory above could lead it anywhere; and nobody a
// link to one of the files. A pipe in the place of one is not waited for.
class File {
 public:
  explicit File(const std::filesystem::path& directory)
      : fd_(open(without_slash(directory).c_str(),
                 O_RDONLY | O_DIRECTORY | O_CLOEXEC | (geteuid() == 0 ? O_NOFOLLOW : 0))) {}
  File(const File& directory, const char* name, int flags)
      : fd_(openat(directory.fd(), name, flags | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC,
                   kHeadFileMode)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

// A lock that is waited for without a limit would let a stopped process stop all others.
bool lock_before(int fd, std::chrono::steady_clock::time_point end) {
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() >= end) return false;
    poll(nullptr, 0, kRetryMilliseconds);
  }
  return true;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// Takes the blocks of the next notes, where the file system can.
void reserve(int fd) {
  static_cast<void>(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, kReserve));
}

// In the blocks that the file has. To cut it to the size that it has would give back the reserve.
bool write_in_place(int fd, std::string_view text) {
  struct stat was{};
  if (fstat(fd, &was) != 0 || !write_all(fd, text)) return false;
  const auto size = static_cast<off_t>(text.size());
  if (was.st_size > size && ftruncate(fd, size) != 0) return false;
  reserve(fd);
  return fsync(fd) == 0;
}

// The two change places. Where they cannot, as there is only one, that is renamed.
bool exchange(const File& directory) {
  const int at = directory.fd();
  if (renameat2(at, kFresh, at, kHead, RENAME_EXCHANGE) == 0) return true;
  if (renameat(at, kFresh, at, kHead) != 0) return false;
  if (const File spare{directory, kFresh, O_WRONLY | O_CREAT}; spare.fd() >= 0) reserve(spare.fd());
  return true;
}

// What root makes in a directory of the store's owner, that owner could not write.
void require_own(const File& directory, const std::filesystem::path& path) {
  struct stat s{};
  if (geteuid() != 0 || fstat(directory.fd(), &s) != 0 || s.st_uid == 0) return;
  throw Fault("store: the noted head is in " + path.string() + ", which belongs to uid " +
              std::to_string(s.st_uid) +
              ", but the store to root; give both the same owner: chown -R --reference=" +
              auth::shell_word(path.string()) + " STORE_DIR");
}

// Keeps errno.
void require_no_link(const std::filesystem::path& directory) {
  const int why = errno;
  struct stat s{};
  const bool link = lstat(without_slash(directory).c_str(), &s) == 0 && S_ISLNK(s.st_mode);
  if (link && geteuid() == 0)
    throw Unusable("store: " + directory.string() +
                   " is a symbolic link, which root does not follow; name its target in "
                   "store.head_dir");
  errno = why;
}

// Nothing else leads out of it: without the note nobody knows whether the store is the newest.
[[noreturn]] void fail_reading(const std::filesystem::path& directory) {
  require_no_link(directory);
  const std::string why = std::strerror(errno);
  throw Fault("store: cannot read the noted head in " + directory.string() + ": " + why +
              "; if it stays so, move " + (directory / "head").string() +
              " away; then it is missing, and the store can be taken as it is with: credgate "
              "restore --accept-older");
}

}  // namespace

HeadFile::HeadFile(std::filesystem::path directory) : directory_(std::move(directory)) {}

void HeadFile::fail(std::string_view step) const {
  require_no_link(directory_);
  const std::string why = std::strerror(errno);
  throw Fault("store: " + std::string(step) + " " + directory_.string() + ": " + why +
              "; it must be a directory of the store's owner (store.head_dir)");
}

// A directory or a pipe in the place of the file is the reason, whatever errno says.
void HeadFile::fail_writing(int directory) const {
  const int why = errno;
  struct stat s{};
  if (fstatat(directory, kFresh, &s, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(s.st_mode)) {
    throw Fault("store: cannot note the head in " + directory_.string() + ": " +
                (directory_ / kFresh).string() + " is not a regular file; remove it");
  }
  errno = why;
  fail("cannot note the head in");
}

// What was `head` when it was opened is written over once two newer notes have come. So the same is
// read twice.
std::optional<std::string> HeadFile::read() const {
  auto text = read_once();
  for (int tries = 0; tries < kMaxReads; ++tries) {
    auto again = read_once();
    if (again == text) return text;
    text = std::move(again);
  }
  throw Fault("store: the noted head in " + directory_.string() + " changes all the time");
}

std::optional<std::string> HeadFile::read_once() const {
  const File directory{directory_};
  if (directory.fd() < 0 && errno == ENOENT) return std::nullopt;
  if (directory.fd() < 0) fail_reading(directory_);
  const File file{directory, kHead, O_RDONLY};
  if (file.fd() < 0 && errno == ENOENT) return std::nullopt;
  if (file.fd() < 0) fail_reading(directory_);
  std::string text;
  std::array<char, 4096> buffer{};
  // One byte too many says that it is too large.
  while (text.size() <= kMaxNoteBytes) {
    const ssize_t n = ::read(file.fd(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_reading(directory_);
    if (n == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return text;
}

HeadFile::Lock::Lock(const HeadFile& file) {
  if (mkdir(file.directory_.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    file.fail("cannot note the head in");
  }
  const File directory{file.directory_};
  if (directory.fd() < 0) file.fail("cannot note the head in");
  require_own(directory, file.directory_);
  fd_ = openat(directory.fd(), kLock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kHeadFileMode);
  if (fd_ < 0) file.fail("cannot note the head in");
  if (lock_before(fd_, std::chrono::steady_clock::now() + kMaxLockWait)) return;
  const int error = errno;
  close(fd_);
  if (error == EWOULDBLOCK) {
    throw Fault(
        "store: the head could not be noted: another process keeps " +
        (file.directory_ / "lock").string() +
        " locked; if a command was stopped (Ctrl-Z), continue or end it. Who has it: fuser " +
        (file.directory_ / "lock").string());
  }
  errno = error;
  file.fail("cannot lock the noted head in");
}

HeadFile::Lock::~Lock() {
  close(fd_);
}

void HeadFile::write(std::string_view text, const Lock& /*held*/) const {
  const File directory{directory_};
  if (directory.fd() < 0) fail("cannot note the head in");
  {
    const File file{directory, kFresh, O_WRONLY | O_CREAT};
    if (file.fd() < 0 || !write_in_place(file.fd(), text)) fail_writing(directory.fd());
  }
  if (!exchange(directory) || fsync(directory.fd()) != 0) fail("cannot note the head in");
}

}  // namespace store
