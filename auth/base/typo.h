#pragma once
// Finds the word that a misspelt one probably meant.

#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Whether two words differ in one place by two letters at most.
bool similar(std::string_view a, std::string_view b);

// Of the known words the one that was probably meant: the same in other case, a similar one, or the
// only one that begins with three letters or more of it. Empty if there is none.
std::string meant_by(std::string_view word, const std::vector<std::string>& known);

// "; did you mean list?", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace auth
