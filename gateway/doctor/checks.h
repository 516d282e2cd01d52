#pragma once
// The traps, one function for each kind of them; doctor.cc calls them all.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/doctor/doctor.h"
#include "gateway/doctor/server_settings.h"

namespace gateway {

struct Examination {
  const ServerConf& server;
  const OwnSide& own;
  const std::optional<ServerVersion>& version;
  Diagnosis& found;

  void error(Trap trap, const Place& at, std::string what, std::string remedy) const {
    found.findings.push_back({trap, Severity::error, at, std::move(what), std::move(remedy)});
  }
  void warn(Trap trap, const Place& at, std::string what, std::string remedy) const {
    found.findings.push_back({trap, Severity::warning, at, std::move(what), std::move(remedy)});
  }
  // Nothing for a version that does not have it, a warning where the version is not known.
  void of_version(Affected affected, Trap trap, const Place& at, std::string what,
                  std::string remedy) const {
    if (affected == Affected::no) return;
    if (affected == Affected::yes) return error(trap, at, std::move(what), std::move(remedy));
    warn(trap, at, std::move(what), std::move(remedy));
  }
};

// In either mode.
void find_timeout_traps(const Examination& here);
void find_listener_traps(const Examination& here);
void find_no_auth_user_traps(const Examination& here);
void find_version_traps(const Examination& here);

// Configuration mode.
void find_callout_traps(const Examination& here, const ServerCallout& callout);
void find_login_traps(const Examination& here, const ServerCallout& callout);
void find_static_user_traps(const Examination& here, const ServerCallout& callout);
void find_account_traps(const Examination& here);

// Operator mode.
void find_operator_traps(const Examination& here, const OperatorConf& conf);

// Whether requests come unsealed, and what each side's xkey is to the other's.
void find_xkey_traps(const Examination& here, const NamedAt& server_xkey);

}  // namespace gateway
