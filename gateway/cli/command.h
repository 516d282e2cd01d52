#pragma once
// Commands and their options, parsed by CLI11. Only command.cc includes CLI11: it is large, and
// every file that included it would be slow to build.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace gateway::cli {

// One command, or the app itself. Borrows the variables that options are read into, which must
// outlive the app.
//
// `name`: "--long", "-s,--long", or "NAME" for a positional argument. `shape` is the placeholder of
// the value in the help.
class Command {
 public:
  using Before = std::function<void(std::string_view)>;
  Command(CLI::App& app, const Before& before) : app_(&app), before_(&before) {}

  void text(const char* name, const char* shape, const char* help, std::string& into);
  void word(const char* name, const char* help, std::string& into);           // must be given
  void optional_word(const char* name, const char* help, std::string& into);  // may be left out
  void number(const char* name, const char* shape, const char* help,
              std::optional<std::uint64_t>& into);
  void flag(const char* name, const char* help, bool& into);

  // Passes the value to a function, which may throw OperationError.
  void on_text(const char* name, const char* shape, const char* help,
               const std::function<void(const std::string&)>& use);
  // May be given several times or with commas; empty values are omitted.
  void on_texts(const char* name, const char* shape, const char* help,
                std::function<void(const std::vector<std::string>&)> use);
  // With `negative`, also adds --no-….
  void on_flag(const std::string& name, bool negative, const char* help,
               std::function<void(bool)> use);

  // The heading in the help of the options that follow.
  void group(const char* heading) { group_ = heading; }
  // Shown at the end of the help.
  void footer(const char* text);
  // The action of the command, called once all options are parsed.
  void run(std::function<void()> action);

 private:
  void finish(CLI::Option* option, const char* shape) const;
  CLI::App* app_;
  const Before* before_;
  std::string group_;
};

class App {
 public:
  App(const char* about, const char* footer, const char* version);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Options that every command also takes.
  Command global();
  Command add(const char* name, const char* help);
  // Called with the name of the command that is about to run; may throw OperationError.
  void before(Command::Before before) { before_ = std::move(before); }

  // Runs the command in the arguments, or prints help or version. Throws OperationError (usage),
  // and what the command throws.
  void run(int argc, const char* const* argv) const;

  // The commands and options, for completion.
  struct Known {
    std::string name;  // empty for the app itself
    std::vector<std::string> options;
    bool takes_credential = false;
    bool takes_file = false;
  };
  std::vector<Known> known() const;

 private:
  std::unique_ptr<CLI::App> app_;
  Command::Before before_ = [](std::string_view) {};
};

}  // namespace gateway::cli
