#pragma once
// Reads every record, every index and the journal, and says what does not fit together; and whether
// the store lacks the head that was noted outside of it.

#include <string>
#include <vector>

namespace store {

class Store;

// One sentence per fault, at most a hundred; empty where the store is whole.
std::vector<std::string> deep_check(const Store& store);

}  // namespace store
