#pragma once
// The subjects of the admin service, of events and of discovery.
// Source: doc/admin-service.md; ADR-32 (NATS service API).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/nats/auth_error.h"

namespace gateway {

inline constexpr std::string_view kAdminPrefix = "credgate.v1.credentials.";
inline constexpr std::string_view kRolePrefix = "credgate.v1.roles.";
inline constexpr std::string_view kEventPrefix = "credgate.v1.events.";

// The exports of the callout account that the admin account imports: requests with their sender
// (share: true), and events.
inline constexpr const char* kAdminService = "credgate.v1.credentials.>";
inline constexpr const char* kRoleService = "credgate.v1.roles.>";
inline constexpr const char* kSigV4Service = "credgate.v1.sigv4.>";
inline constexpr const char* kVerifySubject = "credgate.v1.sigv4.verify";
inline constexpr const char* kDiscoveryService = "$SRV.>";  // answered by every instance
inline constexpr const char* kEventStream = "credgate.v1.events.>";

// What `init` limits a message of the admin account to: twice the largest body that is taken.
inline constexpr std::int64_t kAdminMaxPayload = std::int64_t{512} << 10;

// The permissions that the gateway's user in the callout account needs.
inline const std::vector<std::string> kGatewayPublish = {"$SYS._INBOX.>", "_R_.>", kEventStream};
inline const std::vector<std::string> kGatewaySubscribe = {"$SYS.REQ.USER.AUTH", kAuthErrorSubject,
                                                           kAdminService,        kRoleService,
                                                           kSigV4Service,        kDiscoveryService};

// What the operation (operations/operations.h) is asked for on. An empty `account` means every
// account, which has its own subject to permit.
std::string admin_subject(std::string_view operation, std::string_view account);

struct AdminSubject {
  std::string operation;
  std::string account;  // empty: every account
};

// Absent for a subject without an operation. What is asked for below the other prefix is no
// operation: permissions on one give nothing of the other. An account's name may have dots.
std::optional<AdminSubject> read_admin_subject(std::string_view subject);

}  // namespace gateway
