#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "auth/base/secret.h"
#include "gateway/admin/operations/context.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/files.h"
#include "gateway/cli/import/import_nats.h"
#include "gateway/cli/import/import_report.h"
#include "gateway/cli/import/import_run.h"
#include "gateway/config/keys.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/random.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ImportOptions {
  std::string file;
  std::string nats_config;
  std::string account;
  bool private_inbox = false;
  bool keep_going = false;
};

void visit_line(const ImportOptions& options, const ImportRules& rules, const VisitLine& visit,
                std::size_t number, std::string_view line) {
  const std::string where = options.file + ":" + std::to_string(number);
  if (line.size() > kMaxLineBytes) {
    return visit(where, auth::Invalid{"", "is longer than 1 MiB"});
  }
  if (line.find_first_not_of(" \t\r") == line.npos) return;
  visit(where, read_import_line(line, rules));
}

// Opened before the store, for which root gives up its rights, and once: what is stored is what was
// checked.
std::shared_ptr<std::ifstream> open_lines(const std::string& file) {
  std::error_code none;
  if (std::filesystem::exists(file, none) && !std::filesystem::is_regular_file(file, none)) {
    throw OperationError(Code::usage, file + ": must be a regular file, because it is read twice");
  }
  auto in = std::make_shared<std::ifstream>(file, std::ios::binary);
  if (!*in)
    throw OperationError(Code::no_input, file + ": cannot be read: " + std::strerror(errno));
  return in;
}

ImportSource json_lines(std::shared_ptr<std::ifstream> in, const ImportOptions& options,
                        const ImportRules& rules) {
  return [in = std::move(in), &options, &rules](const VisitLine& visit) {
    in->clear();
    in->seekg(0);
    std::string line;
    for (std::size_t number = 1; std::getline(*in, line); ++number) {
      visit_line(options, rules, visit, number, line);
      auth::wipe(line.data(), line.size());
    }
    if (in->bad()) throw OperationError(Code::fault, options.file + ": cannot be read to its end");
  };
}

void print_notes(const std::vector<NatsProblem>& notes) {
  for (const NatsProblem& note : notes)
    std::cerr << where_of(note) << ": note: " << note.message << '\n';
}

void print_json_result(std::uint64_t imported, const std::vector<ImportFault>& faults,
                       const std::vector<NatsProblem>& notes,
                       const std::vector<ImportWarning>& warnings) {
  Json noted = Json::array();
  for (const NatsProblem& note : notes)
    noted.push_back({{"where", where_of(note)}, {"message", note.message}});
  Json result = {{"imported", imported}, {"refused", faults_json(faults)}, {"notes", noted}};
  for (const ImportWarning& warning : warnings)
    result["warnings"].push_back(sentence(warning));
  print_json(result);
}

void import(const Context& context, const ImportOptions& options) {
  if (options.file.empty() == options.nats_config.empty()) {
    throw OperationError(Code::usage, "name what to import: FILE, or --nats-config FILE");
  }
  const bool nats = !options.nats_config.empty();
  const auto lines = nats ? nullptr : open_lines(options.file);
  const auto users = nats ? read_nats_users_of(options.nats_config) : nullptr;
  Local local{context};
  local.require_changeable();
  const std::vector<std::string> accounts = client_accounts(local.config());
  FileRoles roles{local.store()};
  const ImportRules rules{
      .config = local.config(),
      .keys = local.keys(),
      .roles = roles,
      .account = !options.account.empty() ? options.account
                 : accounts.size() == 1   ? accounts.front()
                                          : "",
      .inbox = options.private_inbox ? auth::Inbox::private_inbox : auth::Inbox::shared,
      .now = now_in_seconds(),
      .make_id = [] { return auth::make_id(random_bytes<12>()); }};
  const std::string& file = nats ? options.nats_config : options.file;
  Import import{local, roles, nats ? nats_users(users, rules) : json_lines(lines, options, rules),
                reason_of("import", file)};

  auto faults = import.check();
  std::uint64_t imported = 0;
  if (faults.empty() || options.keep_going) imported = import.run(options.keep_going, faults);
  local.note_head();
  const auto notes = users != nullptr ? users->notes : std::vector<NatsProblem>{};
  print_faults(context, faults);
  if (context.json) {
    print_json_result(imported, faults, notes, import.warnings());
  } else {
    print_warnings(import.warnings());
    print_notes(notes);
    if (faults.empty() || options.keep_going) {
      std::cout << "imported " << imported << " of " << import.lines() << " from " << file << '\n';
    }
  }
  if (faults.empty()) return;
  throw OperationError(
      Code::usage, std::to_string(faults.size()) + " of " + std::to_string(import.lines()) +
                       " lines were refused; " +
                       (options.keep_going
                            ? "the others were imported"
                            : "nothing was imported. Correct them, or skip them with --continue"));
}

}  // namespace

void add_import(App& app, const Context& context) {
  Command command = app.add("import", "Import credentials and roles from a file");
  const auto options = std::make_shared<ImportOptions>();
  command.optional_word("FILE", "JSON Lines: one credential or role per line", options->file);
  command.text("--nats-config", "FILE",
               "import the users of this nats-server configuration instead, with their permissions",
               options->nats_config);
  command.text("--account", "ACCOUNT",
               "account of credentials that name none (default: the only one configured)",
               options->account);
  command.flag("--private-inbox",
               "give credentials that do not say otherwise a private inbox; their clients must use "
               "its prefix",
               options->private_inbox);
  command.flag("--continue", "skip refused lines, and report them", options->keep_going);
  command.footer(
      "Each line is as `export` writes it, or a record of your own with one secret:\n"
      "  {\"name\":\"alice\",\"login\":\"alice\",\"password_hash\":\"$2a$11$…\",\n"
      "   \"capabilities\":[\"receive\"],\"subjects\":[\"news.>\"]}\n"
      "or \"password\", \"token\", \"public_key\", \"fingerprint\". A role is {\"role\":{…}}, "
      "before the lines that name it. All lines are checked before any is stored. If the import "
      "fails or is interrupted, what is already stored is removed.\n"
      "Exit code 2: a line was refused.\n"
      "Examples:\n"
      "  credgate import users.jsonl --continue\n"
      "  credgate import --nats-config nats-server.conf --account APP");
  command.run([&context, options] { import(context, *options); });
}

}  // namespace gateway::cli
