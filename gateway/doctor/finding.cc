#include "gateway/doctor/finding.h"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

struct CheckRow {
  Check check_id;
  std::string_view word;
  std::string_view why;
};

// doc/doctor.md has these words too, which a test compares.
constexpr auto kChecks = std::to_array<CheckRow>({
    {Check::mode_mismatch, "mode_mismatch",
     "In configuration mode nats-server's accounts are names, in operator mode they are JWTs: an "
     "answer that is made for the one is refused in the other."},
    {Check::no_auth_callout, "no_auth_callout",
     "nats-server does not ask credgate about anybody: its own users are let in, and nobody who "
     "has a credential."},
    {Check::needs_newer_server, "needs_newer_server",
     "This version does not know the field, and does not start with it."},
    {Check::string_timeout, "string_timeout",
     "nats-server 2.10, and 2.11 before 2.11.2, takes any text here for one second, which a "
     "password's hash can exceed under load."},
    {Check::short_timeout, "short_timeout",
     "A client can't tell an answer that comes too late from a wrong password, and most close for "
     "good after two of those."},
    {Check::listener_timeout, "listener_timeout",
     "For a callout nats-server waits for as long as the top-level authorization.timeout says, "
     "whichever way the client came."},
    {Check::no_auth_user, "no_auth_user",
     "Before 2.12.14 and 2.14.4, and in all of 2.10 and 2.11, whoever sends PING without CONNECT "
     "becomes this user, and credgate is not asked."},
    {Check::callout_account_mismatch, "callout_account_mismatch",
     "nats-server asks in an account in which credgate does not listen, and which it does not "
     "keep its credentials out of."},
    {Check::callout_in_global_account, "callout_in_global_account",
     "$G is where users without an account are: each of them reads the requests, and what is not "
     "sealed in them."},
    {Check::users_in_callout_account, "users_in_callout_account",
     "Who may subscribe in this account reads every request, and who may publish in it can answer "
     "before credgate does."},
    {Check::gateway_not_in_callout_account, "gateway_not_in_callout_account",
     "Requests are heard in the callout account alone: where credgate's user is not in it, "
     "nobody answers."},
    {Check::gateway_not_in_auth_users, "gateway_not_in_auth_users",
     "nats-server asks credgate whether to let credgate in, and nobody is there yet to answer."},
    {Check::missing_permissions, "missing_permissions",
     "nats-server says of what it keeps from a user in that user's connection alone; everybody "
     "else just waits."},
    {Check::issuer_mismatch, "issuer_mismatch",
     "nats-server refuses what another key has signed: nobody is let in."},
    {Check::no_xkey, "no_xkey",
     "Passwords and tokens are readable in each request: for whoever subscribes in the callout "
     "account, and on each route between servers."},
    {Check::xkey_mismatch, "xkey_mismatch",
     "Of two sides with different keys, or with a key on one side alone, neither reads the other: "
     "nobody is let in."},
    {Check::trace_logs_passwords, "trace_logs_passwords",
     "A trace has each request in it, and an unsealed request has the password."},
    {Check::trace_logs_tokens, "trace_logs_tokens",
     "Before 2.10.28, and in 2.11 before 2.11.2, a trace has each client's token in it."},
    {Check::no_nonce, "no_nonce",
     "nats-server sends a nonce only where it knows an nkey itself, and without one no client can "
     "sign: no credential of kind nkey is let in."},
    {Check::static_user_delegated, "static_user_delegated",
     "Even after a correct password nats-server asks credgate, whose verdict counts: whoever is "
     "no credential there is refused."},
    {Check::static_user_let_by, "static_user_let_by",
     "credgate is not asked about this user: no revocation, no expiry and no history holds for "
     "it."},
    {Check::auth_user_not_defined, "auth_user_not_defined",
     "Nobody logs in by this entry; if it is misspelt, the user that was meant is asked about."},
    {Check::leafnode_users, "leafnode_users",
     "A leafnode that is one of these users is let in by nats-server alone: credgate is not asked, "
     "and can revoke nothing."},
    {Check::no_system, "no_system",
     "Without a connection to the system account credgate can't close connections: what was "
     "revoked stays connected."},
    {Check::no_system_account, "no_system_account",
     "nats-server sends its requests through its system account: without one nobody is asked "
     "about, and nobody let in."},
    {Check::system_account_mismatch, "system_account_mismatch",
     "Outside the servers' system account credgate finds no connections and closes none, and it "
     "would let credentials into that account."},
    {Check::system_user_missing, "system_user_missing",
     "credgate cannot log in there: what was revoked stays connected."},
    {Check::system_user_delegated, "system_user_delegated",
     "nats-server asks credgate about its own second login, and credgate lets nobody into the "
     "system account: what was revoked stays connected."},
    {Check::account_not_defined, "account_not_defined",
     "nats-server refuses whoever is placed in an account that it does not have: each credential "
     "of this account."},
    {Check::default_permissions_unused, "default_permissions_unused",
     "nats-server takes them for users who come without permissions, and each credential comes "
     "with its own: here they hold for nobody."},
    {Check::account_not_allowed, "account_not_allowed",
     "In operator mode the callout account's JWT says where an answer may place a client; all else "
     "is refused."},
    {Check::account_key_unknown, "account_key_unknown",
     "nats-server refuses users whom none of the account's keys has signed: each credential of "
     "this account."},
    {Check::scoped_mismatch, "scoped_mismatch",
     "With a scoped key nats-server refuses users with permissions of their own, and with another "
     "key a user without any may do everything."},
    {Check::sentinel_mismatch, "sentinel_mismatch",
     "credgate takes the user JWT of a sentinel that it does not know for a proof, which is "
     "nobody's: everybody who shows it is refused."},
    {Check::known_advisories, "known_advisories",
     "These holes are in nats-server itself, and no configuration closes them."},
    {Check::forged_headers, "forged_headers",
     "Of two such headers in one message this version removes the first alone; credgate refuses "
     "both, but your own services may believe the forged one."},
    {Check::unchecked_signer, "unchecked_signer",
     "Whoever may publish in the callout account can refuse logins in credgate's name."},
    {Check::leafnodes_not_listed, "leafnodes_not_listed",
     "Before 2.11.5 nats-server does not name its leafnodes: those that were let in before "
     "credgate "
     "started are not found when they are revoked."},
    {Check::anonymous_let_in, "anonymous_let_in",
     "Whoever reaches the port is connected, and credgate is not asked."},
    {Check::stranger_let_in, "stranger_let_in",
     "A name and a password that nobody has were enough: credgate is not what decides."},
    {Check::not_asked, "not_asked",
     "A login that credgate does not see is decided by something else, or by nobody."},
    {Check::static_user_let_in, "static_user_let_in",
     "Unless it is a credential too, credgate is not asked about it: no revocation and no expiry "
     "holds for it."},
});

const CheckRow& trap_row(Check check_id) {
  return *std::ranges::find(kChecks, check_id, &CheckRow::check_id);
}

}  // namespace

std::string_view word(Check check_id) {
  return trap_row(check_id).word;
}

std::string_view why(Check check_id) {
  return trap_row(check_id).why;
}

std::string_view name(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

}  // namespace gateway
