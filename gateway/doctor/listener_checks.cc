// Traps of what listens for clients: users for those without credentials, leafnodes.

#include "gateway/doctor/advisories.h"
#include "gateway/doctor/checks.h"

namespace gateway {
namespace {

bool delegates_leafnodes(const ServerConf& server) {
  const ServerListener* leafnodes = server.listening("leafnodes");
  return leafnodes != nullptr && !leafnodes->users && (server.callout || server.operator_mode);
}

void check_leafnode_publish(const Examination& here) {
  if (!delegates_leafnodes(here.server)) return;
  const Advisory& row = advisory("038a56adf");
  const Place& at = here.server.listening("leafnodes")->at;
  const std::string listens = "nats-server listens for leafnodes, which credgate lets in";
  const std::string keep = "Let in only leafnodes that you trust with their whole account";
  switch (affected(here.version, row.fixed)) {
    case Affected::yes:
      return here.error(Check::leafnode_publish, at,
                        listens + ", and this version checks nothing that they publish.",
                        upgrade_advice(*here.version, {&row}) + " Or remove the listener.");
    case Affected::unknown:
      return here.warn(Check::leafnode_publish, at,
                       listens +
                           ": before 2.11.16, 2.12.7 and 2.14.0 it checks nothing that they "
                           "publish, and in newer versions not all.",
                       keep + ", and give doctor the version (--server-version).");
    case Affected::no:
      return here.warn(Check::leafnode_publish, at,
                       listens + ", and does not check what they publish below $JS.ACK. and _R_.",
                       keep + ".");
  }
}

void check_users_of_leafnodes(const Examination& here, const ServerListener& listener) {
  if (listener.users) {
    here.warn(Check::leafnode_users, *listener.users, "leafnodes.authorization has users.",
              "Remove them and create a credential for each leafnode: --connection-types "
              "LEAFNODE; or keep them knowingly.");
  }
  const bool unlisted = affected(here.version, {{2, 11, 5}}) == Affected::yes;
  if (unlisted && listener.listens) {
    here.warn(Check::leafnodes_not_listed, listener.at, "nats-server listens for leafnodes.",
              "Run nats-server 2.11.5 or later.");
  }
}

}  // namespace

void check_no_auth_user(const Examination& here) {
  for (const NamedAt& name : here.server.no_auth_users) {
    const ServerUser* user = here.server.user(name.text);
    const auto& callout = here.server.callout;
    const bool let_by = user != nullptr && callout && callout->lets_by(*user);
    const bool bypass = affected(here.version, {{2, 12, 14}, {2, 14, 4}}) != Affected::no;
    const std::string remedy =
        "Remove no_auth_user; create a credential for clients that connected without a secret.";
    if (let_by) {
      here.error(
          Check::no_auth_user, name.at,
          "no_auth_user is set and bypasses the callout: every client is let in without a secret.",
          remedy);
    } else if (bypass) {
      here.error(Check::no_auth_user, name.at, "no_auth_user is set.", remedy);
    } else {
      here.warn(Check::no_auth_user, name.at,
                "no_auth_user is set: for a client without a secret, nats-server asks credgate "
                "about this user.",
                remedy);
    }
  }
}

void check_listener(const Examination& here) {
  check_leafnode_publish(here);
  for (const ServerListener& listener : here.server.listeners) {
    const std::string name{listener.name};
    if (listener.timeout) {
      here.warn(Check::listener_timeout, *listener.timeout,
                name + ".authorization has a timeout of its own.",
                "Set the top-level authorization.timeout, and remove this one.");
    }
    for (const NamedAt& account : listener.accounts) {
      if (account.text != here.own.callout_account) continue;
      here.error(Check::users_in_callout_account, account.at,
                 name + " places another user in the callout account.",
                 "Move it to another account.");
    }
    if (listener.name == "leafnodes") check_users_of_leafnodes(here, listener);
  }
}

}  // namespace gateway
