#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "auth/base/text.h"
#include "auth/nats/subject.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/setup/init_admins.h"
#include "gateway/cli/setup/init_operator.h"
#include "gateway/cli/setup/server_conf_template.h"
#include "gateway/cli/setup/setup_files.h"
#include "gateway/config/server_urls.h"

namespace gateway::cli {
namespace {

using auth::KeyPair;
using auth::Prefix;

void check_listen(const std::string& listen) {
  const auto colon = listen.rfind(':');
  const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
  if (port.empty() || port.size() > 5 ||
      port.find_first_not_of("0123456789") != std::string::npos ||
      listen.find_first_of(" \"\\{}\n") != std::string::npos) {
    throw OperationError(Code::usage, "--listen: must be ADDRESS:PORT, 127.0.0.1:4222");
  }
}

void check_url(const InitOptions& options) {
  if (options.url.empty()) return;
  const auto urls = read_server_urls(options.url);
  if (!urls) throw OperationError(Code::usage, "--url: " + urls.error());
  if (options.no_admins || options.has_accounts()) {
    throw OperationError(Code::usage,
                         "--url is for the contexts of the admins, and none are made here");
  }
}

// The account of the clients, where init makes the accounts.
std::string one_account(const InitOptions& options) {
  if (options.accounts.size() > 1) {
    throw OperationError(
        Code::usage, "--account: give several only with --callout-account, for existing accounts");
  }
  std::string account = options.accounts.empty() ? "APP" : options.accounts.front();
  if (!auth::valid_name(account) || account == kCalloutAccount || account == kSystemAccount ||
      account == kAdminAccount) {
    throw OperationError(Code::usage,
                         "--account: must be a NATS account name other than AUTH, SYS and ADMIN");
  }
  return account;
}

std::string credgate_conf(const Layout& layout, const std::string& listen,
                          const std::string& account) {
  return "// Made by `credgate init`. JSON with comments; every key is explained in "
         "doc/configuration.md.\n"
         "{\n"
         "  \"nats\": { \"url\": \"nats://" +
         address_to_reach(listen) +
         "\", \"nkey\": \"gateway.nk\" },\n"
         "  \"system\": { \"account\": \"" +
         kSystemAccount +
         "\", \"nkey\": \"system.nk\" },\n"
         "  \"callout\": { \"account\": \"" +
         kCalloutAccount +
         "\", \"issuer\": \"issuer.nk\", \"xkey\": \"xkey.nk\" },\n"
         "  \"accounts\": [\"" +
         account + "\", \"" + kAdminAccount +
         "\"],\n"
         "  \"admin\": { \"account\": \"" +
         kAdminAccount +
         "\" },\n"
         "  \"store\": { \"dir\": \"" +
         layout.store.string() +
         "\" },\n"
         "  \"keys_dir\": \"" +
         layout.keys().string() + "\"," + run_dir_line(layout) +
         "\n  \"master_key\": \"master.key\"\n"
         "}\n";
}

void init_config(const Context& context, const InitOptions& options, const std::string& account) {
  const Layout where = free_layout(options.dir);
  make_keys_directory(where);
  const KeyPair gateway = make_seed(where, "gateway.nk", Prefix::user);
  const KeyPair system = make_seed(where, "system.nk", Prefix::user);
  const KeyPair issuer = make_seed(where, "issuer.nk", Prefix::account);
  const KeyPair xkey = make_seed(where, "xkey.nk", Prefix::curve);
  make_master_key(where);
  make_store(where);
  make_run_directory(where);
  if (!options.no_admins) make_admins(where, options.client_url(), {});
  write_config(where, where.config(), credgate_conf(where, options.listen, account));
  write_config(where, where.server_config(),
               nats_server_conf({.listen = options.listen,
                                 .jetstream_dir = where.jetstream.string(),
                                 .app_account = account,
                                 .gateway = write_public_key(gateway.public_key()),
                                 .system = write_public_key(system.public_key()),
                                 .issuer = write_public_key(issuer.public_key()),
                                 .xkey = write_public_key(xkey.public_key())}));

  where.made->keep();

  if (context.json) {
    nlohmann::ordered_json json = {{"config", where.config().string()},
                                   {"nats_server_config", where.server_config().string()},
                                   {"store", where.store.string()},
                                   {"keys", where.keys().string()}};
    if (!options.no_admins) json["admins"] = where.admins().string();
    json["issuer"] = write_public_key(issuer.public_key());
    json["xkey"] = write_public_key(xkey.public_key());
    return print_json(json);
  }
  const std::string conf = auth::shell_word(where.config().string());
  const std::string server = auth::shell_word(where.server_config().string());
  std::cout << made_files(where, true, !options.no_admins) << "\nNext:\n"
            << (where.in_one_directory()
                    ? "  nats-server -c " + server + "\n  credgate serve --config " + conf
                    : "  run nats-server, as its own user, with " + server +
                          "\n  systemctl enable --now credgate")
            << "\n  credgate create shop --publish --receive --subjects 'orders.>'"
            << (where.in_one_directory() ? " --config " + conf : "") << '\n';
}

}  // namespace

std::string InitOptions::client_url() const {
  return url.empty() ? "nats://" + address_to_reach(listen)
                     : urls_to_reach(*read_server_urls(url), false);
}

namespace {

void init(const Context& context, const InitOptions& options) {
  check_listen(options.listen);
  check_url(options);
  const bool operator_mode = options.mode == "operator";
  if (!options.server_version.empty() && (!operator_mode || options.has_accounts())) {
    throw OperationError(Code::usage,
                         "--server-version is only for --mode operator without existing accounts");
  }
  if (!operator_mode && options.has_accounts()) {
    throw OperationError(Code::usage,
                         "--callout-account, --system-account, --system-creds and --scoped-account "
                         "are only for --mode operator");
  }
  if (options.has_accounts()) return init_with_accounts(context, options);
  if (operator_mode) return init_operator(context, options, one_account(options));
  init_config(context, options, one_account(options));
}

}  // namespace

void add_init(App& app, const Context& context) {
  Command command =
      app.add("init", "Create keys, a store, credgate.conf and a matching nats-server.conf");
  const auto options = std::make_shared<InitOptions>();
  const auto list = [&command](const char* name, const char* shape, const char* help,
                               std::vector<std::string>& into) {
    command.on_texts(name, shape, help, [&into](const auto& given) { into = given; });
  };
  command.text("--dir", "DIR",
               "create everything in this directory (default: /etc/credgate and /var/lib/credgate)",
               options->dir);
  command.choice("--mode", "MODE",
                 "config: accounts are defined in nats-server's configuration; operator: accounts "
                 "are JWTs signed by an operator (default config)",
                 {"config", "operator"}, options->mode);
  list("--account", "ACCOUNT",
       "the account of your clients (default APP); for an existing account, NAME=A…:FILE "
       "(repeatable)",
       options->accounts);
  command.text("--listen", "ADDRESS:PORT",
               "address that nats-server listens on (default 127.0.0.1:4222)", options->listen);
  command.text("--url", "URL",
               "where clients reach nats-server, for the contexts of the admins (default: where it "
               "listens)",
               options->url);
  command.text("--server-version", "VERSION",
               "operator mode: the version of nats-server, such as 2.10.27, which decides whether "
               "its configuration has a default_sentinel (default: that of nats-server in PATH)",
               options->server_version);
  command.flag("--no-admins",
               "do not create the three admin credentials, which manage others over NATS",
               options->no_admins);
  command.group("Operator mode with existing accounts: FILE holds a seed, SA…");
  command.text("--callout-account", "NAME=A…:FILE",
               "the callout account, with no other users; FILE: its seed, or that of one of its "
               "signing keys",
               options->callout_account);
  command.text("--system-account", "NAME=A…", "the servers' system account",
               options->system_account);
  command.text("--system-creds", "FILE",
               "credentials file of a user of the system account, to close connections with "
               "(default: print how to make it)",
               options->system_creds);
  list("--scoped-account", "NAME=A…:FILE",
       "like --account, where FILE holds a scoped signing key: its template defines what users may "
       "do, not their credentials (repeatable)",
       options->scoped_accounts);
  command.footer(
      "Existing files are never overwritten.\n"
      "Examples:\n"
      "  credgate init --dir ./try --account SHOP\n"
      "  credgate init --dir ./try --mode operator\n"
      "Operator mode with accounts made by nsc; init copies the keys, and prints the next steps:\n"
      "  credgate init --mode operator --callout-account AUTH=AB…:auth.nk --system-account SYS=AC… "
      "\\\n"
      "    --account SHOP=AD…:shop.nk --account STAFF=AE…:staff.nk");
  command.run([&context, options] { init(context, *options); });
}

}  // namespace gateway::cli
