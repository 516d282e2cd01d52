#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include <sys/stat.h>

#include "auth/base/secret.h"
#include "gateway/cli/apply/apply_run.h"
#include "gateway/cli/apply/plan.h"
#include "gateway/cli/apply/plan_text.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/closing.h"
#include "gateway/cli/confirm.h"
#include "gateway/cli/files.h"
#include "gateway/cli/import/import_report.h"
#include "gateway/cli/output/progress.h"
#include "gateway/config/keys.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/privileges.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ApplyOptions {
  std::string file;
  std::string out;
  ApplyScope scope;
  bool prune = false;
  bool dry_run = false;
  bool yes = false;
};

std::unique_ptr<const Keys> keys_if_readable(const Config& config) {
  try {
    return std::make_unique<const Keys>(load_keys(config));
  } catch (const auth::ConfigError&) {
    return nullptr;  // the plan says so where they matter
  }
}

void read_file(const std::string& file, std::ifstream& in, Planner& planner) {
  Progress progress{"comparing", 0};
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    const std::string where = file + ":" + std::to_string(number);
    if (line.find_first_not_of(" \t\r") != line.npos) planner.add(where, line);
    auth::wipe(line.data(), line.size());
    progress.at(number);
  }
  if (in.bad()) throw OperationError(Code::fault, file + ": cannot be read to its end");
}

// Without a store that stays open: a person may take long to confirm, and root must be root to make
// the file of --out.
Plan plan_file(const Context& context, const ApplyOptions& options) {
  std::ifstream in(options.file, std::ios::binary);
  if (!in) {
    throw OperationError(Code::no_input,
                         options.file + ": cannot be read: " + std::strerror(errno));
  }
  const Config config = load_config(context.config);
  const auth::MasterKeys master = load_master_keys(config);
  const auto keys = keys_if_readable(config);
  struct stat directory{};
  if (stat(config.store.directory.c_str(), &directory) != 0) fail_at(config.store.directory);
  const ActingAs owner{{directory.st_uid, directory.st_gid}};
  store::Store store{config.store, master};
  if (const auto& back = store.went_back()) warn(context, *back);
  const OperationContext here{.config = config,
                              .master = master,
                              .keys = keys.get(),
                              .store = store,
                              .actor = local_actor(),
                              .account = {},
                              .now = now_in_seconds()};
  Planner planner{here, options.scope};
  read_file(options.file, in, planner);
  if (options.prune && planner.plan().faults.empty()) planner.prune();
  return planner.take();
}

void refuse_faults(const Context& context, const Plan& plan) {
  if (plan.faults.empty()) return;
  print_faults(context, plan.faults);
  if (context.json) print_json({{"refused", faults_json(plan.faults)}, {"applied", false}});
  throw OperationError(Code::usage, std::to_string(plan.faults.size()) + " of " +
                                        std::to_string(plan.lines) +
                                        " lines were refused; nothing was changed");
}

void confirm_revocations(const Context& context, const ApplyOptions& options, const Plan& plan) {
  const auto count = plan.count(StepKind::revoke);
  const auto roles = plan.count_roles(StepKind::revoke);
  if ((count == 0 && roles == 0) || options.yes) return;
  const auto words = [](const char* verb, std::uint64_t n, const std::string& noun) {
    return n == 0 ? "" : verb + std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
  };
  const std::string what = words("revoking ", count, "credential") +
                           (count > 0 && roles > 0 ? ", " : "") + words("deleting ", roles, "role");
  confirm(what, [&] {
    if (context.json) std::cerr << plan_text(plan);
  });
}

bool makes_secrets(const Plan& plan) {
  for (const Step& step : plan.steps) {
    if (step.makes_secret) return true;
  }
  return false;
}

// The first that is not done says enough: the others would wait as long for the same reason.
void wait_for_sessions(Local& local, const Applied& done) {
  if (!local.config().has_system) return;
  for (const ClosingRequest& request : done.closing) {
    const ClosingWords words{
        {{"id", request.credential}, {"closing", await_closing(local, request)}}};
    report_unclosed(words, /*required=*/false);
    if (!words.done()) return;
  }
}

void report(const Context& context, const ApplyOptions& options, const Plan& plan,
            const Applied& done, Json json) {
  print_faults(context, done.conflicts);
  if (context.json) {
    json["applied"] = true;
    json["created"] = done.created;
    json["updated"] = done.updated;
    json["revoked"] = done.revoked;
    json["roles_changed"] = done.roles;
    json["conflicts"] = faults_json(done.conflicts);
    print_json(json);
  } else {
    std::cout << "applied: " << done.created << " created, " << done.updated << " updated, "
              << done.revoked << " revoked";
    if (!plan.roles.empty()) std::cout << ", " << done.roles << " roles changed";
    std::cout << '\n';
    if (makes_secrets(plan)) std::cout << "the secrets are in " << options.out << '\n';
  }
  if (done.conflicts.empty()) return;
  throw OperationError(Code::conflict, std::to_string(done.conflicts.size()) + " of " +
                                           std::to_string(plan.steps.size() + plan.roles.size()) +
                                           " changes were not made; look at them, and apply again");
}

