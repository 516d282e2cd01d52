#pragma once
// The checks, one function for each group; doctor.cc calls them all.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/doctor/doctor.h"
#include "gateway/doctor/server_settings.h"

namespace gateway {

// The first version of nats-server that has it.
inline constexpr ServerVersion kProxyProtocol{2, 12, 2};

struct Examination {
  const ServerConf& server;
  const OwnSide& own;
  const std::optional<ServerVersion>& version;
  Diagnosis& found;

  void error(Check check_id, const Place& at, std::string what, std::string remedy) const {
    found.findings.push_back({check_id, Severity::error, at, std::move(what), std::move(remedy)});
  }
  void warn(Check check_id, const Place& at, std::string what, std::string remedy) const {
    found.findings.push_back({check_id, Severity::warning, at, std::move(what), std::move(remedy)});
  }
  // No finding for a version without the problem, a warning if the version is unknown.
  void of_version(Affected affected, Check check_id, const Place& at, std::string what,
                  std::string remedy) const {
    if (affected == Affected::no) return;
    if (affected == Affected::yes) return error(check_id, at, std::move(what), std::move(remedy));
    warn(check_id, at, std::move(what), std::move(remedy));
  }
};

// In either mode.
void check_timeout(const Examination& here);
void check_listener(const Examination& here);
void check_no_auth_user(const Examination& here);
void check_proxy_protocol(const Examination& here);
void check_version(const Examination& here);

// Configuration mode.
void check_callout(const Examination& here, const ServerCallout& callout);
void check_login(const Examination& here, const ServerCallout& callout);
void check_static_user(const Examination& here, const ServerCallout& callout);
void check_account(const Examination& here);

// Operator mode.
void check_operator(const Examination& here, const OperatorConf& conf);

// The exports of the callout account that every account may import. `at`: the first of them.
void report_public_exports(const Examination& here, const Place& at,
                           const std::vector<std::string>& subjects, const std::string& remedy);

// Checks whether requests are sealed, and whether the xkeys of both sides match.
void check_xkey(const Examination& here, const NamedAt& server_xkey);

}  // namespace gateway
