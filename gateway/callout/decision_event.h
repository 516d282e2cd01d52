#pragma once
// One decision, as it is logged, counted and published.

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/base/time.h"

namespace gateway {

// Strings are empty where they do not apply.
struct DecisionEvent {
  auth::Time at;
  bool granted = false;
  std::string reason;  // of a denial
  std::string detail;  // of the reason `malformed`
  std::string id;      // of the credential, or what was presented
  std::string name;
  std::string account;
  std::string source;
  std::string type;    // of the connection; "sigv4": a signed request that a proxy received
  std::string client;  // what it calls itself; for "sigv4" the proxy's id
  std::string server;
  std::uint64_t cid = 0;
};

// Calls visit(name, value) for each member after `detail`, in the order in which they are shown.
template <class Visit>
void for_each_field(const DecisionEvent& event, Visit visit) {
  visit("id", event.id);
  visit("name", event.name);
  visit("account", event.account);
  visit("source", event.source);
  visit("type", event.type);
  visit("client", event.client);
  visit("server", event.server);
  visit("cid", event.cid);
}

// One line; of many denials for one reason some are only counted (log_limited()). `microseconds`:
// how long the decision took; empty where that is not told.
void log_decision(const DecisionEvent& event, const std::string& microseconds);

}  // namespace gateway
