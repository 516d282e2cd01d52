#include "gateway/config/config.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "auth/base/text.h"
#include "auth/base/time_format.h"
#include "auth/nats/nkey.h"
#include "auth/nats/subject.h"
#include "gateway/config/config_limits.h"
#include "gateway/config/config_reader.h"
#include "gateway/platform/listen_address.h"

namespace gateway {
namespace {

constexpr std::uintmax_t kMaxConfigBytes = 1 << 20;
constexpr std::uint64_t kMaxWorkers = 64;

std::filesystem::path beside(const std::filesystem::path& file, const std::string& path) {
  return (std::filesystem::absolute(file).parent_path() / path).lexically_normal();
}

NatsConfig read_nats(Section& section, const NatsConfig& otherwise, const Config& config) {
  const auto path = [&](const char* key, const std::string& fallback) {
    const std::string value = section.text(key, "");
    return value.empty() ? fallback : beside(config.file, value).string();
  };
  NatsConfig nats = otherwise;
  if (section.has("url")) nats.urls = section.texts("url");
  for (const std::string& url : nats.urls) {
    if (!url.starts_with("nats://") && !url.starts_with("tls://")) {
      section.fail("url", "must begin with nats:// or tls://");
    }
  }
  if (nats.urls.empty()) section.missing("url", "\"nats://127.0.0.1:4222\"");
  nats.nkey = section.text("nkey", "");
  nats.creds = section.text("creds", "");
  // Each way of a login is one that the other mode's servers do not take.
  if (config.operator_mode) {
    if (!nats.nkey.empty())
      section.fail("nkey", "is only for configuration mode; operator mode uses `creds`");
    if (nats.creds.empty()) section.missing("creds", "a string");
  } else {
    if (!nats.creds.empty())
      section.fail("creds", "is only for operator mode; configuration mode uses `nkey`");
    if (nats.nkey.empty()) section.missing("nkey", "a string");
  }
  nats.ca_file = path("ca_file", nats.ca_file);
  nats.cert_file = path("cert_file", nats.cert_file);
  nats.key_file = path("key_file", nats.key_file);
  if (nats.cert_file.empty() != nats.key_file.empty()) {
    section.fail("cert_file", "must be set together with key_file");
  }
  return nats;
}

std::chrono::seconds read_leeway(Section& section) {
  const std::string leeway = section.text("leeway", "30s");
  if (leeway == "0s") return std::chrono::seconds{0};
  const auto span = auth::read_duration(leeway);
  if (!span || *span > std::chrono::hours{1}) {
    section.fail("leeway", "must be a duration up to an hour: \"30s\"");
  }
  return *span;
}

// One, or several while one is exchanged for another.
std::vector<std::string> read_key_names(Section& section, const char* key) {
  std::vector<std::string> names = section.texts(key);
  for (const std::string& name : names) {
    if (name.empty()) section.fail(key, "must be the name of a key file, or an array of names");
  }
  return names;
}

bool read_mode(Section& section) {
  const std::string mode = section.text("mode", "config");
  if (mode != "config" && mode != "operator") {
    section.fail("mode",
                 "must be \"config\" (accounts are defined in nats-server's configuration) or "
                 "\"operator\" (they are JWTs)");
  }
  return mode == "operator";
}

void read_callout(Section section, Config& config) {
  config.operator_mode = read_mode(section);
  config.callout_account = section.text("account", config.operator_mode ? "" : "AUTH");
  if (config.operator_mode) {
    if (!auth::read_public_key(config.callout_account, auth::Prefix::account)) {
      section.fail("account", "must be the callout account's id, A…");
    }
    config.sentinels = section.texts("sentinels");
    for (const std::string& sentinel : config.sentinels) {
      if (!auth::read_public_key(sentinel, auth::Prefix::user)) {
        section.fail("sentinels", "must be the subjects of user JWTs, U…");
      }
    }
  }
  config.issuers = read_key_names(section, "issuer");
  if (config.issuers.empty()) section.missing("issuer", "the name of an account seed");
  config.xkeys = read_key_names(section, "xkey");
  config.leeway = read_leeway(section);
  section.finish();
}

// Misspelt, it would be granted like any other.
void read_system_account(Section& section, Config& config) {
  config.system_account = section.text("account", config.operator_mode ? "" : "SYS");
  if (config.operator_mode && config.system_account.empty()) {
    section.missing("account", "the system account's id, A…: no client may be placed in it");
  }
  if (config.operator_mode &&
      !auth::read_public_key(config.system_account, auth::Prefix::account)) {
    section.fail("account", "must be the system account's id, A…");
  }
}

void read_metrics(Section section, Config& config) {
  const std::string listen = section.text("listen", config.metrics_listen);
  section.finish();
  if (listen != "off" && read_listen_address(listen).port == 0) {
    section.fail("listen", "must be \"ADDRESS:PORT\", \"127.0.0.1:8422\", or \"off\"");
  }
  config.metrics_listen = listen == "off" ? "" : listen;
}

void read_log(Section section, Config& config) {
  const std::string format = section.text("format", "text");
  if (format != "text" && format != "json") {
    section.fail("format", "must be \"text\" or \"json\"");
  }
  config.log_format = format == "json" ? LogFormat::json : LogFormat::text;
  section.finish();
}

void read_store(Section section, Config& config) {
  config.store.directory = beside(config.file, section.required_text("dir"));
  config.store.map_bytes = section.size("map_size", config.store.map_bytes);
  section.finish();
}

constexpr const char* kReservedHint =
    "is the callout or the system account; its users could read every password or control the "
    "servers";

void read_account(Section section, const std::string& name, Config& config) {
  AccountConfig account;
  account.id = section.required_text("id");
  if (!auth::read_public_key(account.id, auth::Prefix::account)) {
    section.fail("id", "must be the account's id, A…");
  }
  if (account.id == config.callout_account || account.id == config.system_account) {
    section.fail("id", kReservedHint);
  }
  account.signing_key = section.required_text("signing_key");
  account.scoped = section.boolean("scoped", false);
  section.finish();
  config.account_keys.emplace(name, std::move(account));
}

void read_accounts(Section& root, Config& config) {
  if (config.operator_mode) {
    Section accounts = root.section("accounts");
    config.accounts = accounts.names();
    for (const std::string& name : config.accounts)
      read_account(accounts.section(name.c_str()), name, config);
  } else {
    config.accounts = root.texts("accounts");
  }
  if (config.accounts.empty()) {
    root.missing("accounts", config.operator_mode
                                 ? "{ \"APP\": { \"id\": \"A…\", \"signing_key\": \"app.nk\" } }"
                                 : "the NATS accounts that clients may be placed in, [\"APP\"]");
  }
  for (const std::string& account : config.accounts) {
    if (!auth::valid_name(account))
      root.fail("accounts", "\"" + account + "\" is not an account name");
    if (account == config.callout_account || account == config.system_account) {
      root.fail("accounts", "\"" + account + "\" " + kReservedHint);
    }
  }
}

// As clients write them into the header `Host`, with a port where the URL has one.
void read_sigv4_hosts(Section& root, Config& config) {
  for (const std::string& host : root.texts("sigv4_hosts")) {
    if (host.empty() || host.find_first_of("/ \t") != std::string::npos) {
      root.fail("sigv4_hosts",
                "must be hosts as in the Host header: [\"sqs.example.com\", \"localhost:4566\"]");
    }
    config.sigv4_hosts.push_back(auth::lower_case(host));
  }
}

void read_admin(Section&& admin, Config& config) {
  config.admin_account = admin.text("account", "");
  admin.finish();
  const auto& accounts = config.accounts;
  if (config.admin_account.empty() ||
      std::ranges::find(accounts, config.admin_account) != accounts.end())
    return;
  admin.fail("account",
             "must be one of `accounts`, because its users are credentials of this gateway");
}

}  // namespace

auth::Policy Config::policy() const {
  std::vector<std::string> scoped;
  for (const auto& [name, account] : account_keys) {
    if (account.scoped) scoped.push_back(name);
  }
  return {.accounts = accounts,
          .reserved = {callout_account, system_account},
          .scoped = scoped,
          .region = region,
          .mode = {.operator_mode = operator_mode, .sentinels = sentinels},
          .sigv4_hosts = sigv4_hosts,
          .password_cost = passwords.cost};
}

Config read_config(std::string_view text, const std::filesystem::path& file) {
  const ConfigText parsed = read_config_text(text, file.string());
  Section root{parsed};
  Config config;
  config.file = file;
  config.keys_dir = beside(file, root.text("keys_dir", config.keys_dir.string()));
  config.master_keys = read_key_names(root, "master_key");
  if (config.master_keys.empty()) root.missing("master_key", "the name of a key file");
  read_callout(root.section("callout"), config);

  Section nats = root.section("nats");
  config.nats = read_nats(nats, {}, config);
  nats.finish();
  Section system = root.section("system");
  // In operator mode it must be there, to name the account.
  config.has_system =
      config.operator_mode ? system.has("nkey") || system.has("creds") : root.has("system");
  read_system_account(system, config);
  if (config.has_system) config.system = read_nats(system, config.nats, config);
  system.finish();
  config.passwords = read_passwords(root.section("passwords"));
  config.throttle = read_throttle(root.section("throttle"));
  read_store(root.section("store"), config);
  read_accounts(root, config);
  read_admin(root.section("admin"), config);

  read_metrics(root.section("metrics"), config);
  read_log(root.section("log"), config);
  config.run_dir = beside(file, root.text("run_dir", config.run_dir.string()));

  config.region = root.text("region", "");
  if (!config.region.empty() && !auth::valid_name(config.region)) {
    root.fail("region", "must be letters, digits and punctuation without spaces or dots");
  }
  read_sigv4_hosts(root, config);
  const std::uint64_t workers = root.number("workers", config.workers);
  if (workers == 0 || workers > kMaxWorkers) {
    root.fail("workers", "must be 1 to " + std::to_string(kMaxWorkers));
  }
  config.workers = static_cast<unsigned>(workers);
  root.finish();
  return config;
}

Config load_config(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) {
    throw auth::ConfigError(file.string() + ": " + error.message() +
                            "; name another file with --config, or create one with: credgate init");
  }
  if (size > kMaxConfigBytes) throw auth::ConfigError(file.string() + ": is larger than 1 MiB");
  std::ifstream in{file};
  const std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  if (!in) throw auth::ConfigError(file.string() + ": cannot be read");
  return read_config(text, file);
}

}  // namespace gateway
