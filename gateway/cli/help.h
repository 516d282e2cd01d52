#pragma once
// The help of a command: as wide as the terminal, with the options that every command takes.

#include <memory>

namespace CLI {
class FormatterBase;
}  // namespace CLI

namespace gateway::cli {

// For CLI::App::formatter(). Of a footer, a line that begins with a space is an example, which is
// broken before an option where it is too long; any other line is a paragraph.
std::shared_ptr<CLI::FormatterBase> make_help_formatter();

}  // namespace gateway::cli
