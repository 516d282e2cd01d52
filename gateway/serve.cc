#include "gateway/serve.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "auth/base64.h"
#include "gateway/admin.h"
#include "gateway/callout.h"
#include "gateway/closer.h"
#include "gateway/config.h"
#include "gateway/follower.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/notify.h"
#include "gateway/owner.h"
#include "gateway/renewer.h"
#include "gateway/responder.h"
#include "gateway/signals.h"
#include "gateway/usage_writer.h"
#include "gateway/zone.h"
#include "store/store.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kLook = 250ms;
constexpr std::chrono::milliseconds kFirstPause = 50ms;
constexpr std::chrono::milliseconds kLongestPause = 2s;
constexpr auto kHeadPause = 1h;

std::shared_ptr<const Rules> make_rules(const Config& config, const Keys& keys) {
  return std::make_shared<const Rules>(
      Rules{auth::Judge{config.policy(), keys.master, zone_offset}, config.leeway});
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list)
    text += (text.empty() ? "" : ", ") + item;
  return text;
}

// A wrong file changes nothing: the daemon goes on with what it has.
void reload(Config& config, const Keys& keys, CurrentRules& rules) {
  try {
    const Config wanted = load_config(config.file);
    const auto left = needs_restart(config, wanted);
    if (!left.empty()) log(Level::warning, "reload_needs_restart", {{"settings", joined(left)}});
    // In operator mode each account comes with a key.
    if (!config.operator_mode && !wanted.operator_mode) config.accounts = wanted.accounts;
    config.region = wanted.region;
    config.leeway = wanted.leeway;
    rules.store(make_rules(config, keys));
    log(Level::info, "reloaded",
        {{"accounts", joined(config.accounts)}, {"region", config.region}});
  } catch (const ConfigError& wrong) {
    log(Level::error, "reload_failed", {{"error", wrong.what()}});
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
  } catch (const store::Fault& fault) {
    if (!fault.final()) return true;  // what passes again does not end a daemon
    log(Level::error, "store_lost", {{"error", fault.what()}});
    return false;
  }
}

void log_end(const Counters& counters) {
  std::string dropped;
  for (std::size_t i = 0; i < counters.dropped.size(); ++i) {
    const auto n = counters.dropped.at(i).load();
    if (n == 0) continue;
    dropped += (dropped.empty() ? "" : " ") + std::string(name(static_cast<auth::Drop>(i))) + ":" +
               std::to_string(n);
  }
  log(Level::info, "stopped",
      {{"granted", std::to_string(counters.granted)},
       {"denied", std::to_string(counters.denied)},
       {"dropped", dropped},
       {"faults", std::to_string(counters.faults)},
       {"kicked", std::to_string(counters.kicked)}});
}

// Makes one attempt after another, each after a longer pause, and says each new reason once.
class Connector {
 public:
  explicit Connector(const Workshop& workshop) : workshop_(workshop) {}

  // Null while there is no connection; then wait for pause() and call again.
  std::unique_ptr<Callout> attempt() {
    try {
      auto callout = std::make_unique<Callout>(workshop_);
      log(Level::info, "connected", {{"url", joined(workshop_.config.nats.urls)}});
      pause_ = kFirstPause;
      reason_.clear();
      return callout;
    } catch (const std::exception& error) {
      if (reason_ != error.what()) log(Level::error, "not_connected", {{"error", error.what()}});
      reason_ = error.what();
      pause_ = std::min(pause_ * 2, kLongestPause);
      return nullptr;
    }
  }
  std::chrono::milliseconds pause() const { return pause_; }

 private:
  const Workshop& workshop_;
  std::chrono::milliseconds pause_ = kFirstPause;
  std::string reason_;
};

// What `credgate history --verify --from` takes: who keeps the log can tell that the journal was
// altered or cut.
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

// The server may close the connection first; then there is nobody left to answer.
void drain(Callout& callout) {
  try {
    callout.drain();
  } catch (const NatsError& error) {
    log(Level::error, "disconnected", {{"error", error.what()}});
  }
}

// The other connection answers before this one stops: a server that is restarted politely costs no
// client anything.
void leave(std::unique_ptr<Callout>& callout, Connector& connector) {
  auto other = connector.attempt();
  if (!other) return;
  log(Level::info, "left_lame_duck", {});
  drain(*callout);
  callout = std::move(other);
}

// A store without it is another gateway's, or an import that was taken back.
std::optional<auth::Standing> standing(const store::Store& store, const CurrentRules& rules,
                                       const std::string& id) {
  try {
    const auto credential = store.get(id);
    if (!credential) return std::nullopt;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return rules.load()->judge.standing(*credential, now);
  } catch (const store::Damaged&) {
    return auth::Standing{};
  }
}

