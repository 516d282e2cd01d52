#pragma once
// Rights on NATS services, and the subjects that the service libraries of the clients use: those of
// nats.js, nats.go and nats.c.
// Source: ADR-32.

#include <optional>
#include <string>
#include <vector>

#include "auth/base/invalid.h"
#include "auth/nats/permissions.h"

namespace auth {

// Names of services. The endpoints of a service are the subject NAME and what is below it; a
// service whose endpoints are elsewhere needs `subjects` for them.
struct ServiceRights {
  std::vector<std::string> serve{};
  std::vector<std::string> call{};
  bool operator==(const ServiceRights&) const = default;
};

std::optional<Invalid> validate(const ServiceRights& rights);

// Adds the subjects of valid rights to the allow lists of `into`. Who serves may answer each
// request once, as with `allow_responses`, unless `into` has responses already. Replies to calls
// come to the credential's inbox, which is not added here.
void allow(const ServiceRights& rights, Permissions& into);

// What the rights give beyond their words, one sentence each:
//  - Who serves also answers a request whose reply subject is one of the JetStream API or a bucket:
//    nats-server checks no reply subject. A caller that it trusts less can use it for that.
//  - Discovery asks all services of the account at once, and any of those who serve may answer in
//    the name of another.
std::vector<std::string> unconfined(const ServiceRights& rights);

}  // namespace auth
