// Traps of the auth_callout block and of whom it lets by: configuration mode.

#include <algorithm>

#include "auth/credential/permission_check.h"
#include "auth/nats/nkey.h"
#include "gateway/admin/subjects.h"
#include "gateway/doctor/checks.h"
#include "gateway/nats/system_connection.h"
#include "gateway/natsconf/permissions.h"

namespace gateway {
namespace {

constexpr std::string_view kReplies = "_R_.>";

bool is_among(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

std::string_view system_account_of(const ServerConf& server) {
  return server.system_account ? std::string_view{server.system_account->text} : "$SYS";
}

// What the user cannot do without.
struct Needs {
  std::vector<std::string> publish;
  std::vector<std::string> subscribe;
};

// A subject that a pattern stands for: whether one may publish is told of subjects alone.
std::string example_of(std::string_view pattern) {
  std::string subject;
  for (const char c : pattern)
    subject += c == '*' || c == '>' ? "x" : std::string(1, c);
  return subject;
}

void check_needs(const Examination& here, const ServerUser& user, const Needs& needs) {
  if (user.permissions == nullptr) return;
  NatsProblems unreadable;
  const auto read = read_nats_permissions(*user.permissions, unreadable);
  if (!read) {
    return here.warn(Check::missing_permissions, user.at,
                     "The permissions of credgate's user in " + shown(user.account) +
                         " could not be understood.",
                     "Write them as `credgate init` does.");
  }
  const auth::Permissions permissions{read->publish, read->subscribe, read->responses};
  const auto complain = [&](const std::string& verb, const std::string& subject) {
    here.error(
        Check::missing_permissions, user.at,
        "credgate's user in " + shown(user.account) + " may not " + verb + " " + subject + ".",
        "Allow it; `credgate init` writes an example with all permissions that it needs.");
  };
  for (const std::string& pattern : needs.publish) {
    const bool answers = pattern == kReplies && read->responses;
    const auto may = auth::may_publish(permissions, example_of(pattern)).may;
    if (may == auth::May::no && !answers) complain("publish", pattern);
  }
  for (const std::string& pattern : needs.subscribe) {
    // Its own inbox is somewhere below this one.
    const std::string subject = pattern == "_INBOX.>" ? "_INBOX.x.*" : pattern;
    if (auth::may_subscribe(permissions, subject).may != auth::May::yes) {
      complain("subscribe", pattern);
    }
  }
}

std::string who_is(const ServerUser& user) {
  if (user.name.empty()) return "A token of the top-level authorization";
  // What is not a public key there may be a seed.
  const bool odd = user.is_nkey && !auth::read_public_key(user.name);
  return "The user " + (odd ? "whose nkey is invalid" : shown(user.name)) + " of " +
         shown(user.account);
}

void check_system(const Examination& here, const ServerCallout& callout) {
  const std::string& nkey = here.own.system_user;
  const auto account = system_account_of(here.server);
  const Place at = here.server.system_account ? here.server.system_account->at : here.server.start;
  if (here.own.system_account != account) {
    here.error(Check::system_account_mismatch, at,
               "The servers' system account is " + shown(account) + ", but credgate's is " +
                   shown(here.own.system_account) + ".",
               "Write here: system_account: " + here.own.system_account +
                   "; or set system.account in credgate.conf.");
  }
  const ServerUser* user = here.server.user(nkey);
  if (user == nullptr || user->account != here.own.system_account) {
    return here.error(
        Check::system_user_missing, user == nullptr ? at : user->at,
        "credgate's user " + nkey + " is not in the system account.",
        "Add { nkey: " + nkey + " } to the users of " + here.own.system_account + ".");
  }
  if (!callout.lets_by(*user)) {
    here.error(Check::system_user_delegated, callout.at,
               "credgate's user in the system account is not in auth_users.",
               "Add " + nkey + " to auth_users.");
  }
  check_needs(here, *user, {kSystemPublish, kSystemSubscribe});
}

// What to do with a user that credgate could have as a credential.
std::string give_credential(const Examination& here, const ServerUser& user,
                            const std::string& otherwise) {
  if (here.server.for_strangers(user)) {
    return "Remove no_auth_user first, and do not import this user: every client without "
           "credentials would be let in as it. Create other credentials for its clients.";
  }
  return "Import it (credgate import --nats-config FILE) and remove it here; " + otherwise;
}

void find_static_user_trap(const Examination& here, const ServerCallout& callout,
                           const ServerUser& user) {
  const std::string who = who_is(user);
  if (user.account == callout.account.text) {
    here.error(Check::users_in_callout_account, user.at, who + " is also in the callout account.",
               "Move it to another account. Several gateways can share one nkey.");
  } else if (user.account == here.own.system_account) {
    if (callout.lets_by(user)) return;  // an administrator's; no credential can be one
    here.warn(Check::static_user_delegated, user.at, who + " is delegated to credgate.",
              "List it in auth_users: credgate lets nobody into the system account.");
  } else if (callout.lets_by(user)) {
    here.warn(Check::static_user_let_by, user.at, who + " bypasses credgate.",
              give_credential(here, user, "or keep it as an emergency login."));
  } else {
    here.warn(Check::static_user_delegated, user.at, who + " is delegated to credgate.",
              give_credential(here, user, "if it were in auth_users, it would bypass credgate."));
  }
}

void check_exports(const Examination& here, const ServerCallout& callout) {
  std::vector<std::string> subjects;
  std::optional<Place> at;
  for (const PublicExport& one : here.server.public_exports) {
    if (one.account != callout.account.text) continue;
    if (!at) at = one.subject.at;
    subjects.push_back(one.subject.text);
  }
  if (!at) return;
  report_public_exports(here, *at, subjects,
                        "Add to each export: accounts: [ADMIN], the account that manages "
                        "credentials.");
}

}  // namespace

void check_callout(const Examination& here, const ServerCallout& callout) {
  const OwnSide& own = here.own;
  if (callout.account.text == "$G") {
    here.error(
        Check::callout_in_global_account, callout.account.at, "auth_callout uses the account $G.",
        "Write account: " + own.callout_account + ", an account that has only credgate's user.");
  }
  if (callout.account.text != own.callout_account) {
    here.error(Check::callout_account_mismatch, callout.account.at,
               "auth_callout uses the account " + shown(callout.account.text) +
                   ", but credgate listens in " + shown(own.callout_account) + ".",
               "Write here: account: " + own.callout_account +
                   "; or set callout.account in credgate.conf.");
  }
  if (!is_among(own.issuers, callout.issuer.text)) {
    here.error(Check::issuer_mismatch, callout.issuer.at,
               "The issuer is not a key that credgate signs with.",
               "Write here: issuer: " + own.issuers.front());
  }
  check_xkey(here, callout.xkey);
  check_exports(here, callout);
}

void check_login(const Examination& here, const ServerCallout& callout) {
  const std::string& nkey = here.own.gateway;
  const ServerUser* user = here.server.user(nkey);
  const bool in_place = user != nullptr && user->account == callout.account.text;
  if (!in_place) {
    here.error(Check::gateway_not_in_callout_account, user == nullptr ? callout.at : user->at,
               user == nullptr ? "No account has credgate's user " + nkey + "."
                               : "credgate's user is in the account " + shown(user->account) +
                                     ", but auth_callout uses " + shown(callout.account.text) + ".",
               "Add { nkey: " + nkey + " } to the users of " + here.own.callout_account +
                   ", and to no other account.");
  }
  if (!callout.lets_by(user != nullptr ? *user
                                       : ServerUser{callout.account.text, nkey, true, {}, {}})) {
    here.error(Check::gateway_not_in_auth_users, callout.at,
               "credgate's user is not in auth_users.", "Add " + nkey + " to auth_users.");
  }
  if (in_place) {
    check_needs(here, *user,
                here.own.admin
                    ? Needs{kGatewayPublish, kGatewaySubscribe}
                    : Needs{{"$SYS._INBOX.>"}, {"$SYS.REQ.USER.AUTH", kAuthErrorSubject}});
  }
  if (std::ranges::none_of(here.server.users, &ServerUser::is_nkey)) {
    here.warn(Check::no_nonce, callout.at, "No user of this configuration has an nkey.",
              "Let credgate itself log in with its nkey, " + nkey + ".");
  }
  if (here.server.without_system_account) {
    here.error(Check::no_system_account, *here.server.without_system_account,
               "The system account is disabled.", "Remove this.");
  } else if (here.own.has_system) {
    check_system(here, callout);
  }
}

void check_static_user(const Examination& here, const ServerCallout& callout) {
  const auto is_own = [&own = here.own](const std::string& name) {
    return name == own.gateway || (own.has_system && name == own.system_user);
  };
  for (const ServerUser& user : here.server.users) {
    if (!is_own(user.name)) find_static_user_trap(here, callout, user);
  }
  for (const NamedAt& name : callout.auth_users) {
    if (is_own(name.text) || here.server.user(name.text) != nullptr) continue;
    // It is not shown: it may be a token, or a seed.
    here.warn(Check::auth_user_not_defined, name.at, "auth_users has an entry that is not a user.",
              "Correct it, or remove it.");
  }
}

void check_account(const Examination& here) {
  for (const OwnAccount& account : here.own.accounts) {
    const bool known = account.name == "$G" || here.server.accounts.contains(account.name);
    if (!known) {
      here.error(Check::account_not_defined, here.server.start,
                 "nats-server has no account " + shown(account.name) +
                     ", which credgate.conf lists in `accounts`.",
                 "Define it under accounts, or remove it from credgate.conf.");
    }
    const auto defaults = here.server.default_permissions.find(account.name);
    // Users of the account that have none of their own need them.
    const bool used = std::ranges::any_of(here.server.users, [&](const ServerUser& user) {
      return user.account == account.name && user.permissions != nullptr;
    });
    if (defaults != here.server.default_permissions.end() && !used) {
      here.warn(Check::default_permissions_unused, defaults->second,
                "The account " + shown(account.name) + " has default_permissions.",
                "Remove them; the permissions of a credential are in its record.");
    }
  }
  if (!here.own.has_system) {
    here.warn(Check::no_system, {here.own.file, 0}, "credgate.conf has no `system`.",
              "Add it, with a user of the servers' system account; `credgate init` writes an "
              "example.");
  }
}

}  // namespace gateway
