#pragma once
// Where a store is, and how large it may grow, and how much it takes.

#include <cstddef>
#include <filesystem>

namespace store {

struct Place {
  std::filesystem::path directory;
  // One number for every process that opens the store; address space, not disk.
  std::size_t map_bytes = std::size_t{64} << 30;
  // Where the head of the journal is noted (head_file.h): outside of `directory`, so that a copy of
  // that does not bring an older note along. Empty: nothing is noted.
  std::filesystem::path head_directory{};
};

// How much of it is used.
struct Space {
  std::size_t map_bytes = 0;
  std::size_t used_bytes = 0;  // of the map and of the file; pages that are free again count too
  // Of the map, what other changes than suspending and revoking may still take. Pages that are free
  // again are among them.
  std::size_t left_bytes = 0;
  unsigned readers = 0;  // slots in the lock table
  unsigned max_readers = 0;
};

}  // namespace store
