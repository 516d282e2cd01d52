#include <algorithm>
#include <iostream>
#include <optional>
#include <utility>

#include "auth/base/json.h"
#include "auth/base/text.h"
#include "auth/nats/creds_file.h"
#include "auth/nats/jwt.h"
#include "auth/nats/subject.h"
#include "gateway/cli/setup/init_operator.h"
#include "gateway/cli/setup/operator_setup.h"
#include "gateway/config/keys.h"
#include "gateway/nats/system_connection.h"

namespace gateway::cli {
namespace {

namespace fs = std::filesystem;
using auth::KeyPair;
using auth::PublicKey;

// An account of others, and where there is one, the key that makes its users.
struct Account {
  std::string name;
  PublicKey id;
  std::optional<KeyPair> key;
};

// Key files are read before anything is made. A path is meant from here, and not from the directory
// of a configuration that is not there yet.
Config no_config() {
  Config config;
  config.file = "/";
  return config;
}

std::string from_here(const std::string& file) {
  return fs::absolute(file).string();
}

Account read_account(const char* option, const std::string& text, bool with_key) {
  constexpr std::size_t kIdChars = 56;
  const auto equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const std::string rest = equals == std::string::npos ? "" : text.substr(equals + 1);
  const auto id = auth::read_public_key(rest.substr(0, kIdChars), auth::Prefix::account);
  const std::string more = rest.size() > kIdChars ? rest.substr(kIdChars) : "";
  if (!auth::valid_name(name) || !id || with_key != (more.size() > 1 && more.front() == ':')) {
    throw OperationError(
        Code::usage,
        std::string(option) + ": must be " +
            (with_key ? "NAME=A…:FILE, an account's name and id, and the file with its "
                        "seed or that of one of its signing keys"
                      : "NAME=A…, an account's name and id"));
  }
  Account account{.name = name, .id = *id, .key = std::nullopt};
  if (with_key) {
    account.key = load_seed(no_config(), from_here(more.substr(1)), auth::Prefix::account);
  }
  return account;
}

// All that the options name, read and found good.
struct Given {
  Account callout;
  Account system;
  std::optional<NatsLogin> system_login;
  std::vector<std::pair<Account, bool>> accounts;  // and whether its key is scoped
};

// A user of another account could not close connections, and that would show at the first
// revocation only.
void check_system_user(const NatsLogin& login, const Account& system) {
  const auto jwt = auth::read_jwt(login.user_jwt);
  const auto claims = jwt ? auth::read_json_object(jwt->claims.view()) : std::nullopt;
  const std::string id = write_public_key(system.id);
  if (claims && (auth::string_at(*claims, "iss") == id ||
                 auth::string_at(auth::member(*claims, "nats"), "issuer_account") == id)) {
    return;
  }
  throw OperationError(Code::usage, "--system-creds: must be of a user of account " + system.name);
}

void check_granted(const Given& given, const Account& account) {
  if (account.id == given.callout.id || account.id == given.system.id) {
    throw OperationError(Code::usage, "--account " + account.name +
                                          ": is the callout or the system account; its users could "
                                          "read every password or control the servers");
  }
  const auto same = [&account](const auto& other) {
    return other.first.name == account.name || other.first.id == account.id;
  };
  if (std::ranges::any_of(given.accounts, same)) {
    throw OperationError(Code::usage, "--account " + account.name + ": is given twice");
  }
}

Given read_given(const InitOptions& options) {
  if (options.callout_account.empty() || options.system_account.empty() ||
      options.accounts.size() + options.scoped_accounts.size() == 0) {
    throw OperationError(Code::usage,
                         "for existing accounts give --callout-account, --system-account and at "
                         "least one --account or --scoped-account; see: credgate init --help");
  }
  Given given{.callout = read_account("--callout-account", options.callout_account, true),
              .system = read_account("--system-account", options.system_account, false),
              .system_login = std::nullopt,
              .accounts = {}};
  if (!options.system_creds.empty()) {
    NatsConfig login;
    login.creds = from_here(options.system_creds);
    given.system_login = load_login(no_config(), login);
    check_system_user(*given.system_login, given.system);
  }
  const auto add = [&given](const char* option, const std::string& text, bool scoped) {
    Account account = read_account(option, text, true);
    check_granted(given, account);
    given.accounts.emplace_back(std::move(account), scoped);
  };
  for (const std::string& text : options.accounts)
    add("--account", text, false);
  for (const std::string& text : options.scoped_accounts)
    add("--scoped-account", text, true);
  return given;
}

std::string copy_key(const Layout& layout, const std::string& file, const KeyPair& key) {
  write_key_file(layout, file, key.seed().view());
  return file;
}

// What whoever holds the operator's key has to run, a command each.
std::vector<std::string> nsc_commands(const Layout& layout, const Given& given,
                                      const MadeSetup& made) {
  const std::string allowed = auth::join(
      given.accounts, ",", [](const auto& account) { return write_public_key(account.first.id); });
  std::vector<std::string> commands{"nsc edit authcallout --account " +
                                        auth::shell_word(given.callout.name) + " --auth-user " +
                                        write_public_key(made.gateway.key) + " --allowed-account " +
                                        allowed + " --curve " + write_public_key(made.xkey),
                                    "nsc push --account " + auth::shell_word(given.callout.name)};
  if (given.system_login) return commands;
  commands.push_back("nsc add user --account " + auth::shell_word(given.system.name) +
                     " --name credgate --allow-pub '" + auth::join(kSystemPublish, ",") +
                     "' --allow-sub '" + auth::join(kSystemSubscribe, ",") + "'");
  commands.push_back("(umask 077 && nsc generate creds --account " +
                     auth::shell_word(given.system.name) + " --name credgate --output-file " +
                     auth::shell_word((layout.keys() / kSystemCredsFile).string()) + ")");
  return commands;
}

}  // namespace

void init_with_accounts(const Context& context, const InitOptions& options) {
  const Given given = read_given(options);
  const Layout where = free_layout(options.dir);
  make_keys_directory(where);
  OperatorSetup setup{.listen = options.listen,
                      .callout_account = given.callout.id,
                      .system_account = given.system.id,
                      .accounts = {}};
  for (const auto& [account, scoped] : given.accounts) {
    setup.accounts.push_back(
        {.name = account.name,
         .id = account.id,
         .key_file = copy_key(where, "account-" + account.name + ".nk", *account.key),
         .scoped = scoped});
  }
  copy_key(where, kCalloutKeyFile, *given.callout.key);
  if (given.system_login) {
    write_key_file(where, kSystemCredsFile,
                   auth::write_creds(given.system_login->user_jwt, given.system_login->key).view());
  }
  const MadeSetup made =
      make_operator_setup(where, setup, signer_of(given.callout.id, *given.callout.key));
  const auto commands = nsc_commands(where, given, made);
  where.made->keep();

  if (context.json) {
    nlohmann::ordered_json json = operator_json(where, setup, made);
    json["issuer"] = write_public_key(given.callout.key->public_key());
    json["nsc"] = commands;
    return print_json(json);
  }
  std::cout << made_files(where, false, false) << about_sentinel(where)
            << "\n"
               "Next, configure the servers to ask credgate and to accept its answers:\n";
  for (const std::string& command : commands)
    std::cout << "  " << command << '\n';
  std::cout << "  credgate serve"
            << (options.dir.empty() ? "" : " --config " + auth::shell_word(where.config().string()))
            << '\n';
}

}  // namespace gateway::cli
