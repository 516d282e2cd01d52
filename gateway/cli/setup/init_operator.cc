#include "gateway/cli/setup/init_operator.h"

#include <iostream>
#include <optional>

#include "auth/base/text.h"
#include "gateway/admin/subjects.h"
#include "gateway/cli/setup/init_admins.h"
#include "gateway/cli/setup/operator_setup.h"
#include "gateway/cli/setup/server_conf_template.h"
#include "gateway/cli/setup/server_program.h"
#include "gateway/doctor/server_version.h"
#include "gateway/nats/system_connection.h"
#include "gateway/platform/clock.h"

namespace gateway::cli {
namespace {

using auth::KeyPair;
using auth::Prefix;

constexpr const char* kAppKeyFile = "app-signing.nk";
constexpr const char* kAdminKeyFile = "admin-signing.nk";

// The signing keys are for the daemon; it has no use for the others, which vouch for these.
struct Seeds {
  KeyPair root;
  KeyPair system;
  KeyPair callout;
  KeyPair callout_signing;
  KeyPair app;
  KeyPair app_signing;
  KeyPair admin;
  KeyPair admin_signing;
};

Seeds make_seeds(const Layout& layout) {
  return {.root = make_seed(layout, "operator.nk", Prefix::operator_key),
          .system = make_seed(layout, "system-account.nk", Prefix::account),
          .callout = make_seed(layout, "callout-account.nk", Prefix::account),
          .callout_signing = make_seed(layout, kCalloutKeyFile, Prefix::account),
          .app = make_seed(layout, "app-account.nk", Prefix::account),
          .app_signing = make_seed(layout, kAppKeyFile, Prefix::account),
          .admin = make_seed(layout, "admin-account.nk", Prefix::account),
          .admin_signing = make_seed(layout, kAdminKeyFile, Prefix::account)};
}

// The exports of the callout account, with its leave: no other account can import them, and hear
// who connects.
std::vector<auth::SetupImport> admin_imports(const Seeds& seeds, auth::Time now) {
  const auto import = [&](const char* subject, bool service) {
    auth::SetupImport one{
        .subject = subject, .account = seeds.callout.public_key(), .service = service};
    one.activation = write_setup_activation(one, seeds.admin.public_key(), now, seeds.callout);
    return one;
  };
  return {import(kAdminService, true), import(kRoleService, true), import(kSigV4Service, true),
          import(kDiscoveryService, true), import(kEventStream, false)};
}

std::string server_conf(const Layout& layout, const OperatorSetup& setup, const Seeds& seeds,
                        const MadeSetup& made, bool default_sentinel) {
  const auth::Time now = now_in_seconds();
  const auto vouch = [&](const auth::SetupAccount& account) {
    return AccountJwt{.id = write_public_key(account.key),
                      .jwt = write_setup_account(account, now, seeds.root)};
  };
  const auth::PublicKey app = seeds.app.public_key();
  const auth::PublicKey admin = seeds.admin.public_key();
  return operator_server_conf(
      {.listen = setup.listen,
       .jetstream_dir = layout.jetstream.string(),
       .operator_jwt = write_setup_operator("credgate", setup.system_account, now, seeds.root),
       .callout = vouch({.key = setup.callout_account,
                         .name = kCalloutAccount,
                         .signing_keys = {seeds.callout_signing.public_key()},
                         .callout = auth::SetupCallout{.auth_users = {made.gateway.key},
                                                       .allowed_accounts = {app, admin},
                                                       .xkey = made.xkey},
                         .exports = {{.subject = kAdminService},
                                     {.subject = kRoleService},
                                     {.subject = kSigV4Service},
                                     {.subject = kDiscoveryService, .many_answers = true},
                                     {.subject = kEventStream, .service = false}}}),
       .system = vouch({.key = setup.system_account, .name = kSystemAccount}),
       .app = vouch({.key = app,
                     .name = setup.accounts.front().name,
                     .signing_keys = {seeds.app_signing.public_key()},
                     .jetstream = true}),
       .admin = vouch({.key = admin,
                       .name = kAdminAccount,
                       .signing_keys = {seeds.admin_signing.public_key()},
                       .max_payload = kAdminMaxPayload,
                       .imports = admin_imports(seeds, now)}),
       .sentinel_jwt = made.sentinel.jwt,
       .default_sentinel = default_sentinel});
}

// Absent where nothing says it.
std::optional<ServerVersion> version_of_server(const InitOptions& options) {
  if (options.server_version.empty()) return version_of_program("nats-server");
  const auto version = read_server_version(options.server_version);
  if (!version)
    throw OperationError(Code::usage, "--server-version: must be a version such as 2.10.27");
  return version;
}

bool has_default_sentinel(const std::optional<ServerVersion>& version) {
  return version && *version >= ServerVersion{2, 11, 2};
}

std::string about_default_sentinel(const Layout& layout,
                                   const std::optional<ServerVersion>& version) {
  const std::string server = version ? "nats-server " + write_server_version(*version) : "";
  if (has_default_sentinel(version)) {
    return "nats-server.conf sets default_sentinel, which " + server +
           " knows: clients need only\n"
           "their own secret. The lines of create still show the sentinel, which does no harm; "
           "where a client\n"
           "cannot show it, those of configuration mode work. A server before 2.11.2 does not "
           "start "
           "with\n"
           "default_sentinel; there, comment it out, and see doc/configuration.md for what clients "
           "need.\n";
  }
  const std::string why =
      version
          ? server + " has no default_sentinel; 2.11.2 and later do.\n"
          : "No nats-server is in PATH to tell its version (--server-version would): from 2.11.2 "
            "on, remove\n"
            "the # before default_sentinel in nats-server.conf.\n";
  return why + about_sentinel(layout);
}

void say(const Layout& layout, bool with_admins, const std::string& config,
         const std::optional<ServerVersion>& version) {
  std::cout << made_files(layout, true, with_admins)
            << "\n"
               "Move operator.nk, system-account.nk, callout-account.nk, app-account.nk and "
               "admin-account.nk\n"
               "to a safe place: the daemon does not need them, and whoever has them can replace "
               "all other\n"
               "keys.\n"
            << about_default_sentinel(layout, version) << "\nNext:\n  nats-server -c "
            << auth::shell_word(layout.server_config().string()) << "\n  credgate serve" << config
            << "\n  credgate create shop --kind creds --publish --receive --subjects 'orders.>' "
               "--out shop.creds"
            << config << '\n';
}

}  // namespace

void init_operator(const Context& context, const InitOptions& options, const std::string& account) {
  const auto version = version_of_server(options);
  const Layout where = free_layout(options.dir);
  make_keys_directory(where);
  const Seeds seeds = make_seeds(where);
  const OperatorSetup setup{.listen = options.listen,
                            .callout_account = seeds.callout.public_key(),
                            .system_account = seeds.system.public_key(),
                            .accounts = {{.name = account,
                                          .id = seeds.app.public_key(),
                                          .key_file = kAppKeyFile,
                                          .scoped = false},
                                         {.name = kAdminAccount,
                                          .id = seeds.admin.public_key(),
                                          .key_file = kAdminKeyFile,
                                          .scoped = false}},
                            .admin_account = kAdminAccount};
  const MadeSetup made = make_operator_setup(
      where, setup, {.key = seeds.callout_signing, .issuer_account = setup.callout_account});
  make_user(where, kSystemCredsFile,
            {.key = {},
             .name = "credgate",
             .publish = {.allow = kSystemPublish, .deny = {}},
             .subscribe = {.allow = kSystemSubscribe, .deny = {}}},
            {.key = seeds.system});
  if (!options.no_admins) make_admins(where, options.client_url(), where.keys() / kSentinelFile);
  write_config(where, where.server_config(),
               server_conf(where, setup, seeds, made, has_default_sentinel(version)));
  where.made->keep();

  if (!context.json) {
    return say(where, !options.no_admins,
               options.dir.empty() ? "" : " --config " + auth::shell_word(where.config().string()),
               version);
  }
  nlohmann::ordered_json json = operator_json(where, setup, made);
  if (!options.no_admins) json["admins"] = where.admins().string();
  json["nats_server_config"] = where.server_config().string();
  json["default_sentinel"] = has_default_sentinel(version);
  json["operator"] = write_public_key(seeds.root.public_key());
  json["issuer"] = write_public_key(seeds.callout_signing.public_key());
  print_json(json);
}

}  // namespace gateway::cli
