#pragma once
// Compares each record with what the journal says of it last: pages of the data file that were put
// back one by one are whole, and only their age is wrong.

#include <string>
#include <vector>

namespace store {

class Store;

// Adds one sentence per fault. Entries that were pruned say nothing.
void check_revisions(const Store& store, std::vector<std::string>& faults);

}  // namespace store
