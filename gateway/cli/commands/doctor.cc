#include "gateway/doctor/doctor.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "auth/base/base32.h"
#include "auth/base/secret.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/daemons.h"
#include "gateway/cli/nats_config_file.h"
#include "gateway/cli/output/doctor_report.h"
#include "gateway/cli/secret_options.h"
#include "gateway/config/keys.h"
#include "gateway/doctor/live_server.h"
#include "gateway/doctor/store_answers.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/random.h"
#include "gateway/platform/time_zone.h"

namespace gateway::cli {
namespace {

struct DoctorOptions {
  std::string file;
  std::optional<ServerVersion> version;
  std::string live;
  std::vector<std::string> static_users;  // NAME:PASSWORD_FILE
};

std::vector<std::string> public_keys_of(const std::vector<auth::KeyPair>& pairs) {
  std::vector<std::string> keys;
  keys.reserve(pairs.size());
  for (const auth::KeyPair& pair : pairs)
    keys.push_back(write_public_key(pair.public_key()));
  return keys;
}

OwnSide own_side(const Config& config, const Keys& keys) {
  OwnSide own{.file = config.file.string(),
              .operator_mode = config.operator_mode,
              .callout_account = config.callout_account,
              .has_system = config.has_system,
              .system_account = config.system_account,
              .accounts = {},
              .issuers = public_keys_of(keys.issuers),
              .xkeys = public_keys_of(keys.xkeys),
              .gateway = write_public_key(keys.nats.key.public_key()),
              .system_user = keys.system ? write_public_key(keys.system->key.public_key()) : "",
              .sentinels = config.sentinels,
              .admin = !config.admin_account.empty()};
  for (const std::string& name : config.accounts) {
    OwnAccount account{.name = name};
    if (const auto at = keys.accounts.find(name); at != keys.accounts.end()) {
      account.id = write_public_key(at->second.id);
      account.signing_key = write_public_key(at->second.key.public_key());
      account.scoped = at->second.scoped;
    }
    own.accounts.push_back(std::move(account));
  }
  return own;
}

// The store, opened at the first question: few configurations raise one, and root becomes the
// store's owner by it.
class LazyStore {
 public:
  explicit LazyStore(const Context& context) : context_(context) {}

  // Borrows this.
  StoreAnswers answers() {
    return {
        .let_in_as =
            [this](const std::string& user, std::string_view password) {
              return ask(
                  [&](const StoreAnswers& store) { return store.let_in_as(user, password); });
            },
        .leafnodes =
            [this] { return ask([](const StoreAnswers& store) { return store.leafnodes(); }); }};
  }
  // Why it could not be asked; empty if it could, or was not.
  const std::string& problem() const { return problem_; }

 private:
  template <class Question>
  auto ask(const Question& question) -> decltype(question(StoreAnswers{})) {
    try {
      if (!local_) local_.emplace(context_);
      if (!judge_) judge_.emplace(local_->config().policy(), local_->keys(), zone_offset);
      return question(answers_of(local_->store(), *judge_, now_in_seconds()));
    } catch (const std::exception& error) {
      problem_ = error.what();
      return std::nullopt;
    }
  }

