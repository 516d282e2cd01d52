#pragma once
// The pages in which `list` and `history` answer.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "auth/base/json.h"
#include "gateway/admin/operations/context.h"

namespace gateway::operations {

// Records that are looked at for one page, and at once: a filter that nothing fits must not hold a
// snapshot.
inline constexpr std::size_t kLooks = 1000;
inline constexpr std::size_t kLooksForFirst = 50'000;
inline constexpr std::size_t kChunk = 100;
// A page that is larger has no more: a server takes 1 MiB at once, where nobody set more.
inline constexpr std::size_t kPageBytes = std::size_t{512} << 10;

// The entries of a page. Throws OperationError (usage).
inline std::size_t page_size(const std::optional<std::uint64_t>& limit) {
  constexpr std::uint64_t kDefaultPage = 100;
  constexpr std::uint64_t kMaxPage = 1000;
  const std::uint64_t size = limit.value_or(kDefaultPage);
  if (size < 1 || size > kMaxPage)
    throw OperationError(Code::usage, "limit: must be from 1 to 1000");
  return size;
}

inline std::size_t bytes_of(const OrderedJson& json) {
  return auth::write_line(json).size();
}

}  // namespace gateway::operations
