#include "gateway/config.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "auth/subject.h"
#include "auth/time_text.h"
#include "gateway/config_text.h"

namespace gateway {
namespace {

constexpr std::uintmax_t kMaxConfigBytes = 1 << 20;
constexpr std::uint64_t kMaxWorkers = 64;

std::filesystem::path beside(const std::filesystem::path& file, const std::string& path) {
  return (std::filesystem::absolute(file).parent_path() / path).lexically_normal();
}

std::uint64_t read_size(Section& section, const char* key, std::uint64_t otherwise) {
  const std::string text = section.text(key, "");
  if (text.empty()) return otherwise;
  for (const auto& [unit, shift] : {std::pair{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}) {
    if (!text.ends_with(unit)) continue;
    const std::string digits = text.substr(0, text.size() - 3);
    const bool whole = !digits.empty() && digits.size() < 6 &&
                       digits.find_first_not_of("0123456789") == std::string::npos;
    if (whole && std::stoull(digits) > 0) return std::stoull(digits) << shift;
  }
  section.fail(key, "must be a size such as \"64GiB\" (KiB, MiB, GiB, TiB)");
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
  nats.nkey = section.required_text("nkey");
  nats.ca_file = path("ca_file", nats.ca_file);
  nats.cert_file = path("cert_file", nats.cert_file);
  nats.key_file = path("key_file", nats.key_file);
  if (nats.cert_file.empty() != nats.key_file.empty()) {
    section.fail("cert_file", "goes with key_file, both or neither");
  }
  return nats;
}

void read_callout(Section section, Config& config) {
  config.callout_account = section.text("account", "AUTH");
  config.issuer = section.required_text("issuer");
  config.xkey = section.text("xkey", "");
  if (const std::string leeway = section.text("leeway", "30s"); leeway == "0s") {
    config.leeway = std::chrono::seconds{0};
  } else {
    const auto span = auth::read_duration(leeway);
    if (!span || *span > std::chrono::hours{1}) {
      section.fail("leeway", "must be a span up to an hour: \"30s\"");
    }
    config.leeway = *span;
  }
  section.finish();
}

void read_store(Section section, Config& config) {
  config.store.directory = beside(config.file, section.required_text("dir"));
  config.store.map_bytes = read_size(section, "map_size", config.store.map_bytes);
  section.finish();
}

void read_accounts(Section& root, Config& config) {
  config.accounts = root.texts("accounts");
  if (config.accounts.empty()) {
    root.missing("accounts", "the NATS accounts that may be granted, [\"APP\"]");
  }
  for (const std::string& account : config.accounts) {
    if (!auth::valid_name(account)) root.fail("accounts", "\"" + account + "\" is no account name");
    if (account == config.callout_account || account == config.system_account) {
      root.fail("accounts", "\"" + account +
                                "\" is the callout or the system account; who is let in there can "
                                "read every password or rule the servers");
    }
  }
}

}  // namespace

auth::Policy Config::policy() const {
  return {.accounts = accounts, .reserved = {callout_account, system_account}, .region = region};
}

Config read_config(std::string_view text, const std::filesystem::path& file) {
  const ConfigText parsed = read_config_text(text, file.string());
  Section root{parsed};
  Config config;
  config.file = file;
  config.keys_dir = beside(file, root.text("keys_dir", config.keys_dir.string()));
  config.master_key = root.required_text("master_key");

  Section nats = root.section("nats");
  config.nats = read_nats(nats, {}, config);
  nats.finish();
  config.has_system = root.has("system");
  Section system = root.section("system");
  config.system_account = system.text("account", "SYS");
  if (config.has_system) config.system = read_nats(system, config.nats, config);
  system.finish();
  read_callout(root.section("callout"), config);
  read_store(root.section("store"), config);
  read_accounts(root, config);

  config.region = root.text("region", "");
  if (!config.region.empty() && !auth::valid_name(config.region)) {
    root.fail("region", "must be letters, digits and punctuation without spaces or dots");
  }
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
    throw ConfigError(file.string() + ": " + error.message() +
                      "; name another with --config, or make one with: credgate init");
  }
  if (size > kMaxConfigBytes) throw ConfigError(file.string() + ": is larger than 1 MiB");
  std::ifstream in{file};
  const std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  if (!in) throw ConfigError(file.string() + ": cannot be read");
  return read_config(text, file);
}

std::vector<std::string> needs_restart(const Config& running, const Config& wanted) {
  std::vector<std::string> names;
  const auto compare = [&names](const char* name, const auto& a, const auto& b) {
    if (a != b) names.emplace_back(name);
  };
  const auto nats = [](const NatsConfig& n) {
    return std::tuple{n.urls, n.nkey, n.ca_file, n.cert_file, n.key_file};
  };
  compare("nats", nats(running.nats), nats(wanted.nats));
  compare("system", std::pair(running.has_system, nats(running.system)),
          std::pair(wanted.has_system, nats(wanted.system)));
  compare("keys_dir", running.keys_dir, wanted.keys_dir);
  compare("callout.issuer", running.issuer, wanted.issuer);
  compare("callout.xkey", running.xkey, wanted.xkey);
  compare("callout.account", running.callout_account, wanted.callout_account);
  compare("system.account", running.system_account, wanted.system_account);
  compare("master_key", running.master_key, wanted.master_key);
  compare("store.dir", running.store.directory, wanted.store.directory);
  compare("store.map_size", running.store.map_bytes, wanted.store.map_bytes);
  compare("workers", running.workers, wanted.workers);
  return names;
}

}  // namespace gateway
