#include <tuple>
#include <utility>

#include "gateway/config/config.h"

namespace gateway {

std::vector<std::string> needs_restart(const Config& running, const Config& wanted) {
  std::vector<std::string> names;
  const auto compare = [&names](const char* name, const auto& a, const auto& b) {
    if (a != b) names.emplace_back(name);
  };
  const auto nats = [](const NatsConfig& n) {
    return std::tuple{n.urls, n.discover, n.nkey, n.creds, n.ca_file, n.cert_file, n.key_file};
  };
  compare("nats", nats(running.nats), nats(wanted.nats));
  compare("system", std::pair(running.has_system, nats(running.system)),
          std::pair(wanted.has_system, nats(wanted.system)));
  compare("keys_dir", running.keys_dir, wanted.keys_dir);
  compare("callout.mode", running.operator_mode, wanted.operator_mode);
  compare("callout.issuer", running.issuers, wanted.issuers);
  compare("callout.xkey", running.xkeys, wanted.xkeys);
  compare("callout.sentinels", running.sentinels, wanted.sentinels);
  compare("accounts", running.account_keys, wanted.account_keys);
  compare("callout.account", running.callout_account, wanted.callout_account);
  compare("admin.account", running.admin_account, wanted.admin_account);
  compare("system.account", running.system_account, wanted.system_account);
  compare("master_key", running.master_keys, wanted.master_keys);
  const auto passwords = [](const PasswordConfig& p) {
    return std::tuple{p.cost.memory_bytes, p.cost.iterations, p.threads, p.queue};
  };
  compare("passwords", passwords(running.passwords), passwords(wanted.passwords));
  compare("store.dir", running.store.directory, wanted.store.directory);
  compare("store.head_dir", running.store.head_directory, wanted.store.head_directory);
  compare("store.map_size", running.store.map_bytes, wanted.store.map_bytes);
  compare("workers", running.workers, wanted.workers);
  compare("metrics", running.metrics_listen, wanted.metrics_listen);
  compare("run_dir", running.run_dir, wanted.run_dir);
  compare("log", running.log_format, wanted.log_format);
  return names;
}

Config with_reloadable(const Config& running, const Config& wanted) {
  Config next = running;
  // In operator mode each account comes with a key.
  if (!running.operator_mode && !wanted.operator_mode) next.accounts = wanted.accounts;
  next.region = wanted.region;
  next.sigv4_hosts = wanted.sigv4_hosts;
  next.leeway = wanted.leeway;
  next.throttle = wanted.throttle;
  return next;
}

}  // namespace gateway
