#include "gateway/cli/cli.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

#include "auth/base/json.h"
#include "gateway/cli/run_operation.h"
#include "store/fault.h"

namespace gateway::cli {
namespace {

constexpr const char* kFooter =
    "Name a credential by its id or by its name. `credgate help COMMAND` shows a command's "
    "options.\n"
    "Exit codes: 0 done, 1 fault, 2 usage, 3 no such credential or role, 4 conflict, 5 refused, 6 "
    "done, but sessions are still open, 66 a file cannot be read, 75 busy, 78 configuration.\n"
    "To start: credgate init --dir ./try";

int report(const Context& context, Code code, const std::string& message) {
  if (context.json) {
    nlohmann::ordered_json json = {{"error", {{"code", name(code)}, {"message", message}}}};
    if (!context.warnings.empty()) json["warnings"] = context.warnings;
    std::cerr << auth::write_line(json) << '\n';
  } else {
    std::cerr << "credgate: " << message << '\n';
  }
  return exit_code(code);
}

// Else a change that was meant for another gateway would be made here.
void refuse_without_server(const RemoteOptions& remote) {
  if (remote.given()) return;
  const std::pair<const char*, const std::string*> options[] = {
      {"--user", &remote.user},       {"--user-password-file", &remote.password_file},
      {"--creds", &remote.creds},     {"--nkey", &remote.nkey},
      {"--tlsca", &remote.tlsca},     {"--inbox-prefix", &remote.inbox_prefix},
      {"--tlscert", &remote.tlscert}, {"--tlskey", &remote.tlskey}};
  for (const auto& [name, value] : options) {
    if (value->empty()) continue;
    throw OperationError(Code::usage,
                         std::string(name) +
                             ": is for a gateway that is reached over NATS, and none is named; add "
                             "--server URL or --context FILE, or leave it out");
  }
}

void add_all(App& app, Context& context) {
  Command global = app.global();
  global.text("--config", "FILE",
              "the configuration file (default: $CREDGATE_CONFIG, or /etc/credgate/credgate.conf)",
              context.config);
  global.flag("--json", "print JSON", context.json);
  add_remote(global, context.remote);
  app.before([&context](std::string_view command) {
    refuse_without_server(context.remote);
    if (!context.remote.given() || works_remotely(command)) return;
    throw OperationError(
        Code::usage, std::string(command) +
                         " is a local command: run it on the gateway's machine, without --server");
  });
  add_init(app, context);
  add_serve(app, context);
  add_create(app, context);
  add_list(app, context);
  add_show(app, context);
  add_update(app, context);
  add_status_changes(app, context);
  add_rotate(app, context);
  add_role(app, context);
  add_doctor(app, context);
  add_explain(app, context);
  add_sessions(app, context);
  add_history(app, context);
  add_import(app, context);
  add_apply(app, context);
  add_export(app, context);
  add_keys(app, context);
  add_backup(app, context);
  add_restore(app, context);
  add_status(app, context);
  add_throttle(app, context);
  add_completion(app);
}

}  // namespace

int run(int argc, const char* const* argv) {
  Context context;
  if (const char* config = std::getenv("CREDGATE_CONFIG"); config != nullptr && *config != '\0') {
    context.config = config;
  }
  // Also what is wrong with the arguments is said in JSON then.
  context.json =
      std::any_of(argv, argv + argc, [](std::string_view word) { return word == "--json"; });
  try {
    App app{"credgate: manages who may connect to your NATS servers, and what they may do there",
            kFooter, "credgate " CREDGATE_VERSION};
    add_all(app, context);
    if (argc > 2 && std::string_view{argv[1]} == "__complete") {
      print_completion(app, {argv + 3, argv + argc}, context.config);
    } else {
      app.run(argc, argv);
    }
    std::cout.flush();
    if (!context.warnings.empty()) {
      const nlohmann::ordered_json json = {{"warnings", context.warnings}};
      std::cerr << auth::write_line(json) << '\n';
    }
    return std::cout ? 0 : report(context, Code::fault, "cannot write to standard output");
  } catch (const OperationError& error) {
    return report(context, error.code(), error.what());
  } catch (const auth::ConfigError& error) {
    return report(context, Code::configuration, error.what());
  } catch (const store::Unusable& error) {
    return report(context, Code::configuration, error.what());
  } catch (const store::WrongSchema& error) {
    return report(context, Code::configuration, error.what());
  } catch (const store::DamagedPage& error) {
    return report(context, Code::configuration, error.what());
  } catch (const store::WentBack& error) {
    return report(context, Code::configuration, error.what());
  } catch (const store::ReadOnly& error) {
    return report(context, Code::refused, error.what());
  } catch (const nlohmann::json::exception& odd) {
    // Its text is for who wrote the program.
    const std::string what = context.remote.given()
                                 ? "this version cannot read the gateway's answer"
                                 : "this version cannot read what was stored";
    return report(context, Code::fault, what + " (" + std::to_string(odd.id) + ")");
  } catch (const std::exception& fault) {
    return report(context, Code::fault, fault.what());
  }
}

}  // namespace gateway::cli
