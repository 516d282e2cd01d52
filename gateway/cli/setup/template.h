#pragma once
// Fills in a template with words in braces, such as "{listen}".

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::cli {

using Words = std::vector<std::pair<std::string_view, std::string>>;

// Replaces the words in this order, each at every place.
std::string fill(std::string_view form, const Words& words);

}  // namespace gateway::cli
