#include "gateway/doctor/doctor.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/cli/cli.h"
#include "gateway/cli/doctor_report.h"
#include "gateway/cli/nats_config_file.h"
#include "gateway/keys.h"

namespace gateway::cli {
namespace {

struct DoctorOptions {
  std::string file;
  std::optional<ServerVersion> version;
};

std::vector<std::string> public_keys_of(const std::vector<auth::KeyPair>& pairs) {
  std::vector<std::string> keys;
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
              .sentinels = config.sentinels};
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

void doctor(const Context& context, const DoctorOptions& options) {
  const Config config = load_config(context.config);
  const OwnSide own = own_side(config, load_keys(config));
  const std::string file = options.file.empty()
                               ? (config.file.parent_path() / "nats-server.conf").string()
                               : options.file;
  const NatsValue configuration = read_nats_config_file(file);
  const DoctorReport report{.file = file,
                            .config = own.file,
                            .operator_mode = own.operator_mode,
                            .version = options.version,
                            .diagnosis = examine(configuration, own, options.version)};
  if (context.json) {
    print_json(json_of(report));
  } else {
    std::cout << text_of(report);
  }
  const auto errors =
      std::ranges::count(report.diagnosis.findings, Severity::error, &Finding::severity);
  if (errors == 0) return;
  throw Failure(Code::fault, std::to_string(errors) +
                                 (errors == 1 ? " trap is an error" : " traps are errors") +
                                 "; doc/doctor.md has all of them");
}

}  // namespace

void add_doctor(App& app, const Context& context) {
  Command command = app.add("doctor", "Check a nats-server configuration against known traps");
  const auto options = std::make_shared<DoctorOptions>();
  command.optional_word("FILE",
                        "nats-server's configuration (default: nats-server.conf beside credgate's)",
                        options->file);
  command.on_text("--server-version", "VERSION",
                  "of the nats-server that runs with it: 2.10.27; traps of other versions are left "
                  "out",
                  [options](const std::string& text) {
                    options->version = read_server_version(text);
                    if (options->version) return;
                    throw Failure(Code::usage, "--server-version: must be one such as 2.10.27");
                  });
  command.footer(
      "Exit code 1: a trap that is an error; 0 where there are warnings alone, or nothing.\n"
      "Examples:\n"
      "  credgate doctor\n"
      "  credgate doctor /etc/nats/nats-server.conf --server-version 2.10.27");
  command.run([&context, options] { doctor(context, *options); });
}

}  // namespace gateway::cli
