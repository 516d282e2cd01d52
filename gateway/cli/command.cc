#include "gateway/cli/command.h"

#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>

#include "auth/base/typo.h"
#include "gateway/cli/context.h"

namespace gateway::cli {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// The first word that is neither an option nor --config's value.
std::string first_word(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--config") {
      ++i;
    } else if (!word.starts_with('-')) {
      return std::string(word);
    }
  }
  return "";
}

// What CLI11 calls a missing subcommand is most often a misspelt one.
std::string complaint(const CLI::App& app, const std::string& what, const std::string& word) {
  std::string command = "credgate";
  for (const CLI::App* chosen : app.get_subcommands())
    command += " " + chosen->get_name();
  const std::string see = "; see: " + command + " --help";
  if (!app.get_subcommands().empty()) return what + see;
  if (word.empty()) return "a command is missing" + see;
  for (const CLI::App* known : commands_of(app)) {
    if (auth::similar(word, known->get_name())) {
      return "there is no command \"" + word + "\"; did you mean " + known->get_name() + "?";
    }
  }
  return "there is no command \"" + word + "\"" + see;
}

App::Known describe(const CLI::App& app) {
  App::Known known{.name = app.get_name(), .options = {}};
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames())
      known.options.push_back("--" + name);
  }
  known.takes_credential = app.get_option_no_throw("CREDENTIAL") != nullptr;
  known.takes_file = app.get_option_no_throw("FILE") != nullptr;
  return known;
}

}  // namespace

void Command::finish(CLI::Option* option, const char* shape) const {
  option->type_name(shape);
  if (!group_.empty()) option->group(group_);
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

void Command::number(const char* name, const char* shape, const char* help,
                     std::optional<std::uint64_t>& into) {
  finish(app_->add_option_function<std::uint64_t>(
             name, [&into](const std::uint64_t& n) { into = n; }, help),
         shape);
}

void Command::flag(const char* name, const char* help, bool& into) {
  finish(app_->add_flag(name, into, help), "");
}

void Command::on_text(const char* name, const char* shape, const char* help,
                      const std::function<void(const std::string&)>& use) {
  finish(app_->add_option_function<std::string>(name, use, help), shape);
}

void Command::on_texts(const char* name, const char* shape, const char* help,
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
  finish(app_->add_flag_function(
             names, [use = std::move(use)](std::int64_t given) { use(given > 0); }, help),
         "");
}

void Command::footer(const char* text) {
  app_->footer(text);
}

void Command::run(std::function<void()> action) {
  app_->callback([app = app_, before = before_, action = std::move(action)] {
    (*before)(app->get_name());
    action();
  });
}

App::App(const char* about, const char* footer, const char* version)
    : app_(std::make_unique<CLI::App>(about, "credgate")) {
  app_->footer(footer);
  app_->set_version_flag("--version", version);
  app_->require_subcommand(1);
}

App::~App() = default;

Command App::global() {
  return {*app_, before_};
}

Command App::add(const char* name, const char* help) {
  CLI::App* command = app_->add_subcommand(name, help);
  command->fallthrough();
  return {*command, before_};
}

void App::run(int argc, const char* const* argv) const {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      throw OperationError(Code::usage, complaint(*app_, error.what(), first_word(argc, argv)));
    }
    app_->exit(error, std::cout, std::cerr);  // prints help or version
  }
}

std::vector<App::Known> App::known() const {
  std::vector<Known> all = {describe(*app_)};
  all.front().name.clear();
  for (const CLI::App* command : commands_of(*app_))
    all.push_back(describe(*command));
  return all;
}

}  // namespace gateway::cli
