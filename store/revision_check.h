#pragma once
// Compares each record with what the journal says of it last: pages of the data file that were put
// back one by one are whole, and only their age is wrong.

#include <cstdint>
#include <string>
#include <vector>

#include "store/check_progress.h"

namespace store {

class Store;

// Adds one sentence per fault. Entries that were pruned say nothing.
void check_revisions(const Store& store, std::vector<std::string>& faults, CheckProgress& progress);
// How many records and entries that looks at.
std::uint64_t revision_check_size(const Store& store);

}  // namespace store
