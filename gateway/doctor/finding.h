#pragma once
// The checks of `credgate doctor`, and its findings.

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway {

// Each is a word of the output, which programs may rely on.
enum class Check : std::uint8_t {
  mode_mismatch,
  no_auth_callout,
  needs_newer_server,
  string_timeout,
  short_timeout,
  listener_timeout,
  no_auth_user,
  no_auth_user_stored,
  proxy_protocol,
  callout_account_mismatch,
  callout_in_global_account,
  users_in_callout_account,
  gateway_not_in_callout_account,
  gateway_not_in_auth_users,
  missing_permissions,
  issuer_mismatch,
  no_xkey,
  xkey_mismatch,
  trace_logs_passwords,
  trace_logs_tokens,
  no_nonce,
  static_user_delegated,
  static_user_let_by,
  auth_user_not_defined,
  leafnode_users,
  leafnode_publish,
  no_system,
  no_system_account,
  system_account_mismatch,
  system_user_missing,
  system_user_delegated,
  account_not_defined,
  default_permissions_unused,
  public_exports,
  account_not_allowed,
  account_key_unknown,
  scoped_mismatch,
  sentinel_mismatch,
  known_advisories,
  forged_headers,
  unchecked_signer,
  leafnodes_not_listed,
  anonymous_let_in,
  stranger_let_in,
  not_asked,
  static_user_let_in,
};

// "string_timeout"
std::string_view word(Check check_id);
// Why it matters, in one or two sentences.
std::string_view why(Check check_id);

// An error lets somebody in, exposes a secret or keeps everybody out; a warning is something to
// know.
enum class Severity : std::uint8_t { warning, error };
std::string_view name(Severity severity);

// A position in a file; without a file for what is missing.
struct Place {
  std::string file;
  std::size_t line = 0;
};

// No text contains a value that may be a secret.
struct Finding {
  Check check_id;
  Severity severity;
  Place at;
  std::string what;
  std::string remedy;
};

}  // namespace gateway
