#pragma once
// A form with words in braces, "{listen}", filled in.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::cli {

using Words = std::vector<std::pair<std::string_view, std::string>>;

// Word by word in this order, each wherever it stands.
std::string fill(std::string_view form, const Words& words);

}  // namespace gateway::cli
