#pragma once
// A good configuration on both sides, to break one thing of.

#include <algorithm>
#include <string>
#include <vector>

#include "auth/nats/nkey.h"
#include "gateway/cli/setup/server_conf_template.h"
#include "gateway/doctor/doctor.h"
#include "tests/support/catch.h"

namespace doctor_world {

using gateway::Check;
using gateway::Diagnosis;
using gateway::OwnSide;
using gateway::ServerVersion;
using gateway::Severity;
using Version = std::optional<ServerVersion>;

inline constexpr ServerVersion kOldest = {2, 10, 27};
inline constexpr ServerVersion kNewest = {2, 15, 1};

inline std::string key_of(auth::Prefix prefix, std::uint8_t number) {
  auth::Key32 seed{};
  seed.fill(number);
  return write_public_key(auth::KeyPair{prefix, seed}.public_key());
}

inline const std::string kGateway = key_of(auth::Prefix::user, 1);
inline const std::string kSystem = key_of(auth::Prefix::user, 2);
inline const std::string kIssuer = key_of(auth::Prefix::account, 3);
inline const std::string kXkey = key_of(auth::Prefix::curve, 4);
inline const std::string kOtherUser = key_of(auth::Prefix::user, 5);
inline const std::string kOtherIssuer = key_of(auth::Prefix::account, 6);
inline const std::string kOtherXkey = key_of(auth::Prefix::curve, 7);

// What `init` makes, on both sides.
inline std::string good() {
  return gateway::cli::nats_server_conf({.listen = "127.0.0.1:4222",
                                         .jetstream_dir = "/var/lib/nats",
                                         .app_account = "APP",
                                         .gateway = kGateway,
                                         .system = kSystem,
                                         .issuer = kIssuer,
                                         .xkey = kXkey});
}

inline OwnSide own() {
  return {.file = "credgate.conf",
          .operator_mode = false,
          .callout_account = "AUTH",
          .has_system = true,
          .system_account = "SYS",
          .accounts = {{.name = "APP"}, {.name = "ADMIN"}},
          .issuers = {kIssuer},
          .xkeys = {kXkey},
          .gateway = kGateway,
          .system_user = kSystem,
          .sentinels = {},
          .admin = true};
}

inline Diagnosis diagnose(const std::string& text, const OwnSide& side, const Version& version) {
  const auto nothing = [](std::string_view) { return std::nullopt; };
  return examine(gateway::read_nats_config(text, "nats-server.conf",
                                           {.read_file = nothing, .environment = nothing}),
                 side, version);
}

inline std::string edited(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

inline std::vector<Check> checks_in(const Diagnosis& found) {
  std::vector<Check> checks;
  for (const auto& finding : found.findings)
    checks.push_back(finding.check_id);
  return checks;
}

inline const std::string kAppUsers = "APP { jetstream: enabled";
inline const std::string kAuthUsers = "auth_users: [ " + kGateway + ", " + kSystem + " ]";

inline std::string with_app_user(const std::string& user) {
  return kAppUsers + ", users: [ " + user + " ]";
}

}  // namespace doctor_world