  const Context& context_;
  std::optional<Local> local_;
  std::optional<auth::Judge> judge_;
  std::string problem_;
};

struct StaticUser {
  std::string name;
  auth::SecretText password;
};

std::vector<StaticUser> read_static_users(const DoctorOptions& options) {
  std::vector<StaticUser> users;
  for (const std::string& text : options.static_users) {
    const auto colon = text.find(':');
    if (colon == 0 || colon == text.npos || colon + 1 == text.size()) {
      throw OperationError(Code::usage, "--static-user: must be NAME:PASSWORD_FILE");
    }
    users.push_back(
        {text.substr(0, colon), read_password_file("--static-user", text.substr(colon + 1))});
  }
  if (!users.empty() && options.live.empty()) {
    throw OperationError(Code::usage, "--static-user is only for --live");
  }
  return users;
}

// A decision is noted just after its answer.
constexpr std::chrono::milliseconds kNoted{1000};
constexpr std::chrono::milliseconds kRetryInterval{50};

bool has_decided(const nlohmann::json& status, const std::string& login) {
  for (const char* list : {"granted", "denied"}) {
    for (const auto& decision : status.at("recent").at(list)) {
      if (decision.at("id") == login || decision.at("name") == login) return true;
    }
  }
  return false;
}

// Not set where no daemon answers on this machine.
SeenByGateway seen_by_daemons(const Config& config) {
  // One that does not answer may be the one that decided.
  static const nlohmann::json kStatus = {{"ask", "status"}};
  const Daemons daemons = ask_daemons(config, "", kStatus);
  if (daemons.answers.empty() || !daemons.problems.empty()) return {};
  return [&config](const std::string& login) {
    const auto end = std::chrono::steady_clock::now() + kNoted;
    while (true) {
      for (const auto& status : ask_daemons(config, "", kStatus).answers) {
        if (has_decided(status, login)) return true;
      }
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(kRetryInterval);
    }
  };
}

LiveAnswers try_logins(const LiveServer& server, const std::vector<StaticUser>& users) {
  const auto secret = auth::write_base32(random_bytes<25>());
  LiveAnswers answers{.url = server.url(),
                      .ping_let_in = server.answers_ping(),
                      .nobody_let_in = server.lets_in("", ""),
                      .stranger = {auth::make_id(random_bytes<12>()), false},
                      .static_users = {}};
  answers.stranger.let_in = server.lets_in(answers.stranger.login, secret);
  for (const StaticUser& user : users)
    answers.static_users.push_back({user.name, server.lets_in(user.name, user.password.view())});
  return answers;
}

DoctorReport look_into(const Context& context, const DoctorOptions& options) {
  const Config config = load_config(context.config);
  OwnSide own = own_side(config, load_keys(config));
  LazyStore store{context};
  own.store = store.answers();
  const auto users = read_static_users(options);
  DoctorReport report{.file = options.file.empty()
                                  ? (config.file.parent_path() / "nats-server.conf").string()
                                  : options.file,
                      .config = own.file,
                      .operator_mode = own.operator_mode,
                      .version = options.version,
                      .live = std::nullopt,
                      .diagnosis = {}};
  const NatsValue configuration = read_nats_config_file(report.file);
  if (!options.live.empty()) {
    const LiveServer server{options.live, config.nats};
    if (!report.version) report.version = server.version();
    report.live = try_logins(server, users);
  }
  report.diagnosis = examine(configuration, own, report.version);
  if (!store.problem().empty()) {
    report.diagnosis.unseen.push_back("The store was not asked: " + store.problem());
  }
  if (!report.live) return report;
  // Without a sentinel's JWT nobody is asked about there.
  report.live->asks_about_stranger = !own.operator_mode;
  auto& findings = report.diagnosis.findings;
  const SeenByGateway seen = seen_by_daemons(config);
  std::ranges::move(judge_live(*report.live, seen), std::back_inserter(findings));
  sort_findings(findings);
  if (!seen) {
    report.diagnosis.unseen.push_back(
        "It is unknown whether credgate refused them, or nats-server without asking it: not every "
        "daemon answers in " +
        config.run_dir.string() + ".");
  }
  return report;
}

void doctor(const Context& context, const DoctorOptions& options) {
  const DoctorReport report = look_into(context, options);
  if (context.json) {
    print_json(json_of(report));
  } else {
    std::cout << text_of(report);
  }
  const auto errors =
      std::ranges::count(report.diagnosis.findings, Severity::error, &Finding::severity);
  if (errors == 0) return;
  throw OperationError(Code::fault,
                       std::to_string(errors) +
                           (errors == 1 ? " finding is an error" : " findings are errors") +
                           "; doctor.md explains them");
}

}  // namespace

void add_doctor(App& app, const Context& context) {
  Command command = app.add("doctor", "Check a nats-server configuration for known problems");
  const auto options = std::make_shared<DoctorOptions>();
  command.optional_word(
      "FILE",
      "the nats-server configuration (default: nats-server.conf in the directory of credgate.conf)",
      options->file);
  command.on_text("--server-version", "VERSION",
                  "version of the nats-server: 2.10.27; problems of other versions are omitted",
                  [options](const std::string& text) {
                    options->version = read_server_version(text);
                    if (options->version) return;
                    throw OperationError(Code::usage,
                                         "--server-version: must be a version such as 2.10.27");
                  });
  command.text("--live", "URL",
               "also connect to this server, nats://host:4222, which must refuse unknown clients",
               options->live);
  command.on_texts("--static-user", "NAME:FILE",
                   "with --live: also try to log in as this static user of nats-server, with the "
                   "password in FILE (repeatable)",
                   [options](const auto& given) { options->static_users = given; });
  command.footer(
      "Exit code 1: at least one finding is an error. Exit code 0: there are only warnings, or "
      "none.\n"
      "Examples:\n"
      "  credgate doctor\n"
      "  credgate doctor /etc/nats/nats-server.conf --server-version 2.10.27\n"
      "  credgate doctor --live nats://127.0.0.1:4222 --static-user old-admin:old-admin.password");
  command.run([&context, options] { doctor(context, *options); });
}

}  // namespace gateway::cli
