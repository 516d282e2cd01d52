#include "store/lock_table.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fault.h"

namespace store {
namespace {

constexpr std::uint32_t kMagic = 0xBEEFC0DE;
constexpr std::uint32_t kFormat = 0x10001;  // version 1, with a lock for each process that reads
// A cache line with magic, format, the readers' mutex and two numbers; then the writers' mutex,
// which begins with its futex.
constexpr std::size_t kWriterFutex = 64;
constexpr std::size_t kHeadBytes = kWriterFutex + sizeof(std::uint32_t);

std::uint32_t word_at(const std::array<char, kHeadBytes>& head, std::size_t at) {
  std::uint32_t word = 0;
  std::memcpy(&word, head.data() + at, sizeof word);
  return word;
}

}  // namespace

LockTable::LockTable(const std::filesystem::path& file)
    : fd_(open(file.c_str(), O_RDWR | O_CLOEXEC)) {
  if (fd_ < 0 && errno == ENOENT) {
    throw Gone("store: " + file.string() + " was removed while it was in use");
  }
  if (fd_ < 0) throw Fault("open " + file.string(), errno);
  struct stat s{};
  // Without effect on a disk that is full already, and on a file system that knows no such thing.
  if (fstat(fd_, &s) == 0 && s.st_blocks * 512 < s.st_size)
    static_cast<void>(fallocate(fd_, 0, 0, s.st_size));
}

LockTable::~LockTable() {
  close(fd_);
}

bool LockTable::has_writer() const {
  std::array<char, kHeadBytes> head{};
  if (pread(fd_, head.data(), head.size(), 0) != static_cast<ssize_t>(head.size())) return false;
  if (word_at(head, 0) != kMagic || word_at(head, sizeof kMagic) != kFormat) return false;
  return (word_at(head, kWriterFutex) & FUTEX_TID_MASK) != 0;
}

}  // namespace store
