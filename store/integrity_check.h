#pragma once
// Reads every record and every index, and says what does not fit together.

#include <string>
#include <vector>

namespace store {

class Store;

// One sentence per fault, at most a hundred; empty where the store is whole.
std::vector<std::string> deep_check(const Store& store);

}  // namespace store
