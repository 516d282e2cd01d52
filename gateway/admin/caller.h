#pragma once
// The sender of a request to the admin service, as reported by the server that received it.
// Source: nats-server `server/client.go` (the header Nats-Request-Info of a shared service import);
// doc/admin-service.md.

#include <string>
#include <vector>

#include "auth/decision/judge.h"
#include "gateway/config/config.h"
#include "store/store.h"

namespace gateway {

// A request that came over a client's own connection.
struct CallerInfo {
  std::string account;  // its name; in operator mode "A…"
  std::string user;     // the credential's id
};

// Reads the header, which must be there exactly once: nats-server 2.10 removes only the first
// forged header, and appends its own after the others. Refuses every kind of connection but a
// client's: nats-server does not check all that a leafnode publishes, so that one would reach
// operations which its credential may not ask for. Throws OperationError (forbidden).
CallerInfo read_caller(const std::vector<std::string>& values);

// The id of the credential whose user sent it: an active one of this store, in the admin account.
// Throws OperationError (forbidden).
std::string check_caller(const std::vector<std::string>& values, const Config& config,
                         const auth::Judge& judge, const store::Store& store);

}  // namespace gateway
