#pragma once
// The part of the disk that is kept for suspending and revoking: blocks that belong to the data
// file before anything is written to them, so that what else fills the disk cannot have them.
// Source: fallocate(2), FALLOC_FL_KEEP_SIZE: the file looks no longer, and a copy of it is not.

#include <cstddef>
#include <cstdint>

namespace store {

class Environment;

// Behind what is in use, or up to the end of the map where that is less.
inline constexpr std::size_t kDiskReserve = std::size_t{64} << 20;

enum class Blocks : std::uint8_t {
  taken,
  lacking,  // the disk has not so many
  unknown,  // the file system can take none beforehand: what is free now may be gone when written
};

struct DiskReserve {
  Blocks blocks = Blocks::taken;
  std::size_t missing = 0;  // bytes, where they were not taken
};

// Takes the blocks of the reserve and of `bytes` more. Cheap where they are taken already. Throws
// Fault.
DiskReserve reserve_disk(const Environment& env, std::size_t bytes);

}  // namespace store
