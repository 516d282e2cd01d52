#include "gateway/doctor/doctor.h"

#include <algorithm>
#include <tuple>

#include "auth/nats/nkey.h"
#include "auth/nats/subject.h"
#include "gateway/doctor/checks.h"

namespace gateway {
namespace {

void examine_accounts_as_names(const Examination& here) {
  const ServerConf& server = here.server;
  if (!server.callout) {
    return here.error(Check::no_auth_callout, server.authorization.value_or(server.start),
                      "authorization has no auth_callout block.",
                      "Add authorization { auth_callout { issuer, account, auth_users, xkey } }; "
                      "`credgate init` writes an example.");
  }
  check_callout(here, *server.callout);
  check_login(here, *server.callout);
  check_static_user(here, *server.callout);
  check_account(here);
}

void examine_mode(const Examination& here) {
  const auto& conf = here.server.operator_mode;
  if (conf && here.own.operator_mode) return check_operator(here, *conf);
  if (!conf && !here.own.operator_mode) return examine_accounts_as_names(here);
  const char* server = conf ? "operator" : "configuration";
  const char* own = conf ? "configuration" : "operator";
  here.error(
      Check::mode_mismatch, conf ? conf->at : here.server.start,
      std::string("nats-server is in ") + server + " mode, but credgate is in " + own + " mode.",
      std::string("Set callout.mode in credgate.conf to ") +
          (conf ? "\"operator\"" : "\"config\"") + ", or give doctor the other configuration.");
}

}  // namespace

std::string credential_text(const auth::Credential& credential) {
  return credential.id + " " + shown(credential.name);
}

std::string shown(std::string_view name) {
  const bool key = auth::read_public_key(name).has_value();
  // A seed in the place of its public key is a mistake that is easily made.
  const bool long_word = name.size() > 40;
  if (!key && (long_word || !auth::printable(name))) return "(name not shown)";
  return "\"" + std::string(name) + "\"";
}

void sort_findings(std::vector<Finding>& findings) {
  std::ranges::stable_sort(findings, {}, [](const Finding& finding) {
    return std::tuple{finding.severity != Severity::error, finding.at.file.empty(), finding.at.file,
                      finding.at.line};
  });
}

Diagnosis examine(const NatsValue& configuration, const OwnSide& own,
                  const std::optional<ServerVersion>& version) {
  const ServerConf server = read_server_conf(configuration);
  Diagnosis found;
  const Examination here{server, own, version, found};
  examine_mode(here);
  check_timeout(here);
  check_no_auth_user(here);
  check_proxy_protocol(here);
  check_listener(here);
  check_version(here);
  sort_findings(found.findings);
  return found;
}

}  // namespace gateway
