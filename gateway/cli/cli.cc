#include "gateway/cli/cli.h"

#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/similar.h"
#include "store/tables.h"

namespace gateway::cli {
namespace {

int report(const Context& context, Code code, const std::string& message) {
  if (context.json) {
    const nlohmann::ordered_json json = {{"error", {{"code", name(code)}, {"message", message}}}};
    std::cerr << json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
              << '\n';
  } else {
    std::cerr << "credgate: " << message << '\n';
  }
  return static_cast<int>(code);
}

// What CLI11 calls a missing subcommand is most often a misspelt one.
std::string complaint(const CLI::App& app, const CLI::ParseError& error,
                      const std::vector<std::string>& words) {
  if (!app.get_subcommands().empty() || words.empty()) return error.what();
  std::string text = "there is no command \"" + words.front() + "\"";
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (similar(words.front(), command->get_name())) {
      text += "; did you mean " + command->get_name() + "?";
    }
  }
  return text;
}

// The words of a command line that are neither options nor, after --config, an option's value.
std::vector<std::string> plain_words(int argc, const char* const* argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (!word.starts_with('-')) words.emplace_back(word);
    if (word == "--config") ++i;
  }
  return words;
}

// Help and version come as exceptions too; they end with 0.
int report(const Context& context, const CLI::App& app, const CLI::ParseError& error,
           const std::vector<std::string>& words) {
  if (error.get_exit_code() == 0) return app.exit(error, std::cout, std::cerr);
  std::string command = "credgate";
  for (const CLI::App* chosen : app.get_subcommands())
    command += " " + chosen->get_name();
  return report(context, Code::usage,
                complaint(app, error, words) + "; see: " + command + " --help");
}

void add_commands(CLI::App& app, const Context& context) {
  add_init(app, context);
  add_serve(app, context);
  add_create(app, context);
  add_list(app, context);
  add_update(app, context);
  add_status_changes(app, context);
  add_history(app, context);
  add_completion(app);
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    command->fallthrough();
  }
}

}  // namespace

int run(int argc, const char* const* argv) {
  Context context;
  CLI::App app{"credgate: who may connect to your NATS servers, and what they may do there"};
  app.name("credgate");
  app.set_version_flag("--version", "credgate " CREDGATE_VERSION);
  app.add_option("--config", context.config, "the configuration file")
      ->type_name("FILE")
      ->envname("CREDGATE_CONFIG")
      ->capture_default_str();
  app.add_flag("--json", context.json, "output for programs");
  app.require_subcommand(1);
  app.footer(
      "A credential is named by its id or by its name.\n"
      "Exit codes: 0 done, 1 fault, 2 usage, 3 no such credential, 4 conflict, 5 refused, "
      "78 configuration.\n"
      "To begin: credgate init --dir ./try");
  try {
    add_commands(app, context);
    app.parse(argc, argv);
    std::cout.flush();
    return std::cout ? 0 : report(context, Code::fault, "standard output cannot be written");
  } catch (const CLI::ParseError& error) {
    return report(context, app, error, plain_words(argc, argv));
  } catch (const Failure& failure) {
    return report(context, failure.code(), failure.what());
  } catch (const ConfigError& error) {
    return report(context, Code::configuration, error.what());
  } catch (const store::WrongSchema& error) {
    return report(context, Code::configuration, error.what());
  } catch (const std::exception& fault) {
    return report(context, Code::fault, fault.what());
  }
}

}  // namespace gateway::cli
