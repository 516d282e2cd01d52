#pragma once
// The command line. One file per family of commands; each adds its commands to the app, whose
// actions run once the arguments are parsed.

#include <string>
#include <vector>

#include "gateway/cli/command.h"
#include "gateway/cli/context.h"

namespace gateway::cli {

// Parses and runs; returns the exit code: 0 done, 1 fault, 2 usage, 3 no such credential or role,
// 4 conflict, 5 refused, 6 done but sessions are still open, 78 configuration. Results go to
// standard output, everything else to standard error.
int run(int argc, const char* const* argv);

// These borrow `context`, which must outlive the app.
void add_init(App& app, const Context& context);
void add_serve(App& app, const Context& context);
void add_create(App& app, const Context& context);
void add_list(App& app, const Context& context);
void add_show(App& app, const Context& context);
void add_update(App& app, const Context& context);
void add_status_changes(App& app, const Context& context);
void add_doctor(App& app, const Context& context);
void add_explain(App& app, const Context& context);
void add_export(App& app, const Context& context);
void add_backup(App& app, const Context& context);
void add_apply(App& app, const Context& context);
void add_import(App& app, const Context& context);
void add_keys(App& app, const Context& context);
void add_restore(App& app, const Context& context);
void add_role(App& app, const Context& context);
void add_rotate(App& app, const Context& context);
void add_history(App& app, const Context& context);
void add_sessions(App& app, const Context& context);
void add_status(App& app, const Context& context);
void add_throttle(App& app, const Context& context);
void add_completion(App& app);
// Prints "files" or "words", then what can stand where the last word is being typed, one a line,
// each with a tab and a help where it has one.
void print_completion(const App& app, const std::vector<std::string>& words,
                      const std::string& config);

}  // namespace gateway::cli
