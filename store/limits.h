#pragma once
// What the store does in one piece, so that others have their turn.

#include <chrono>
#include <cstddef>

namespace store {

// Records or entries of one read transaction: LMDB reuses no page that an open one may see.
inline constexpr std::size_t kPage = 1000;
// LMDB has one writer: a revocation waits for whoever writes.
inline constexpr std::chrono::milliseconds kMaxWrite{20};

}  // namespace store
