// Traps of what listens for clients: users for those without credentials, leafnodes, proxies.

#include <algorithm>

#include "gateway/doctor/advisories.h"
#include "gateway/doctor/checks.h"

namespace gateway {
namespace {

// The users of other credentials are told apart by what they show; whoever shows nothing is this
// one.
void report_stranger(const Examination& here, const NamedAt& name, const ServerUser* user) {
  const auto* password =
      user != nullptr && user->password != nullptr ? user->password->get<std::string>() : nullptr;
  const auto& ask = here.own.store.let_in_as;
  if (password == nullptr || !ask) return;
  const auto credential = ask(name.text, *password);
  if (!credential) return;
  here.error(Check::no_auth_user_stored, name.at,
             "Every client without credentials is let in now, as " + *credential +
                 ", which has the login and the password of this user.",
             "Suspend it now (credgate suspend), and remove no_auth_user. Its own clients need a "
             "new password, or a new credential.");
}

bool delegates_leafnodes(const ServerConf& server) {
  const ServerListener* leafnodes = server.listening("leafnodes");
  return leafnodes != nullptr && !leafnodes->users && (server.callout || server.operator_mode);
}

// Which credentials it concerns, as a sentence.
std::string say_leafnode_credentials(const Examination& here) {
  const auto credentials =
      here.own.store.leafnodes ? here.own.store.leafnodes() : std::optional<LeafnodeNames>{};
  if (!credentials) return "";
  if (credentials->count == 0) return " No credential lists LEAFNODE.";
  std::string list;
  for (const std::string& name : credentials->first)
    list += (list.empty() ? "" : ", ") + name;
  const auto more = credentials->count - credentials->first.size();
  if (more > 0) list += " and " + std::to_string(more) + " more";
  return " What lists LEAFNODE: " + list + ".";
}

void check_leafnode_publish(const Examination& here) {
  if (!delegates_leafnodes(here.server)) return;
  const Advisory& row = advisory("038a56adf");
  const Place& at = here.server.listening("leafnodes")->at;
  const std::string names = say_leafnode_credentials(here);
  const std::string listens = "nats-server listens for leafnodes, which credgate lets in";
  const std::string keep = "Let in only leafnodes that you trust with their whole account";
  switch (affected(here.version, row.fixed)) {
    case Affected::yes:
      return here.error(Check::leafnode_publish, at,
                        listens + ", and this version checks nothing that they publish." + names,
                        upgrade_advice(*here.version, {&row}) + " Or remove the listener.");
    case Affected::unknown:
      return here.warn(Check::leafnode_publish, at,
                       listens +
                           ": before 2.11.16, 2.12.7 and 2.14.0 it checks nothing that they "
                           "publish, and in newer versions not all." +
                           names,
                       keep + ", and give doctor the version (--server-version).");
    case Affected::no:
      return here.warn(
          Check::leafnode_publish, at,
          listens + ", and does not check what they publish below $JS.ACK. and _R_." + names,
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
    here.error(Check::no_auth_user, name.at,
               let_by ? "no_auth_user is set and bypasses the callout: every client is let in "
                        "without a secret."
                      : "no_auth_user is set: a client without credentials is asked about as if it "
                        "had those of this user.",
               "Remove no_auth_user; create a credential for clients that connected without a "
               "secret. Do not import this user.");
    if (!let_by) report_stranger(here, name, user);
  }
}

void check_proxy_protocol(const Examination& here) {
  const auto& at = here.server.proxy_protocol;
  if (!at || (here.version && *here.version < kProxyProtocol)) return;
  here.error(
      Check::proxy_protocol, *at,
      "proxy_protocol is on: every client that reaches this port may name any address as "
      "its own.",
      "Remove it. If the proxy must stay, let a firewall keep everybody else from this port, "
      "and do not rely on `sources`.");
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
