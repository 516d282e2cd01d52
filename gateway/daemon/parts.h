#pragma once
// What the daemon makes its parts from, and what it looks after itself.

#include <memory>
#include <optional>
#include <string>

#include "auth/decision/judge.h"
#include "gateway/callout/decider.h"
#include "gateway/callout/rules.h"
#include "gateway/callout/throttle.h"
#include "gateway/config/config.h"
#include "gateway/config/keys.h"
#include "gateway/daemon/daemon.h"
#include "gateway/monitor/control_socket.h"
#include "gateway/monitor/health.h"
#include "gateway/platform/counters.h"
#include "store/store.h"

namespace gateway {

// The file, with what the command line says instead. Throws ConfigError.
std::shared_ptr<const Config> read_configuration(const ServeOptions& options);

// Root alone may be able to read the keys; what root writes into the store, the daemon's user could
// not read. From here on the log has the form that the configuration names. Throws ConfigError.
Keys read_keys_then_become_owner(const Config& config);

// `keys` must outlive the result.
std::shared_ptr<const Rules> make_rules(const Config& config, const Keys& keys);

bool makes_probes(const Config& config);

// `store` must outlive the result.
CredentialSource make_source(store::Store& store, const ServeHooks& hooks);

// `store` must outlive the result.
Throttle::LastUse make_last_use(const store::Store& store);

// Absent for what this store does not have: another gateway's, or an import that was taken back. A
// damaged record allows no session.
std::optional<auth::SessionRules> session_rules(const store::Store& store,
                                                const CurrentRules& rules, const std::string& id);

// Whether the store's files are still those that were opened, and the newest changes can be read;
// logged where not.
bool still_there(const store::Store& store);

// Logs that the store takes no change, and why: `told` is what was logged last.
void log_read_only(const store::Store& store, std::string& told);

// Logs that the store is of an earlier credgate, and has no roles.
void log_without_roles(const store::Store& store);

// Logs what `credgate history --verify --from` takes: whoever keeps the log can tell that the
// journal was altered or cut.
void log_head(const store::Store& store);

// Logs what was done since the start.
void log_end(const Counters& counters);

// Null where it cannot be opened. The daemon serves all the same: nobody is kept out because a
// directory is missing. Borrows its arguments.
std::unique_ptr<ControlSocket> open_control(const DaemonView& view, Throttle& throttle,
                                            bool log_failure);

}  // namespace gateway
