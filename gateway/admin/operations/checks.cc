#include "gateway/admin/operations/checks.h"

#include <algorithm>

#include "auth/credential/credential_read.h"
#include "gateway/platform/time_zone.h"

namespace gateway::operations {

void refuse_admin_account(const OperationContext& context, const std::string& account) {
  if (context.local || account != context.config.admin_account) return;
  throw OperationError(Code::refused,
                       "the credentials of the admin account " + account +
                           " are made and changed by a command on the gateway's machine");
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
                                          "\" is no time zone that the gateway's machine knows");
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
        "sigv4: its secret was not kept, so that no request can be verified with it; make one that "
        "is: credgate rotate " +
        c.id);
  }
  if (c.sigv4_connect && context.config.sigv4_hosts.empty()) {
    list.push_back(
        "sigv4_connect: no request opens a connection until sigv4_hosts in the configuration says "
        "for which hosts they are signed");
  }
  return list;
}

OrderedJson warnings_of(const OperationContext& context, const auth::Credential& c) {
  OrderedJson list = sigv4_warnings(context, c);
  if (c.everything) {
    list.push_back(
        "everything: it may use every subject of the account but the reserved ones; any message "
        "there can be read or forged with it");
  }
  if (c.manage) {
    list.push_back(
        "manage on one stream is trust over the whole account's data: a stream can capture, source "
        "and republish anything");
  }
  if (c.inbox == auth::Inbox::shared) {
    list.push_back(
        "a shared inbox: it sees the replies and pulled messages of every client with a shared "
        "inbox");
  }
  if (c.allow_responses) {
    list.push_back(
        "allow_responses: whoever sends it a request names the subject that it answers on, "
        "$JS.API included");
  }
  if (context.config.operator_mode && c.kind != auth::Kind::creds) {
    list.push_back(
        "in operator mode its client shows the sentinel (sentinel.creds) beside this, unless "
        "nats-server has a default_sentinel");
  }
  return list;
}

}  // namespace gateway::operations
