// Traps of either mode: timeouts, xkeys, versions.

#include <algorithm>

#include "auth/nats/subject.h"
#include "gateway/doctor/advisories.h"
#include "gateway/doctor/checks.h"

namespace gateway {
namespace {

constexpr double kMinSeconds = 2;  // nats-server's default

void check_trace(const Examination& here) {
  const auto& trace = here.server.trace;
  // In operator mode the server's xkey is in a JWT; credgate's own says as much.
  const bool sealed = here.server.operator_mode
                          ? !here.own.xkeys.empty()
                          : here.server.callout && !here.server.callout->xkey.text.empty();
  if (!trace) return;
  if (!sealed) {
    return here.error(Check::trace_logs_passwords, *trace, "trace is on, and no xkey is set.",
                      "Remove trace, or set an xkey on both sides.");
  }
  if (affected(here.version, {{2, 10, 28}, {2, 11, 2}}) == Affected::no) return;
  here.warn(Check::trace_logs_tokens, *trace, "trace is on.",
            "Remove trace, or run nats-server 2.11.2 or later.");
}

// Of a version that is known alone: without one they would be said of every server.
void report_advisories(const Examination& here) {
  if (!here.version) return;
  const std::string server = "nats-server " + write_server_version(*here.version);
  const auto found = find_advisories(*here.version, here.server);
  std::string list;
  for (const Advisory* row : found) {
    list += (list.empty() ? "" : ", ") + std::string(row->id) + " (" + std::string(row->what) + ")";
  }
  if (!found.empty()) {
    here.warn(Check::known_advisories, {}, server + " has " + list + ".",
              upgrade_advice(*here.version, found));
  }
  const Advisory& forged = advisory("CVE-2026-33223");
  if (affected(here.version, forged.fixed) != Affected::yes) return;
  here.warn(Check::forged_headers, {},
            server + " lets a client forge the header Nats-Request-Info (" +
                std::string(forged.id) + ").",
            upgrade_advice(*here.version, {&forged}));
}

// Sealed answers are not checked by any version.
void find_unchecked_signer(const Examination& here) {
  if (affected(here.version, {{2, 15, 1}}) != Affected::yes) return;
  here.warn(Check::unchecked_signer, {},
            "nats-server " + write_server_version(*here.version) +
                " does not check the signature of the answer, only that of the user JWT in it.",
            "Keep all users except credgate out of the callout account; or run 2.15.1 or later.");
}

void find_unknown_fields(const Examination& here) {
  const auto needs = [&here](const ServerVersion& first, const Place& at, const std::string& what) {
    if (!here.version || *here.version >= first) return;
    here.error(Check::needs_newer_server, at,
               what + " needs nats-server " + write_server_version(first) + ".",
               "Run that version or a later one, or remove the field.");
  };
  const auto& callout = here.server.callout;
  if (callout) needs({2, 10, 0}, callout->at, "auth_callout");
  if (callout && callout->allowed_accounts_at) {
    needs({2, 11, 0}, *callout->allowed_accounts_at, "allowed_accounts");
  }
  if (here.server.proxy_protocol)
    needs(kProxyProtocol, *here.server.proxy_protocol, "proxy_protocol");
  const auto& conf = here.server.operator_mode;
  if (conf && conf->default_sentinel) {
    needs({2, 11, 2}, conf->default_sentinel->at, "default_sentinel");
  }
}

}  // namespace

void check_timeout(const Examination& here) {
  const auto& timeout = here.server.timeout;
  if (!timeout) return;
  const Affected text_is_misread =
      timeout->is_text ? affected(here.version, {{2, 11, 2}}) : Affected::no;
  here.of_version(text_is_misread, Check::string_timeout, timeout->at,
                  "authorization.timeout is a string with a unit.",
                  "Write a plain number of seconds: timeout: 5");
  if (text_is_misread == Affected::yes) return;
  if (timeout->seconds == 0 || timeout->seconds >= kMinSeconds) return;
  here.warn(Check::short_timeout, timeout->at, "authorization.timeout is less than 2 seconds.",
            "Write timeout: 5");
}

void check_version(const Examination& here) {
  check_trace(here);
  find_unknown_fields(here);
  report_advisories(here);
  find_unchecked_signer(here);
}

void report_public_exports(const Examination& here, const Place& at,
                           const std::vector<std::string>& subjects, const std::string& remedy) {
  std::string list;
  for (const std::string& subject : subjects)
    list += (list.empty() ? "" : ", ") + (auth::valid_subject(subject) ? subject : shown(subject));
  here.warn(Check::public_exports, at,
            "Every account may import what the callout account exports: " + list + ".", remedy);
}

void check_xkey(const Examination& here, const NamedAt& server_xkey) {
  const auto& own = here.own.xkeys;
  if (server_xkey.text.empty() && own.empty()) {
    return here.warn(
        Check::no_xkey, server_xkey.at, "Neither side has an xkey.",
        "Run `credgate keys add xkey`, which makes one and prints what to write here.");
  }
  if (server_xkey.text.empty()) {
    return here.error(Check::xkey_mismatch, server_xkey.at,
                      "credgate has an xkey, but nats-server has none.",
                      "Write here: xkey: " + own.front());
  }
  if (own.empty()) {
    return here.error(Check::xkey_mismatch, server_xkey.at,
                      "nats-server has an xkey, but credgate has none.",
                      "Set callout.xkey in credgate.conf to the file with its seed.");
  }
  if (std::ranges::find(own, server_xkey.text) == own.end()) {
    here.error(Check::xkey_mismatch, server_xkey.at, "The xkey is not one of credgate's.",
               "Write here: xkey: " + own.front());
  }
}

}  // namespace gateway
