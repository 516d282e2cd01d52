// The operations that change what is stored, and make no secret.

#include <utility>

#include "auth/credential/credential_json.h"
#include "gateway/admin/operations/checks.h"
#include "gateway/admin/operations/closing.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/admin/operations/warnings.h"

namespace gateway::operations {
namespace {

using auth::Credential;
using auth::Status;
using store::Action;
using Json = nlohmann::json;

struct ChangeBody {
  std::string credential;
  std::optional<std::uint64_t> revision;
  std::string reason;
  bool now = false;
};

OrderedJson change(const OperationContext& context, const ChangeBody& body, const Credential& found,
                   Action action, const store::Store::Edit& edit) {
  store::Intent intent = context.intent(action);
  intent.revision = body.revision;
  intent.reason = body.reason;
  intent.now = body.now;
  const auto changed = context.store.change(found.id, intent, edit);
  if (!changed) fail(changed.error());
  OrderedJson json = write_record(context, changed->credential);
  json["changed"] = changed->changed;
  const bool closes =
      body.now || action == Action::kick || action == Action::suspend || action == Action::revoke;
  const bool lets_in = action == Action::update || action == Action::resume;
  if (closes) context.note_closing(found.id, changed->sequence);
  if (closes && !context.config.has_system) {
    json["closing"] = write_closing(0, std::nullopt, "there is no `system` in the configuration");
    json["warnings"] = {kNothingClosed};
  }
  if (lets_in) {
    const auto roles = context.store.find_id(found.id).roles;
    put_warnings(json, warnings_of(context.config, changed->credential, context.now, roles));
  }
  return json;
}

OrderedJson change_status(const OperationContext& context, const Json& body, Action action,
                          const store::Store::Edit& edit) {
  ChangeBody read;
  read_body(body, [&](auth::JsonObject& members) {
    members.string("credential", read.credential);
    members.number("revision", read.revision);
    members.string("reason", read.reason);
  });
  const Credential found = find_credential(context, read.credential);
  if (action == Action::resume) refuse_admin_account(context, found.account);
  return change(context, read, found, action, edit);
}

}  // namespace

OrderedJson update(const OperationContext& context, Json body) {
  ChangeBody read;
  Json fields;
  read_body(body, [&](auth::JsonObject& members) {
    members.string("credential", read.credential);
    members.number("revision", read.revision);
    members.string("reason", read.reason);
    members.boolean("now", read.now);
    members.take("set", "", [&](const Json& value) {
      fields = value;
      return true;
    });
  });
  if (!fields.is_object() || fields.empty()) {
    throw OperationError(Code::usage, "set: no change was given");
  }
  const Credential found = find_credential(context, read.credential);
  refuse_admin_account(context, found.account);
  std::vector<auth::Role> roles;
  const auto put = [&](Credential& c) {
    put_fields(context, fields, "set", {"id", "kind", "account", "status", "secrets"}, c);
  };
  const auto edit = [&](Credential& c) {
    put(c);
    check_permissions(context, c, roles);
  };
  Credential tried = found;  // what is wrong with it is said without a transaction
  put(tried);
  roles = roles_of(context, tried);
  check_permissions(context, tried, roles);
  return change(context, read, found, Action::update, edit);
}

OrderedJson suspend(const OperationContext& context, Json body) {
  return change_status(context, body, Action::suspend,
                       [](Credential& c) { c.status = Status::suspended; });
}

OrderedJson resume(const OperationContext& context, Json body) {
  return change_status(context, body, Action::resume,
                       [](Credential& c) { c.status = Status::active; });
}

OrderedJson revoke(const OperationContext& context, Json body) {
  return change_status(context, body, Action::revoke,
                       [](Credential& c) { c.status = Status::revoked; });
}

OrderedJson kick(const OperationContext& context, Json body) {
  return change_status(context, body, Action::kick, [](Credential&) {});
}

}  // namespace gateway::operations
