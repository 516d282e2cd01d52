#pragma once
// What the terminal shows: how many columns, and whether colours.

#include <cstddef>
#include <string>
#include <string_view>

namespace gateway::cli {

// The columns that output has: those of the terminal on standard output; where it is none,
// $COLUMNS, or 80.
std::size_t output_width();

// The text in a colour, if standard output is a terminal that has them and $NO_COLOR is not set
// (no-color.org).
enum class Colour { none, green, yellow, red, bold };
std::string coloured(std::string_view text, Colour colour);

// `word` in the colour of its meaning (active, suspended, revoked), and spaces up to `width`.
std::string coloured_status(std::string_view word, std::size_t width);

}  // namespace gateway::cli
