#pragma once
// Commands and their options, parsed by CLI11. Only command.cc includes CLI11: it is large, and
// every file that included it would be slow to build.

#include <cstdint>
#include <functional>
#include <map>
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
  // What the commands of an app have in common.
  struct Shared {
    std::function<void(std::string_view)> before = [](std::string_view) {};
    std::map<const CLI::Option*, std::vector<std::string>> values;  // of options with few of them
  };
  Command(CLI::App& app, Shared& shared) : app_(&app), shared_(&shared) {}

  void text(const char* name, const char* shape, const char* help, std::string& into);
  void word(const char* name, const char* help, std::string& into);           // must be given
  void optional_word(const char* name, const char* help, std::string& into);  // may be left out
  // One of a few words; another one is refused, with the one that was probably meant.
  void choice(const char* name, const char* shape, const char* help,
              const std::vector<std::string>& values, std::string& into);
  void required_choice(const char* name, const char* help, const std::vector<std::string>& values,
                       std::string& into);
  // Completion offers these words as values of an option that is there.
  void offer(const std::string& name, std::vector<std::string> values);
  void number(const char* name, const char* shape, const char* help,
              std::optional<std::uint64_t>& into);
  void flag(const char* name, const char* help, bool& into);

  // Passes the value to a function, which may throw OperationError.
  void on_text(const char* name, const char* shape, const char* help,
               const std::function<void(const std::string&)>& use);
  // May be given several times or with commas; empty values are omitted.
  void on_texts(const char* name, const char* shape, const std::string& help,
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
  CLI::Option* finish(CLI::Option* option, const char* shape) const;
  CLI::Option* add_choice(const char* name, const char* shape, const char* help,
                          const std::vector<std::string>& values, std::string& into);
  CLI::App* app_;
  Shared* shared_;
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
  void before(std::function<void(std::string_view)> before) { shared_->before = std::move(before); }

  // Runs the command in the arguments, or prints help or version. Throws OperationError (usage),
  // and what the command throws.
  void run(int argc, const char* const* argv) const;

  // The commands and options, for completion.
  struct KnownOption {
    std::vector<std::string> names;  // "-q", "--quiet"; empty for a positional argument
    std::string shape;               // of its value: FILE, ACCOUNT; empty for a flag
    std::vector<std::string> values;
    std::string help;
  };
  struct Known {
    std::string name;  // empty for the app itself
    std::string help;
    std::vector<KnownOption> options;
    std::vector<KnownOption> positionals;
  };
  std::vector<Known> known() const;

 private:
  std::unique_ptr<CLI::App> app_;
  // Apart, because the commands point to it.
  std::unique_ptr<Command::Shared> shared_ = std::make_unique<Command::Shared>();
};

// Throws OperationError (usage), with the word that was probably meant, unless it is one of them.
void require_choice(const std::string& option, const std::string& word,
                    const std::vector<std::string>& values);

}  // namespace gateway::cli
