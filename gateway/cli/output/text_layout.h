#pragma once
// Text laid out in the columns of a terminal. A column is a character: bytes that continue one of
// UTF-8 take none.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::cli {

// How many columns the text takes.
std::size_t columns(std::string_view text);

// The lines of a text that is broken between words, each of `width` columns at most. A longer word
// is broken after `.`, `/`, `-`, `,`, `:` or `_`, or where the line ends. One empty line for an
// empty text.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

// As wrap(): the first line begins with `head`, the others with as many spaces as `indent` says,
// and each ends with a line end. Words that are too long, such as paths and keys, are kept whole.
std::string paragraph(const std::string& head, std::size_t indent, std::string_view text,
                      std::size_t width);

// A key or id without its middle, in `width` columns: UDXU4RCS…7NLCNF4.
std::string shorten(std::string_view key, std::size_t width);

// Clients choose their own names, and a terminal obeys the control characters in them: each becomes
// a question mark.
std::string without_controls(std::string text);

// The largest width of a word.
std::size_t longest_word(std::string_view text);

}  // namespace gateway::cli
