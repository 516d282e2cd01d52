#pragma once
// The command line. One file per family of commands; each adds its commands to the app, whose
// callbacks do the work when the arguments have been understood.

#include <CLI/CLI.hpp>

#include "gateway/cli/context.h"

namespace gateway::cli {

// Parses and runs; gives the exit code: 0 done, 1 fault, 2 usage, 3 no such credential, 4 conflict,
// 5 refused, 78 configuration. Results go to standard output, all else to standard error.
int run(int argc, const char* const* argv);

// `context` must outlive the app.
void add_init(CLI::App& app, const Context& context);
void add_serve(CLI::App& app, const Context& context);
void add_create(CLI::App& app, const Context& context);
void add_list(CLI::App& app, const Context& context);
void add_update(CLI::App& app, const Context& context);
void add_status_changes(CLI::App& app, const Context& context);
void add_history(CLI::App& app, const Context& context);
void add_completion(CLI::App& app);

}  // namespace gateway::cli
