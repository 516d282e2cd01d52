#pragma once
// What is wrong with a command line, in the words of the command line, where CLI11 has found it.

#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace gateway::cli {

// `words`: the arguments. Names what was probably meant, or the help to read.
std::string explain_parse_error(const CLI::App& app, const CLI::ParseError& error,
                                const std::vector<std::string>& words);

// The first word that is neither an option nor the value of one: the command, if it is one. Empty
// if there is none.
std::string first_word(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace gateway::cli
