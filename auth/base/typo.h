#pragma once
// Finds the word that a misspelt one probably meant.

#include <string_view>

namespace auth {

// Whether two words differ in one place by two letters at most.
bool similar(std::string_view a, std::string_view b);

}  // namespace auth
