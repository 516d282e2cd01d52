#pragma once
// Reads every record, every index and the journal, and says what does not fit together; and whether
// the store lacks the head that was noted outside of it.

#include <cstddef>
#include <string>
#include <vector>

#include "store/check_progress.h"

namespace store {

class Store;

inline constexpr std::size_t kMaxFaults = 100;

// One sentence per fault, at most kMaxFaults; empty where the store is whole. The pages must be
// (page_check.h).
std::vector<std::string> deep_check(const Store& store, CheckProgress progress = {});

// Both: of the pages, and where these are whole of what is in them.
std::vector<std::string> check_all(const Store& store);

}  // namespace store
