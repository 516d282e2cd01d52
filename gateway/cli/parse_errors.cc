#include "gateway/cli/parse_errors.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "auth/base/text.h"
#include "auth/base/typo.h"

namespace gateway::cli {
namespace {

// What other programs call a command.
constexpr auto kOtherNames = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"add", "create"},    {"audit", "history"},   {"block", "suspend"},   {"delete", "revoke"},
    {"describe", "show"}, {"disable", "suspend"}, {"disconnect", "kick"}, {"dump", "export"},
    {"edit", "update"},   {"enable", "resume"},   {"get", "show"},        {"info", "show"},
    {"log", "history"},   {"ls", "list"},         {"new", "create"},      {"ps", "status"},
    {"remove", "revoke"}, {"rm", "revoke"},       {"roles", "role"},      {"run", "serve"},
    {"set", "update"},    {"setup", "init"},      {"start", "serve"},     {"unblock", "resume"},
    {"users", "list"},    {"validate", "check"},
});

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

const CLI::Option* find_option(const CLI::App& app, const std::string& name) {
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    if (const CLI::Option* option = at->get_option_no_throw(name)) return option;
  }
  return nullptr;
}

}  // namespace

std::string first_word(const CLI::App& app, const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with('-')) return words[i];
    const CLI::Option* option = find_option(app, words[i]);
    if (option != nullptr && !option->get_type_name().empty()) ++i;
  }
  return "";
}

namespace {

std::string unknown_command(const CLI::App& app, const std::string& word) {
  if (word.empty()) return "a command is missing; see: credgate --help";
  const std::string what = "there is no command \"" + word + "\"";
  const auto* const other =
      std::ranges::find(kOtherNames, word, [](const auto& pair) { return pair.first; });
  if (other != kOtherNames.end())
    return what + "; did you mean " + std::string(other->second) + "?";
  const std::string meant = auth::did_you_mean(word, commands_of(app));
  return what + (meant.empty() ? "; see: credgate --help" : meant);
}

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* at = &command; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames())
        names.push_back(name);
    }
  }
  return names;
}

std::string unknown_option(const CLI::App& command, const std::string& word,
                           const std::string& see) {
  const std::string name = word.substr(0, word.find('='));
  const auto bare = std::min(name.find_first_not_of('-'), name.size());
  const std::string meant = auth::meant_by(name.substr(bare), options_of(command));
  return "there is no option " + name + (meant.empty() ? see : "; did you mean --" + meant + "?");
}

std::string missing(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_required() || option->count() > 0) continue;
    const std::string name =
        option->get_positional() ? option->get_name(true, false) : option->get_name();
    return name + " is missing: " + option->get_description();
  }
  return "an argument is missing";
}

// CLI11 says which option only in its text: "--account: 1 required ACCOUNT missing", "json was
// given a disallowed flag override".
std::string wrong_value(const CLI::App& command, const std::string& text) {
  const auto found = text.find("--");
  const auto at = found == text.npos ? 0 : found;
  std::string name = text.substr(at, std::min(text.find_first_of(" :,", at), text.size()) - at);
  if (found == text.npos) name.insert(0, name.size() == 1 ? "-" : "--");
  const CLI::Option* option = find_option(command, name);
  if (option == nullptr) return "the arguments cannot be read";
  if (option->get_type_name().empty()) return name + " takes no value";
  if (text.ends_with("missing")) return name + " needs a value: " + option->get_type_name();
  return name + " may be given once only";
}

}  // namespace

std::string explain_parse_error(const CLI::App& app, const CLI::ParseError& error,
                                const std::vector<std::string>& words) {
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const std::string see =
      "; see: credgate " + (chosen.empty() ? "" : command.get_name() + " ") + "--help";
  const auto rest = app.remaining(true);
  if (chosen.empty()) {
    const std::string word = first_word(app, words);
    const auto option =
        std::ranges::find_if(rest, [](const std::string& w) { return w.starts_with('-'); });
    if (word.empty() && option != rest.end()) return unknown_option(app, *option, see);
    return unknown_command(app, word);
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) return missing(command) + see;
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr || rest.empty())
    return wrong_value(command, error.what()) + see;
  const auto option =
      std::ranges::find_if(rest, [](const std::string& w) { return w.starts_with('-'); });
  if (option != rest.end()) return unknown_option(command, *option, see);
  return "\"" + rest.front() + "\" is one argument too many" + see;
}

}  // namespace gateway::cli
