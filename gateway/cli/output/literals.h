#pragma once
// Other people's text in a program, or as the name of a file. It may hold any bytes.

#include <string>
#include <string_view>

namespace gateway::cli {

// A string in double quotes. The first is one of JavaScript, Go, Python and Java.
std::string string_literal(std::string_view text);
std::string c_literal(std::string_view text);

// `text` if it can be a file's name everywhere and be typed without quotes, else `otherwise`.
std::string file_name(std::string_view text, std::string_view otherwise);

}  // namespace gateway::cli
