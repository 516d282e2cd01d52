#include "gateway/admin/operations/checks.h"

#include <algorithm>

#include "auth/credential/credential_read.h"
#include "auth/credential/permission_check.h"
#include "gateway/admin/operations/server_warnings.h"
#include "gateway/platform/time_zone.h"

namespace gateway::operations {

void refuse_admin_account(const OperationContext& context, const std::string& account) {
  if (context.local || account != context.config.admin_account) return;
  throw OperationError(
      Code::refused, "the credentials of the admin account " + account +
                         " can only be created and changed by a command on the gateway's machine");
}

void put_fields(const OperationContext& context, const nlohmann::json& fields, const char* path,
                std::initializer_list<const char*> forbidden, auth::Credential& credential) {
  for (const char* member : forbidden) {
    if (fields.is_object() && fields.contains(member)) {
      throw OperationError(Code::usage, std::string(path) + "." + member + ": can't be set");
    }
  }
  if (const auto wrong = auth::read_json(fields, credential)) {
    throw OperationError(Code::usage,
                         (wrong->field.empty() ? path : wrong->field) + ": " + wrong->message);
  }
  if (!credential.times_location.empty() && !zone_offset(credential.times_location, context.now)) {
    throw OperationError(Code::usage, "times_location: \"" + credential.times_location +
                                          "\" is not a time zone known on the gateway's machine");
  }
}

void check_permissions(const OperationContext& context, const auth::Credential& credential) {
  if (credential.max_sessions > 0 && !context.config.has_system) {
    throw OperationError(
        Code::usage,
        "max_sessions: without `system` in the configuration sessions can't be counted");
  }
  if (const auto wrong = permissions_wrong(context.config, credential)) {
    throw OperationError(Code::usage, wrong->field + ": " + wrong->message);
  }
}

OrderedJson sigv4_warnings(const OperationContext& context, const auth::Credential& c) {
  OrderedJson list = OrderedJson::array();
  const bool kept = std::ranges::any_of(
      c.secrets, [](const auth::StoredSecret& secret) { return !secret.sealed.empty(); });
  if (c.sigv4 && !kept) {
    list.push_back(
        "sigv4: the secret was not stored, so it cannot verify requests; create a new one: "
        "credgate rotate " +
        c.id);
  }
  if (c.sigv4_connect && context.config.sigv4_hosts.empty()) {
    list.push_back(
        "sigv4_connect: no request can open a connection until sigv4_hosts in the configuration "
        "names the hosts that requests are signed for");
  }
  return list;
}

OrderedJson inbox_warnings(const auth::Credential& c) {
  OrderedJson list = OrderedJson::array();
  const auth::Permissions all = auth::expand(c);
  if (auth::reaches_private_inboxes(all.subscribe, c)) {
    list.push_back(
        "subscribe: the credential can read private inboxes (_CG.>) of other clients: their "
        "replies "
        "and pulled messages");
  }
  if (auth::reaches_private_inboxes(all.publish, c)) {
    list.push_back(
        "publish: the credential can forge replies to other clients in their private inboxes; "
        "unless it has to answer them, deny _CG.>");
  }
  if (c.inbox == auth::Inbox::old_private) {
    list.push_back("inbox: replies on its old prefix, _INBOX_" + c.id +
                   ", can be forged by whoever may publish any subject; set the prefix of its "
                   "clients to " +
                   auth::inbox_prefix(c) + ", then run credgate update " + c.id +
                   " --no-shared-inbox");
  }
  return list;
}

OrderedJson warnings_of(const OperationContext& context, const auth::Credential& c) {
  OrderedJson list = sigv4_warnings(context, c);
  for (auto& warning : inbox_warnings(c))
    list.push_back(std::move(warning));
  if (c.everything) {
    list.push_back(
        "everything: the credential may use every subject of the account except the reserved ones, "
        "so it can read or forge any message there");
  }
  if (c.manage) {
    list.push_back(
        "manage: one stream gives access to all of the account's data, because a stream can "
        "capture, source and republish any subject");
  }
  if (c.inbox == auth::Inbox::shared) {
    list.push_back(
        "shared inbox: the credential can read the replies and pulled messages of every client "
        "with a shared inbox");
  }
  if (c.allow_responses) {
    list.push_back(
        "allow_responses: the sender of a request chooses the subject of the reply, which may be "
        "one of $JS.API");
  }
  add_server_warnings(c, list);
  if (context.config.operator_mode && c.kind != auth::Kind::creds) {
    list.push_back(
        "in operator mode the client must also present the sentinel (sentinel.creds), unless "
        "nats-server has a default_sentinel");
  }
  return list;
}

}  // namespace gateway::operations
