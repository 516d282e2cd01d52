// The operations that change what is stored, and make no secret.

#include <utility>

#include "auth/credential/credential_json.h"
#include "gateway/admin/operations/checks.h"
#include "gateway/admin/operations/operations.h"

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

OrderedJson change(const Desk& desk, const ChangeBody& body, const Credential& found, Action action,
                   const store::Store::Edit& edit) {
  store::Intent intent = desk.intent(action);
  intent.revision = body.revision;
  intent.reason = body.reason;
  intent.now = body.now;
  const auto changed = desk.store.change(found.id, intent, edit);
  if (!changed) fail(changed.error());
  OrderedJson json = auth::write_json(changed->credential);
  json["changed"] = changed->changed;
  const bool closes =
      body.now || action == Action::kick || action == Action::suspend || action == Action::revoke;
  if (closes && !desk.config.has_system) json["warnings"] = {kNothingClosed};
  return json;
}

OrderedJson change_status(const Desk& desk, const Json& body, Action action,
                          const store::Store::Edit& edit) {
  ChangeBody read;
  read_body(body, [&](auth::Members& members) {
    members.text("credential", read.credential);
    members.number("revision", read.revision);
    members.text("reason", read.reason);
  });
  const Credential found = find_credential(desk, read.credential);
  if (action == Action::resume) refuse_admin_account(desk, found.account);
  return change(desk, read, found, action, edit);
}

}  // namespace

OrderedJson update(const Desk& desk, Json body) {
  ChangeBody read;
  Json fields;
  read_body(body, [&](auth::Members& members) {
    members.text("credential", read.credential);
    members.number("revision", read.revision);
    members.flag("now", read.now);
    members.take("set", "", [&](const Json& value) {
      fields = value;
      return true;
    });
  });
  if (!fields.is_object() || fields.empty()) {
    throw Failure(Code::usage, "set: nothing to change was given");
  }
  const Credential found = find_credential(desk, read.credential);
  refuse_admin_account(desk, found.account);
  const auto edit = [&](Credential& c) {
    put_fields(desk, fields, "set", {"id", "kind", "account", "status", "secrets"}, c);
    check_permissions(desk, c);
  };
  Credential tried = found;
  edit(tried);  // what is wrong with it is said without a transaction
  OrderedJson json = change(desk, read, found, Action::update, edit);
  OrderedJson warnings = json.value("warnings", OrderedJson::array());
  for (auto& warning : sigv4_warnings(desk, *desk.store.get(found.id)))
    warnings.push_back(std::move(warning));
  if (!warnings.empty()) json["warnings"] = std::move(warnings);
  return json;
}

OrderedJson suspend(const Desk& desk, Json body) {
  return change_status(desk, body, Action::suspend,
                       [](Credential& c) { c.status = Status::suspended; });
}

OrderedJson resume(const Desk& desk, Json body) {
  return change_status(desk, body, Action::resume,
                       [](Credential& c) { c.status = Status::active; });
}

OrderedJson revoke(const Desk& desk, Json body) {
  return change_status(desk, body, Action::revoke,
                       [](Credential& c) { c.status = Status::revoked; });
}

OrderedJson kick(const Desk& desk, Json body) {
  return change_status(desk, body, Action::kick, [](Credential&) {});
}

}  // namespace gateway::operations
