#include "gateway/cli/command.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <iostream>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

#include "auth/base/typo.h"
#include "gateway/cli/context.h"
#include "gateway/cli/help.h"
#include "gateway/cli/parse_errors.h"

namespace gateway::cli {
namespace {

// "key, password or token".
std::string either(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

App::KnownOption describe(const CLI::Option& option, const Command::Shared& shared) {
  App::KnownOption known{
      .names = {}, .shape = option.get_type_name(), .values = {}, .help = option.get_description()};
  if (option.get_positional()) known.shape = option.get_name(true, false);
  for (const std::string& name : option.get_snames())
    known.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames())
    known.names.push_back("--" + name);
  const auto at = shared.values.find(&option);
  if (at != shared.values.end()) known.values = at->second;
  return known;
}

App::Known describe(const CLI::App& app, const Command::Shared& shared) {
  App::Known known{
      .name = app.get_name(), .help = app.get_description(), .options = {}, .positionals = {}};
  for (const CLI::Option* option : app.get_options()) {
    auto& list = option->get_positional() ? known.positionals : known.options;
    list.push_back(describe(*option, shared));
  }
  return known;
}

// "credgate help create" is "credgate create --help"; "credgate version" is "credgate --version".
std::vector<std::string> plain_words(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) return words;
  if (words.front() == "version") words.front() = "--version";
  if (words.front() != "help") return words;
  words.erase(words.begin());
  words.emplace_back("--help");
  return words;
}

}  // namespace

CLI::Option* Command::finish(CLI::Option* option, const char* shape) const {
  option->type_name(shape);
  if (!group_.empty()) option->group(group_);
  return option;
}

void Command::text(const char* name, const char* shape, const char* help, std::string& into) {
  finish(app_->add_option(name, into, help), shape);
}

void Command::word(const char* name, const char* help, std::string& into) {
  finish(app_->add_option(name, into, help)->required(), "");
}

void Command::optional_word(const char* name, const char* help, std::string& into) {
  finish(app_->add_option(name, into, help), "");
}

CLI::Option* Command::add_choice(const char* name, const char* shape, const char* help,
                                 const std::vector<std::string>& values, std::string& into) {
  const std::string label = name;
  CLI::Option* option = app_->add_option_function<std::string>(
      name,
      [&into, label, values](const std::string& word) {
        require_choice(label, word, values);
        into = word;
      },
      help);
  shared_->values[option] = values;
  return finish(option, shape);
}

void Command::choice(const char* name, const char* shape, const char* help,
                     const std::vector<std::string>& values, std::string& into) {
  add_choice(name, shape, help, values, into);
}

void Command::required_choice(const char* name, const char* help,
                              const std::vector<std::string>& values, std::string& into) {
  add_choice(name, "", help, values, into)->required();
}

void Command::offer(const std::string& name, std::vector<std::string> values) {
  shared_->values[app_->get_option(name)] = std::move(values);
}

void Command::number(const char* name, const char* shape, const char* help,
                     std::optional<std::uint64_t>& into) {
  const std::string label = name;
  const auto read = [&into, label](const std::string& text) {
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc{} || end != text.data() + text.size())
      throw OperationError(Code::usage, label + ": must be a number, not \"" + text + "\"");
    into = n;
  };
  finish(app_->add_option_function<std::string>(name, read, help), shape);
}

void Command::flag(const char* name, const char* help, bool& into) {
  finish(app_->add_flag(name, into, help)->disable_flag_override(), "");
}

void Command::on_text(const char* name, const char* shape, const char* help,
                      const std::function<void(const std::string&)>& use) {
  finish(app_->add_option_function<std::string>(name, use, help), shape);
}

void Command::on_texts(const char* name, const char* shape, const std::string& help,
                       std::function<void(const std::vector<std::string>&)> use) {
  const auto without_empty = [use = std::move(use)](const std::vector<std::string>& given) {
    std::vector<std::string> texts;
    for (const std::string& text : given) {
      if (!text.empty()) texts.push_back(text);
    }
    use(texts);
  };
  finish(app_->add_option_function<std::vector<std::string>>(name, without_empty, help)
             ->delimiter(',')
             ->allow_extra_args(false),
         shape);
}

void Command::on_flag(const std::string& name, bool negative, const char* help,
                      std::function<void(bool)> use) {
  const std::string names = "--" + name + (negative ? ",!--no-" + name : "");
  // CLI11 passes the sum of all: of one that is given both ways nothing remains.
  const auto option = std::make_shared<CLI::Option*>(nullptr);
  *option = app_->add_flag_function(
      names,
      [use = std::move(use), option, name](std::int64_t given) {
        const auto& words = (*option)->results();
        if (std::ranges::adjacent_find(words, std::ranges::not_equal_to{}) != words.end())
          throw OperationError(Code::usage, "--" + name + " and --no-" + name +
                                                " contradict each other; give one of them");
        use(given > 0);
      },
      help);
  finish((*option)->disable_flag_override(), "");
}

void Command::footer(const char* text) {
  app_->footer(text);
}

void Command::run(std::function<void()> action) {
  app_->callback([app = app_, shared = shared_, action = std::move(action)] {
    shared->before(app->get_name());
    action();
  });
}

App::App(const char* about, const char* footer, const char* version)
    : app_(std::make_unique<CLI::App>(about, "credgate")) {
  app_->formatter(make_help_formatter());  // before the commands, which take it over
  app_->footer(footer);
  app_->set_version_flag("--version", version);
  app_->require_subcommand(1);
}

App::~App() = default;

Command App::global() {
  return {*app_, *shared_};
}

Command App::add(const char* name, const char* help) {
  CLI::App* command = app_->add_subcommand(name, help);
  command->fallthrough();
  return {*command, *shared_};
}

void App::run(int argc, const char* const* argv) const {
  const std::vector<std::string> words = plain_words(argc, argv);
  try {
    // CLI11 takes them from the end.
    app_->parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    // Help was asked for, of a command that is none.
    const bool misspelt = app_->get_subcommands().empty() && !first_word(*app_, words).empty();
    if (error.get_exit_code() != 0 || misspelt)
      throw OperationError(Code::usage, explain_parse_error(*app_, error, words));
    app_->exit(error, std::cout, std::cerr);  // prints help or version
  }
}

std::vector<App::Known> App::known() const {
  std::vector<Known> all = {describe(*app_, *shared_)};
  all.front().name.clear();
  for (const CLI::App* command : app_->get_subcommands([](const CLI::App*) { return true; }))
    all.push_back(describe(*command, *shared_));
  return all;
}

void require_choice(const std::string& option, const std::string& word,
                    const std::vector<std::string>& values) {
  if (std::ranges::find(values, word) != values.end()) return;
  throw OperationError(Code::usage, option + ": must be " + either(values) + ", not \"" + word +
                                        "\"" + auth::did_you_mean(word, values));
}

}  // namespace gateway::cli