// What the journal says goes for the connections that are open.
void act_on(Closer& closer, const store::Entry& entry) {
  switch (entry.action) {
    case store::Action::suspend:
    case store::Action::revoke:
    case store::Action::withdraw:
    case store::Action::kick:
      return closer.close_all(entry.id);
    case store::Action::update:
    case store::Action::rotate:
    case store::Action::resume:
      return closer.review(entry.id);
    case store::Action::create:
    case store::Action::rehash:
      return;
  }
}

// Without a connection to the system account nothing can be closed, and nothing is remembered.
Responder::Doors make_doors(std::optional<Closer>& closer, std::optional<Admin>& admin,
                            UsageWriter& usage) {
  Responder::Doors doors;
  doors.opened = [&closer](const Connected& connection, std::uint32_t most) {
    if (closer) return closer->admit(connection, most);
    return most == 0;  // what cannot be counted is not let in
  };
  doors.close = [&closer](Connected connection) {
    if (closer) return closer->close(std::move(connection));
    log(Level::error, "kick_impossible",
        {{"id", connection.credential},
         {"error", "there is no system connection in the configuration"}});
  };
  doors.decided = [&admin, &usage](const Decided& decided) {
    usage.note(decided);
    if (admin) admin->tell(decided);
  };
  return doors;
}

}  // namespace

int serve(const std::filesystem::path& config_file) {
  const Signals signals;
  Config config = load_config(config_file);
  const Keys keys = load_keys(config);
  become_owner_of(config.store.directory);
  store::Store store{config.store, keys.master};
  const auto totals = store.totals();

  CurrentRules rules{make_rules(config, keys)};
  Counters counters;
  Renewer renewer{store};
  const Records records{.find =
                            [&store](auth::Kind kind, std::string_view login) {
                              store::Found found = store.find(kind, login);
                              store.check_files();  // after: what was read may be a ghost's
                              return found;
                            },
                        .last_txn = [&store] { return store.last_txn(); },
                        .renew =
                            [&renewer](std::string id, auth::Judge::Renewal renewal) {
                              renewer.renew(std::move(id), std::move(renewal));
                            }};
  CurrentConfig current{std::make_shared<const Config>(config)};
  UsageWriter usage{store};
  Live live;
  std::optional<Closer> closer;
  std::optional<Admin> admin;
  if (keys.system) {
    closer.emplace(config.system, *keys.system, counters, live,
                   [&](const std::string& id) { return standing(store, rules, id); });
  }
  if (!config.admin_account.empty()) admin.emplace(current, keys, store, counters);
  const Follower follower{store, config.store.directory, [&](const store::Entry& entry) {
                            if (closer) act_on(*closer, entry);
                            if (admin) admin->look();
                          }};
  const Workshop workshop{.config = config,
                          .keys = keys,
                          .records = records,
                          .rules = rules,
                          .counters = counters,
                          .doors = make_doors(closer, admin, usage)};
  log(Level::info, "serving",
      {{"store", config.store.directory.string()},
       {"store_id", totals.store_id},
       {"active", std::to_string(totals.active)},
       {"mode", config.operator_mode ? "operator" : "config"},
       {"issuer", public_keys(keys.issuers)},
       {"xkey", keys.xkeys.empty() ? "none" : public_keys(keys.xkeys)}});

  log_head(store);
  Notify systemd{std::getenv("NOTIFY_SOCKET")};
  systemd.ready();  // it waits for nats-server by itself, however long that takes
  auto next_head = std::chrono::steady_clock::now() + kHeadPause;

  Connector connector{workshop};
  std::unique_ptr<Callout> callout = connector.attempt();
  while (true) {
    systemd.status(callout ? "answers nats-server at " + joined(config.nats.urls)
                           : "waits for nats-server at " + joined(config.nats.urls));
    const int which = signals.wait(callout ? kLook : connector.pause());
    if (which == SIGTERM || which == SIGINT) break;
    if (which == SIGHUP) {
      systemd.reloading();
      reload(config, keys, rules);
      current.store(std::make_shared<const Config>(config));
      systemd.ready();
    }
    if (std::chrono::steady_clock::now() >= next_head) {
      log_head(store);
      next_head += kHeadPause;
    }
    if (!still_there(store)) return 1;  // nothing may be granted from a store that is gone
    if (callout && callout->alive() && callout->to_be_left()) leave(callout, connector);
    if (callout && callout->alive()) continue;
    if (callout) log(Level::error, "disconnected", {});
    callout.reset();
    callout = connector.attempt();
  }
  systemd.stopping();
  if (callout && callout->alive()) drain(*callout);
  callout.reset();
  if (closer) closer->drain();
  log_end(counters);
  return 0;
}

}  // namespace gateway