void make_so(const Context& context, const ApplyOptions& options, Plan plan, Json json) {
  std::unique_ptr<SecretFile> out;
  if (makes_secrets(plan)) out = std::make_unique<SecretFile>(options.out);
  std::unique_ptr<Local> local;
  try {
    local = std::make_unique<Local>(context, /*with_keys=*/true);
  } catch (const auth::ConfigError&) {
    local = std::make_unique<Local>(context);
  }
  local->require_changeable();
  if (out) {
    make_secrets(plan,
                 {.config = local->config(),
                  .master = local->keys(),
                  .keys = local->all_keys(),
                  .store = local->store(),
                  .actor = local->actor(),
                  .account = {},
                  .now = now_in_seconds()},
                 *out);
  }
  Applied done;
  try {
    run_plan(plan, *local, reason_of("apply", options.file), done);
  } catch (const store::Fault& fault) {
    local->note_head();
    throw OperationError(
        Code::fault, std::string(fault.what()) + "; " +
                         std::to_string(done.created + done.updated + done.revoked + done.roles) +
                         " of " + std::to_string(plan.steps.size() + plan.roles.size()) +
                         " changes were made before; apply again");
  }
  local->note_head();
  wait_for_sessions(*local, done);
  report(context, options, plan, done, std::move(json));
}

void apply(const Context& context, const ApplyOptions& options) {
  if (options.prune && options.scope.empty()) {
    throw OperationError(Code::usage,
                         "--prune needs --account or --tag: what is not in the file is revoked "
                         "there");
  }
  if (!options.scope.tag.empty() && options.scope.tag.find('=') == std::string::npos)
    throw OperationError(Code::usage, "--tag: must be KEY=VALUE");
  Plan plan = plan_file(context, options);
  refuse_faults(context, plan);
  Json json = context.json ? plan_json(plan) : Json::object();
  json["dry_run"] = options.dry_run;
  if (!context.json) {
    std::cout << plan_text(plan);
    std::cout.flush();
    print_warnings(plan.warnings);
    if (plan.other_secrets > 0) {
      std::cerr << "note: " << plan.other_secrets
                << " lines have another secret than the store; those stay\n";
    }
  }
  json["other_secrets"] = plan.other_secrets;
  for (const ImportWarning& warning : plan.warnings)
    json["warnings"].push_back(sentence(warning));
  if (options.dry_run || !plan.changes()) {
    json["applied"] = false;
    if (context.json) print_json(json);
    return;
  }
  if (makes_secrets(plan) && options.out.empty()) {
    throw OperationError(Code::usage,
                         "secrets must be made for new credentials; add --out FILE, a new file; "
                         "nothing was changed");
  }
  confirm_revocations(context, options, plan);
  make_so(context, options, std::move(plan), std::move(json));
}

}  // namespace

void add_apply(App& app, const Context& context) {
  Command command = app.add("apply", "Make the credentials and roles as a file has them");
  const auto options = std::make_shared<ApplyOptions>();
  command.word("FILE", "JSON Lines, as `export` writes them: one credential or role per line",
               options->file);
  command.flag("--dry-run", "only show what would change", options->dry_run);
  command.text("--account", "ACCOUNT", "every line must be of this account, or name none",
               options->scope.account);
  command.text("--tag", "KEY=VALUE", "every line must have this tag", options->scope.tag);
  command.flag("--prune",
               "revoke the credentials of --account and --tag that the file lacks; of --account "
               "alone, delete its roles too",
               options->prune);
  command.text("--out", "FILE", "new file (0600) for the secrets that are made", options->out);
  command.flag("-y,--yes", "do not ask for confirmation before revoking and deleting",
               options->yes);
  command.footer(
      "A line is found by its id, or by its name within its account. What it leaves out gets the "
      "default, but for kind, status and secret, which stay.\n"
      "Exit code 2: a line was refused, and nothing was changed. 4: somebody changed a credential "
      "meanwhile; the others were made.\n"
      "Examples:\n"
      "  credgate apply all.jsonl --dry-run\n"
      "  credgate apply app.jsonl --account APP --prune --out secrets.jsonl");
  command.run([&context, options] { apply(context, *options); });
}

}  // namespace gateway::cli
