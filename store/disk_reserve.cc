#include "store/disk_reserve.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "store/lmdb.h"

namespace store {
namespace {

constexpr std::size_t kBlock = 512;  // of st_blocks
// Taken at once, so that not every commit has to.
constexpr std::size_t kStep = std::size_t{4} << 20;

// From the beginning: pages that were freed before they were ever written are holes.
int take(int file, std::size_t bytes) {
  int result = 0;
  do {
    result = fallocate(file, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes));
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

}  // namespace

DiskReserve reserve_disk(const Environment& env, std::size_t bytes) {
  const Space space = env.space();
  const std::size_t wanted = std::min(space.map_bytes, space.used_bytes + kDiskReserve + bytes);
  struct stat is{};
  const int file = env.data_file();
  if (fstat(file, &is) != 0) throw Fault("look at the data file", errno);
  const std::size_t taken = static_cast<std::size_t>(is.st_blocks) * kBlock;
  if (taken >= wanted) return {};
  if (take(file, std::min(space.map_bytes, wanted + kStep)) == 0) return {};
  const int why = take(file, wanted);
  if (why == 0) return {};
  const bool full = why == ENOSPC || why == EDQUOT;
  return {.blocks = full ? Blocks::lacking : Blocks::unknown, .missing = wanted - taken};
}

}  // namespace store
