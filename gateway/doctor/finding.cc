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
     "Accounts are names in configuration mode and JWTs in operator mode: nats-server rejects "
     "answers made for the other mode."},
    {Check::no_auth_callout, "no_auth_callout",
     "nats-server never asks credgate: it lets in its own static users, and refuses every "
     "credential."},
    {Check::needs_newer_server, "needs_newer_server",
     "This version of nats-server does not know the field, and refuses to start with it."},
    {Check::string_timeout, "string_timeout",
     "nats-server 2.10, and 2.11 before 2.11.2, reads any string here as one second. Under load, "
     "hashing a password can take longer."},
    {Check::short_timeout, "short_timeout",
     "To a client, a late answer looks like a wrong password, and most clients stop reconnecting "
     "after two of those."},
    {Check::listener_timeout, "listener_timeout",
     "nats-server waits for a callout as long as the top-level authorization.timeout says, on "
     "every listener."},
    {Check::no_auth_user, "no_auth_user",
     "nats-server gives a client without credentials the name and the password of this user, so "
     "credgate cannot tell strangers from it. Before 2.12.14 and 2.14.4, and in all of 2.10 and "
     "2.11, a client that sends PING without CONNECT becomes it, and nats-server does not ask."},
    {Check::no_auth_user_stored, "no_auth_user_stored",
     "credgate finds a correct password, which nats-server has filled in for the client."},
    {Check::proxy_protocol, "proxy_protocol",
     "nats-server believes the address in a client's PROXY line, whoever sends it: `sources`, the "
     "throttle and the last use of a credential rely on this address."},
    {Check::callout_account_mismatch, "callout_account_mismatch",
     "nats-server sends its requests in an account where credgate does not listen, and which "
     "credgate does not keep its credentials out of."},
    {Check::callout_in_global_account, "callout_in_global_account",
     "Users without an account are in $G: each of them can read the requests, and what is not "
     "sealed in them."},
    {Check::users_in_callout_account, "users_in_callout_account",
     "A user who may subscribe in this account can read every request; a user who may publish in "
     "it can answer before credgate does."},
    {Check::gateway_not_in_callout_account, "gateway_not_in_callout_account",
     "Requests are delivered only in the callout account: if credgate's user is not in it, nobody "
     "answers."},
    {Check::gateway_not_in_auth_users, "gateway_not_in_auth_users",
     "nats-server asks credgate whether to let credgate itself in, and nobody is connected to "
     "answer."},
    {Check::missing_permissions, "missing_permissions",
     "nats-server reports a permission violation only to the violating connection; to everyone "
     "else it looks like a timeout."},
    {Check::issuer_mismatch, "issuer_mismatch",
     "nats-server rejects answers signed by another key: nobody is let in."},
    {Check::no_xkey, "no_xkey",
     "Each request contains the password or token in clear: every subscriber in the callout "
     "account can read it, and it crosses the routes between servers."},
    {Check::xkey_mismatch, "xkey_mismatch",
     "If the keys differ, or only one side has a key, neither side can read the other's messages: "
     "nobody is let in."},
    {Check::trace_logs_passwords, "trace_logs_passwords",
     "A trace contains each request, and an unsealed request contains the password."},
    {Check::trace_logs_tokens, "trace_logs_tokens",
     "Before 2.10.28, and in 2.11 before 2.11.2, a trace contains each client's token."},
    {Check::no_nonce, "no_nonce",
     "nats-server sends a nonce only if its own configuration has a user with an nkey. Without a "
     "nonce no client can sign, so no credential of kind nkey is let in."},
    {Check::static_user_delegated, "static_user_delegated",
     "nats-server asks credgate even if the password is correct, and credgate refuses a user who "
     "is not one of its credentials."},
    {Check::static_user_let_by, "static_user_let_by",
     "nats-server does not ask credgate about this user: it cannot be revoked, does not expire, "
     "and leaves no history."},
    {Check::auth_user_not_defined, "auth_user_not_defined",
     "No user matches this entry. If it is misspelt, nats-server asks credgate about the intended "
     "user."},
    {Check::leafnode_users, "leafnode_users",
     "nats-server lets in a leafnode with one of these users without asking credgate, and credgate "
     "cannot revoke it."},
    {Check::leafnode_publish, "leafnode_publish",
     "A leafnode can acknowledge messages of other clients below $JS.ACK., and answer their "
     "requests "
     "below _R_.; before 2.11.16, 2.12.7 and 2.14.0 it can publish everything in its account, and "
     "in "
     "the admin account manage credentials."},
    {Check::no_system, "no_system",
     "Without a connection to the system account credgate cannot close connections: revoked "
     "credentials stay connected."},
    {Check::no_system_account, "no_system_account",
     "nats-server sends its requests through its system account: without one it cannot ask "
     "credgate, and nobody is let in."},
    {Check::system_account_mismatch, "system_account_mismatch",
     "Outside the servers' system account credgate cannot find or close connections, and it would "
     "let credentials into the real system account."},
    {Check::system_user_missing, "system_user_missing",
     "credgate cannot log in to the system account: revoked credentials stay connected."},
    {Check::system_user_delegated, "system_user_delegated",
     "nats-server asks credgate about credgate's own second login, and credgate lets nobody into "
     "the system account: revoked credentials stay connected."},
    {Check::account_not_defined, "account_not_defined",
     "nats-server refuses clients placed in an account that it does not have: all credentials of "
     "this account."},
    {Check::default_permissions_unused, "default_permissions_unused",
     "default_permissions apply only to users without permissions, and every credential has its "
     "own: here they have no effect."},
    {Check::public_exports, "public_exports",
     "Any account can import them and read every event: who connects, from where, and what is "
     "changed. Its requests reach credgate, which refuses them."},
    {Check::account_not_allowed, "account_not_allowed",
     "In operator mode the callout account's JWT lists the accounts that an answer may place a "
     "client in; nats-server refuses all others."},
    {Check::account_key_unknown, "account_key_unknown",
     "nats-server refuses users who are not signed by one of the account's keys: all credentials "
     "of this account."},
    {Check::scoped_mismatch, "scoped_mismatch",
     "With a scoped key, nats-server refuses users who have their own permissions. With any other "
     "key, a user without permissions may do everything."},
    {Check::sentinel_mismatch, "sentinel_mismatch",
     "credgate treats the user JWT of an unknown sentinel as a credential that does not exist: "
     "every client that presents it is refused."},
    {Check::known_advisories, "known_advisories",
     "These vulnerabilities are in nats-server itself, and this configuration is exposed to them. "
     "Packages of a distribution may have fixes under an older number."},
    {Check::forged_headers, "forged_headers",
     "If a message has two such headers, this version removes only the first. credgate refuses "
     "such messages, but your own services may trust the forged header."},
    {Check::unchecked_signer, "unchecked_signer",
     "A user who may publish in the callout account can refuse logins in credgate's name."},
    {Check::leafnodes_not_listed, "leafnodes_not_listed",
     "Before 2.11.5 nats-server does not list its leafnodes: those let in before credgate started "
     "are not found when they are revoked."},
    {Check::anonymous_let_in, "anonymous_let_in",
     "Every client that can reach the port is let in, without asking credgate."},
    {Check::stranger_let_in, "stranger_let_in",
     "A user name and password that do not exist were accepted: nats-server does not let credgate "
     "decide."},
    {Check::not_asked, "not_asked",
     "If credgate is not asked about a login, something else decides it, or nothing does."},
    {Check::static_user_let_in, "static_user_let_in",
     "Unless this user is also a credential, nats-server does not ask credgate about it: it cannot "
     "be revoked and does not expire."},
});

const CheckRow& row_of(Check check_id) {
  return *std::ranges::find(kChecks, check_id, &CheckRow::check_id);
}

}  // namespace

std::string_view word(Check check_id) {
  return row_of(check_id).word;
}

std::string_view why(Check check_id) {
  return row_of(check_id).why;
}

std::string_view name(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

}  // namespace gateway
