#pragma once
// How far a check of the whole store is.

#include <cstdint>
#include <functional>

namespace store {

// Not thread-safe.
struct CheckProgress {
  // Called with how many pages, or entries of tables, were looked at, of how many that there were
  // at the beginning. Empty: nobody wants to know.
  std::function<void(std::uint64_t looked_at, std::uint64_t all)> tell{};
  std::uint64_t looked_at = 0;
  std::uint64_t all = 0;

  void add(std::uint64_t more) {
    looked_at += more;
    if (tell) tell(looked_at, all);
  }
};

}  // namespace store
