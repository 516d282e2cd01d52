// The operations on roles.

#include <algorithm>
#include <cstdint>
#include <utility>

#include "auth/base/json.h"
#include "auth/credential/capabilities.h"
#include "auth/credential/credential_json.h"
#include "gateway/admin/operations/checks.h"
#include "gateway/admin/operations/closing.h"
#include "gateway/admin/operations/cursor.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/admin/operations/paging.h"
#include "gateway/admin/operations/warnings.h"

namespace gateway::operations {
namespace {

using auth::Role;
using store::Action;
using Json = nlohmann::json;

constexpr std::size_t kMaxCounted = 1000;  // members of one role
constexpr std::size_t kMaxNamed = 10;
constexpr std::size_t kRolesAtOnce = 10;  // they may be as large as a user JWT
constexpr std::size_t kMembersOfPage = 20'000;

OrderedJson write_role(const Role& role) {
  OrderedJson json = {{"id", auth::role_id(role.account, role.name)}};
  json.update(auth::write_json(role));
  return json;
}

OrderedJson with_members(const Role& role, const store::Members& members) {
  OrderedJson json = write_role(role);
  json["members"] = members.ids.size();
  if (!members.last.empty()) json["members_more"] = true;
  return json;
}

store::Members members_of(const OperationContext& context, const Role& role) {
  return context.store.members(role.account, role.name, "", kMaxCounted);
}

void check_role(const OperationContext& context, const Role& role) {
  if (!has_scoped_key(context.config, role.account)) return;
  throw OperationError(Code::usage, "account: " + role.account +
                                        " has a scoped signing key, whose template defines what "
                                        "users may do: a role would give nothing");
}

Role readable(const FoundRole& found) {
  if (found.role) return *found.role;
  throw store::Damaged(auth::role_id(found.account, found.name));
}

}  // namespace

OrderedJson create_role(const OperationContext& context, Json body) {
  Json fields;
  const auto request = read_request(context, body);
  read_body(body, [&](auth::JsonObject& members) {
    members.take("role", "", [&](const Json& value) {
      fields = value;
      return true;
    });
    std::string read_before;
    members.string("request_id", read_before);
  });
  Role role;
  role.account = context.account.value_or("");
  put_fields(fields, "role", {"id"}, role);
  if (role.account.empty()) role.account = default_account(context);
  if (context.account && role.account != *context.account) {
    throw OperationError(Code::refused,
                         "role.account: must be the account of the subject, " + *context.account);
  }
  refuse_admin_account(context, role.account);
  check_account(context, role.account);
  check_role(context, role);
  const auto created =
      context.store.create_role(role, context.intent(Action::create_role), request);
  if (!created) fail(created.error());
  OrderedJson json = write_role(created->role);
  if (!created->changed) json["replayed"] = true;
  put_warnings(json, warnings_of(context.config, created->role));
  return json;
}

OrderedJson get_role(const OperationContext& context, Json body) {
  std::string name;
  read_body(body, [&](auth::JsonObject& members) { members.string("role", name); });
  const Role role = readable(find_role(context, name));
  const store::Members members = members_of(context, role);
  OrderedJson json = with_members(role, members);
  const bool scoped = has_scoped_key(context.config, role.account);
  json["expanded"] = scoped ? OrderedJson(nullptr) : auth::write_json(auth::given_by(role));
  OrderedJson& ids = json["member_ids"] = OrderedJson::array();
  for (const std::string& id : members.ids) {
    if (ids.size() < kMaxNamed) ids.push_back(id);
  }
  return json;
}

OrderedJson list_roles(const OperationContext& context, Json body) {
  std::string after;
  std::optional<std::uint64_t> limit;
  read_body(body, [&](auth::JsonObject& members) {
    members.string("after", after);
    members.number("limit", limit);
  });
  const std::size_t size = page_size(limit);
  after = read_cursor(context, "list_roles", after);
  // As a key of the store.
  std::ranges::replace(after, '/', '\0');
  OrderedJson roles = OrderedJson::array();
  OrderedJson damaged = OrderedJson::array();
  std::size_t bytes = 0;
  std::size_t counted = 0;
  while (roles.size() + damaged.size() < size && bytes < kPageBytes && counted < kMembersOfPage) {
    const std::size_t wanted = std::min(kRolesAtOnce, size - roles.size() - damaged.size());
    const store::RolePage page =
        context.store.list_roles(context.account.value_or(""), after, wanted);
    for (const Role& role : page.roles) {
      const store::Members members = members_of(context, role);
      roles.push_back(with_members(role, members));
      bytes += bytes_of(roles.back());
      counted += members.ids.size();
    }
    for (const std::string& id : page.damaged)
      damaged.push_back(id);
    after = page.last;
    if (after.empty()) break;
  }
  if (roles.empty() && damaged.empty() && after.empty()) require_account(context);
  std::ranges::replace(after, '\0', '/');
  return {{"roles", std::move(roles)},
          {"damaged", std::move(damaged)},
          {"after", write_cursor(context, "list_roles", after)}};
}

OrderedJson update_role(const OperationContext& context, Json body) {
  std::string name;
  store::Intent intent = context.intent(Action::update_role);
  Json fields;
  read_body(body, [&](auth::JsonObject& members) {
    members.string("role", name);
    members.number("revision", intent.revision);
    members.string("reason", intent.reason);
    members.boolean("now", intent.now);
    members.take("set", "", [&](const Json& value) {
      fields = value;
      return true;
    });
  });
  if (!fields.is_object() || fields.empty())
    throw OperationError(Code::usage, "set: no change was given");
  const Role found = readable(find_role(context, name));
  refuse_admin_account(context, found.account);
  const auto edit = [&](Role& role) { put_fields(fields, "set", {"id", "account", "name"}, role); };
  Role tried = found;
  edit(tried);  // what is wrong with it is said without a transaction
  const auto changed = context.store.change_role(found.account, found.name, intent, edit);
  if (!changed) fail(changed.error());
  OrderedJson json = write_role(changed->role);
  json["changed"] = changed->changed;
  if (intent.now) context.note_closing(auth::role_id(found.account, found.name), changed->sequence);
  if (intent.now && !context.config.has_system) {
    json["closing"] = write_closing(0, std::nullopt, "there is no `system` in the configuration");
    json["warnings"] = {kNothingClosed};
  }
  put_warnings(json, warnings_of(context.config, changed->role));
  return json;
}

OrderedJson delete_role(const OperationContext& context, Json body) {
  std::string name;
  store::Intent intent = context.intent(Action::delete_role);
  read_body(body, [&](auth::JsonObject& members) {
    members.string("role", name);
    members.number("revision", intent.revision);
    members.string("reason", intent.reason);
  });
  const FoundRole found = find_role(context, name);
  refuse_admin_account(context, found.account);
  const auto deleted = context.store.delete_role(found.account, found.name, intent);
  if (!deleted) fail(deleted.error());
  return {{"id", auth::role_id(found.account, found.name)},
          {"account", found.account},
          {"name", found.name},
          {"deleted", true}};
}

}  // namespace gateway::operations
