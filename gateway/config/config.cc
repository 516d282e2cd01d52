#include "gateway/config/config.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "auth/base/json_object.h"
#include "auth/base/text.h"
#include "auth/base/time_format.h"
#include "auth/nats/nkey.h"
#include "auth/nats/subject.h"
#include "gateway/config/config_accounts.h"
#include "gateway/config/config_limits.h"
#include "gateway/config/config_reader.h"
#include "gateway/config/metrics_address.h"
#include "gateway/config/server_urls.h"

namespace gateway {
namespace {

using auth::JsonObject;

constexpr std::uintmax_t kMaxConfigBytes = 1 << 20;
constexpr std::uint64_t kMaxWorkers = 64;

std::filesystem::path beside(const std::filesystem::path& file, const std::string& path) {
  return (std::filesystem::absolute(file).parent_path() / path).lexically_normal();
}

NatsConfig read_nats(JsonObject& section, NatsConfig nats, const Config& config) {
  const auto path = [&](const char* name, std::string& into) {
    std::string value;
    section.string(name, value);
    if (!value.empty()) into = beside(config.file, value).string();
  };
  section.string_or_strings("url", nats.urls);
  if (nats.urls.empty()) section.missing("url", "\"nats://127.0.0.1:4222\"");
  if (const auto urls = read_server_urls(auth::join(nats.urls, ",")); urls) {
    nats.urls = *urls;
  } else {
    section.complain("url", urls.error());
  }
  section.boolean("discover", nats.discover);
  nats.nkey.clear();
  nats.creds.clear();
  section.string("nkey", nats.nkey);
  section.string("creds", nats.creds);
  // Each way of a login is one that the other mode's servers do not take.
  if (config.operator_mode) {
    if (!nats.nkey.empty()) {
      section.complain("nkey", "is only for configuration mode; operator mode uses `creds`");
    }
    if (nats.creds.empty()) section.missing("creds", "the name of a credentials file");
  } else {
    if (!nats.creds.empty())
      section.complain("creds", "is only for operator mode; configuration mode uses `nkey`");
    if (nats.nkey.empty()) section.missing("nkey", "the name of a user seed");
  }
  path("ca_file", nats.ca_file);
  path("cert_file", nats.cert_file);
  path("key_file", nats.key_file);
  if (nats.cert_file.empty() != nats.key_file.empty()) {
    section.complain("cert_file", "must be set together with key_file");
  }
  return nats;
}

std::optional<std::chrono::seconds> read_leeway(const std::string& text) {
  if (text == "0s") return std::chrono::seconds{0};
  const auto leeway = auth::read_duration(text);
  return leeway && *leeway <= std::chrono::hours{1} ? leeway : std::nullopt;
}

// One, or several while one is exchanged for another.
void read_key_names(JsonObject& section, const char* name, std::vector<std::string>& names) {
  section.string_or_strings(name, names);
  if (std::ranges::any_of(names, &std::string::empty)) {
    section.complain(name, "must be the name of a key file, or an array of names");
  }
}

std::optional<bool> read_mode(const std::string& text) {
  if (text != "config" && text != "operator") return std::nullopt;
  return text == "operator";
}

void read_callout(JsonObject section, Config& config) {
  section.string("mode",
                 "must be \"config\" (accounts are defined in nats-server's configuration) or "
                 "\"operator\" (they are JWTs)",
                 config.operator_mode, read_mode);
  config.callout_account = config.operator_mode ? "" : "AUTH";
  section.string("account", config.callout_account);
  if (config.operator_mode) {
    if (!auth::read_public_key(config.callout_account, auth::Prefix::account)) {
      section.complain("account", "must be the callout account's id, A…");
    }
    section.string_or_strings("sentinels", config.sentinels);
    for (const std::string& sentinel : config.sentinels) {
      if (!auth::read_public_key(sentinel, auth::Prefix::user)) {
        section.complain("sentinels", "must be the subjects of user JWTs, U…");
      }
    }
  }
  read_key_names(section, "issuer", config.issuers);
  if (config.issuers.empty()) section.missing("issuer", "the name of an account seed");
  read_key_names(section, "xkey", config.xkeys);
  section.string("leeway", "must be a duration up to an hour: \"30s\"", config.leeway, read_leeway);
  section.finish();
}

// Misspelt, it would be granted like any other.
void read_system_account(JsonObject& section, Config& config) {
  config.system_account = config.operator_mode ? "" : "SYS";
  section.string("account", config.system_account);
  if (!config.operator_mode) return;
  if (config.system_account.empty()) {
    section.missing("account", "the system account's id, A…: no client may be placed in it");
  }
  if (!auth::read_public_key(config.system_account, auth::Prefix::account)) {
    section.complain("account", "must be the system account's id, A…");
  }
}

std::optional<LogFormat> read_log_format(const std::string& text) {
  if (text == "text") return LogFormat::text;
  return text == "json" ? std::optional{LogFormat::json} : std::nullopt;
}

void read_log(JsonObject section, Config& config) {
  section.string("format", "must be \"text\" or \"json\"", config.log_format, read_log_format);
  section.finish();
}

// "store.head" for "store": it goes where the store goes.
std::filesystem::path next_to(const std::filesystem::path& directory) {
  const auto plain = directory.has_filename() ? directory : directory.parent_path();
  return plain.string() + ".head";
}

bool is_within(const std::filesystem::path& path, const std::filesystem::path& directory) {
  const auto relative = path.lexically_relative(directory);
  return !relative.empty() && *relative.begin() != "..";
}

void read_store(JsonObject section, Config& config) {
  std::string directory;
  section.required_string("dir", "the store's directory", directory);
  config.store.directory = beside(config.file, directory);
  std::string head;
  section.string("head_dir", head);
  config.store.head_directory =
      head.empty() ? next_to(config.store.directory) : beside(config.file, head);
  if (is_within(config.store.head_directory, config.store.directory)) {
    section.complain("head_dir",
                     "must be outside of `dir`: a copy of the store must not bring its note along");
  }
  section.string("map_size", kSizeHint, config.store.map_bytes, read_size);
  section.finish();
}

// As clients write them into the header `Host`, with a port where the URL has one.
void read_sigv4_hosts(JsonObject& root, Config& config) {
  std::vector<std::string> hosts;
  root.string_or_strings("sigv4_hosts", hosts);
  for (const std::string& host : hosts) {
    if (host.empty() || host.find_first_of("/ \t") != std::string::npos) {
      root.complain(
          "sigv4_hosts",
          "must be hosts as in the Host header: [\"sqs.example.com\", \"localhost:4566\"]");
    }
    config.sigv4_hosts.push_back(auth::lower_case(host));
  }
}

void read_admin(JsonObject section, Config& config) {
  section.string("account", config.admin_account);
  section.finish();
  const auto& accounts = config.accounts;
  if (config.admin_account.empty() ||
      std::ranges::find(accounts, config.admin_account) != accounts.end())
    return;
  section.complain("account",
                   "must be one of `accounts`, because its users are credentials of this gateway");
}

void read_region(JsonObject& root, Config& config) {
  root.string("region", config.region);
  if (!config.region.empty() && !auth::valid_name(config.region)) {
    root.complain("region", "must be letters, digits and punctuation without spaces or dots");
  }
}

void read_root(JsonObject root, Config& config) {
  const auto path = [&](const char* name, std::filesystem::path& into) {
    std::string value = into.string();
    root.string(name, value);
    into = beside(config.file, value);
  };
  path("keys_dir", config.keys_dir);
  read_key_names(root, "master_key", config.master_keys);
  if (config.master_keys.empty()) root.missing("master_key", "the name of a key file");
  read_callout(root.child("callout"), config);

  JsonObject nats = root.child("nats");
  config.nats = read_nats(nats, {}, config);
  nats.finish();
  JsonObject system = root.child("system");
  // In operator mode it must be there, to name the account.
  config.has_system =
      config.operator_mode ? system.has("nkey") || system.has("creds") : root.has("system");
  read_system_account(system, config);
  if (config.has_system) config.system = read_nats(system, config.nats, config);
  system.finish();
  config.passwords = read_passwords(root.child("passwords"));
  config.throttle = read_throttle(root.child("throttle"));
  read_store(root.child("store"), config);
  read_accounts(root, config);
  read_admin(root.child("admin"), config);

  read_metrics(root.child("metrics"), config);
  read_log(root.child("log"), config);
  path("run_dir", config.run_dir);
  read_region(root, config);
  read_sigv4_hosts(root, config);
  root.number("workers", config.workers, 1, kMaxWorkers);
  root.finish();
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
  Config config;
  config.file = file;
  std::optional<auth::Invalid> wrong;
  read_root(JsonObject{parsed.root, "", wrong}, config);
  if (wrong) throw parsed.error(*wrong);
  return config;
}

Config load_config(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) {
    const bool closed = error == std::errc::permission_denied;
    throw auth::ConfigError(
        file.string() + ": " + error.message() +
        (closed ? "; run this as root"
                : "; name another with --config, or make one with: credgate init"));
  }
  if (size > kMaxConfigBytes) throw auth::ConfigError(file.string() + ": is larger than 1 MiB");
  std::ifstream in{file};
  const std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  if (!in)
    throw auth::ConfigError(file.string() + ": cannot be read: " + std::strerror(errno) +
                            "; run this as root");
  return read_config(text, file);
}

}  // namespace gateway
