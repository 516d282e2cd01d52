#include "gateway/cli/help.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "auth/base/text.h"
#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"
#include "gateway/cli/run_operation.h"

namespace gateway::cli {
namespace {

constexpr std::size_t kMaxColumns = 120;  // longer lines are hard to read
constexpr std::size_t kIndent = 26;       // of what is said of an option

std::size_t help_width() {
  return std::min(output_width(), kMaxColumns);
}

// Two columns: the term, and what it means; below it where the term is too long.
std::string entry(const std::string& term, const std::string& meaning) {
  const std::string head = "  " + term;
  const std::size_t indent = help_width() < 2 * kIndent ? 6 : kIndent;
  if (meaning.empty()) return head + "\n";
  if (columns(head) + 2 > indent)
    return head + "\n" + paragraph(std::string(indent, ' '), indent, meaning, help_width());
  return paragraph(head + std::string(indent - columns(head), ' '), indent, meaning, help_width());
}

// "-q, --quiet", "--publish, --no-publish", "--account ACCOUNT".
std::string term_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames())
    names.push_back("-" + name);
  for (const std::string& name : option.get_lnames())
    names.push_back("--" + name);
  const std::string shape = option.get_type_name();
  return auth::join(names) + (shape.empty() ? "" : " " + shape);
}

std::string usage(const CLI::App& app, const std::string& name) {
  std::string text = "[OPTIONS]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string word = option->get_name(true, false);
    text += " " + (option->get_required() ? word : "[" + word + "]");
  }
  if (app.get_parent() == nullptr) text += " COMMAND";
  return paragraph("Usage: " + name + " ", 7, text, help_width());
}

std::string positionals(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional())
      text += entry(option->get_name(true, false), option->get_description());
  }
  return text.empty() ? "" : "\nArguments:\n" + text;
}

std::string group_of(const CLI::App& app, const std::string& group, const std::string& heading) {
  std::string text;
  const bool own = heading == group;
  for (const CLI::Option* option : app.get_options()) {
    const bool left_out = option == app.get_help_ptr() || option->check_lname("version");
    if (option->nonpositional() && option->get_group() == group && (own || !left_out))
      text += entry(term_of(*option), option->get_description());
  }
  if (text.empty()) return "";
  return "\n" + paragraph("", 0, heading + ":", help_width()) + text;
}

std::string groups(const CLI::App& app) {
  std::string text;
  for (const std::string& group : app.get_groups())
    text += group_of(app, group, group);
  return text;
}

// The app's own, which each command takes too.
std::string global_groups(const CLI::App& command) {
  const CLI::App* app = command.get_parent();
  if (app == nullptr) return "";
  std::string text;
  for (const std::string& group : app->get_groups()) {
    if (group == "Options") {
      text += group_of(*app, group, "Options of every command");
    } else if (works_remotely(command.get_name())) {
      text += group_of(*app, group, group);
    }
  }
  return text;
}

std::string subcommands(const CLI::App& app) {
  std::string text;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    text += entry(command->get_name(), command->get_description());
  return text.empty() ? "" : "\nSubcommands:\n" + text;
}

// A shell reads on after a backslash; between an option and its value nothing is broken.
std::string example(std::string_view line) {
  std::string text;
  std::string begun;
  while (!line.empty()) {
    const auto next = std::min(line.find(" --", 1), line.size());
    const std::string_view part = line.substr(0, next);
    line.remove_prefix(next);
    const std::size_t mark = line.empty() ? 0 : 2;
    if (!begun.empty() && columns(begun) + columns(part) + mark > help_width()) {
      text += begun + " \\\n";
      begun = "     ";
    }
    begun += part;
  }
  return text + begun + "\n";
}

std::string footer(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    out += line.starts_with(' ') ? example(line) : paragraph("", 0, line, help_width());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out.empty() ? "" : "\n" + out;
}

class Help : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode /*mode*/) const override {
    return paragraph("", 0, app->get_description(), help_width()) + "\n" + usage(*app, name) +
           positionals(*app) + groups(*app) + global_groups(*app) + subcommands(*app) +
           footer(app->get_footer());
  }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> make_help_formatter() {
  return std::make_shared<Help>();
}

}  // namespace gateway::cli
