#include "gateway/daemon/parts.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "auth/base/base64.h"
#include "auth/base/text.h"
#include "gateway/callout/probe_logins.h"
#include "gateway/config/metrics_address.h"
#include "gateway/monitor/control_commands.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"
#include "gateway/platform/privileges.h"
#include "gateway/platform/time_zone.h"

namespace gateway {

std::shared_ptr<const Config> read_configuration(const ServeOptions& options) {
  Config config = load_config(options.config_file);
  config.metrics_listen = metrics_address(config, options.instance).value_or("");
  if (!options.metrics_listen.empty()) config.metrics_listen = options.metrics_listen;
  if (config.metrics_listen == "off") config.metrics_listen.clear();
  return std::make_shared<const Config>(std::move(config));
}

Keys read_keys_then_become_owner(const Config& config) {
  log_as(config.log_format);
  Keys keys = load_keys(config);
  become_owner_of(config.store.directory);
  return keys;
}

std::shared_ptr<const Rules> make_rules(const Config& config, const Keys& keys) {
  return std::make_shared<const Rules>(
      Rules{auth::Judge{config.policy(), keys.master, zone_offset}, config.leeway});
}

bool makes_probes(const Config& config) {
  return !config.metrics_listen.empty() && !probe_accounts(config).empty();
}

CredentialSource make_source(store::Store& store, const ServeHooks& hooks) {
  return {.find =
              [&store, after = hooks.after_lookup](auth::Kind kind, std::string_view login) {
                store::Found found = store.find(kind, login);
                if (after) after(store, found);
                return found;
              },
          .last_txn = [&store] { return store.last_txn(); }};
}

Throttle::LastUse make_last_use(const store::Store& store) {
  return [&store](const Guess& guess) {
    return store.usage_of(guess.token ? auth::Kind::token : auth::Kind::password, guess.login);
  };
}

std::optional<auth::SessionRules> session_rules(const store::Store& store,
                                                const CurrentRules& rules, const std::string& id) {
  try {
    const auto credential = store.get(id);
    if (!credential) return std::nullopt;
    return rules.load()->judge.session_rules(*credential, now_in_seconds());
  } catch (const store::Damaged&) {
    // Not where an older copy is just being written over the store: that closes nobody.
    store.check_files();
    return auth::SessionRules{};
  }
}

bool still_there(const store::Store& store) {
  try {
    static_cast<void>(store.last_txn());
    store.check_files();
    return true;
  } catch (const store::Gone& gone) {
    log(Level::error, "store_lost", {{"error", gone.what()}});
    return false;
  } catch (const store::DamagedPage& damaged) {
    // Where the newest changes are, so that none can be made any more, nor be seen.
    log(Level::error, "store_lost", {{"error", damaged.what()}});
    return false;
  } catch (const store::Fault& fault) {
    if (!fault.final()) return true;  // what passes again does not end a daemon
    log(Level::error, "store_lost", {{"error", fault.what()}});
    return false;
  }
}

void log_read_only(const store::Store& store, std::string& told) {
  std::string why = store.why_read_only();
  if (why == told) return;
  told = std::move(why);
  log(Level::error, "store_read_only", {{"error", told}});
}

void log_without_roles(const store::Store& store) {
  if (store.has_roles()) return;
  log(Level::error, "store_without_roles",
      {{"error",
        "it is of an earlier credgate and has no roles; make room on its disk, or accept "
        "it, and restart credgate"}});
}

void log_head(const store::Store& store) {
  try {
    const auto head = store.head();
    if (!head) return;
    log(Level::info, "journal_head",
        {{"head", std::to_string(head->sequence) + ":" + auth::write_base64url(head->hash)}});
  } catch (const store::Fault& fault) {
    log(Level::error, "fault", {{"error", fault.what()}});
  }
}

void log_end(const Counters& counters) {
  std::vector<std::string> dropped;
  for (std::size_t i = 0; i < counters.dropped.size(); ++i) {
    const auto n = counters.dropped.at(i).load();
    if (n == 0) continue;
    dropped.push_back(std::string(name(static_cast<auth::Drop>(i))) + ":" + std::to_string(n));
  }
  log(Level::info, "stopped",
      {{"granted", std::to_string(counters.granted())},
       {"denied", std::to_string(counters.denied())},
       {"dropped", auth::join(dropped, " ")},
       {"faults", std::to_string(counters.faults)},
       {"kicked", std::to_string(counters.kicked)}});
}

// The instance that this one replaces may still have the socket.
std::unique_ptr<ControlSocket> open_control(const DaemonView& view, Throttle& throttle,
                                            bool log_failure) {
  try {
    return std::make_unique<ControlSocket>(
        control_socket(view.config.load()->run_dir, view.instance),
        [&](const nlohmann::json& question) { return answer_control(question, view, throttle); });
  } catch (const std::runtime_error& fault) {
    if (log_failure) log(Level::warning, "control_unavailable", {{"error", fault.what()}});
    return nullptr;
  }
}

}  // namespace gateway
