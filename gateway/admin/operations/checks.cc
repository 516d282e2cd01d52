#include "gateway/admin/operations/checks.h"

#include <algorithm>

#include "auth/base/json.h"
#include "auth/base/secret.h"
#include "auth/base/text.h"
#include "auth/credential/credential_read.h"
#include "auth/credential/permission_check.h"
#include "auth/decision/judge.h"
#include "gateway/platform/time_zone.h"

namespace gateway::operations {
namespace {

template <class Record>
void put_members(const nlohmann::json& fields, const char* path,
                 std::initializer_list<const char*> forbidden, Record& record) {
  for (const char* member : forbidden) {
    if (fields.is_object() && fields.contains(member)) {
      throw OperationError(Code::usage, std::string(path) + "." + member + ": can't be set");
    }
  }
  if (const auto wrong = auth::read_json(fields, record)) {
    throw OperationError(Code::usage,
                         (wrong->field.empty() ? path : wrong->field) + ": " + wrong->message);
  }
}

}  // namespace

void refuse_admin_account(const OperationContext& context, const std::string& account) {
  if (context.local || account != context.config.admin_account) return;
  throw OperationError(
      Code::refused, "the credentials and roles of the admin account " + account +
                         " can only be created and changed by a command on the gateway's machine");
}

void check_account(const OperationContext& context, const std::string& account) {
  const auth::Judge judge{context.config.policy(), context.master, {}};
  if (judge.may_grant(account)) return;
  throw OperationError(Code::refused,
                       "account \"" + account +
                           "\" is not configured for this gateway; see `accounts` in " +
                           context.config.file.string());
}

std::optional<store::CreateRequest> read_request(const OperationContext& context,
                                                 const nlohmann::json& body) {
  constexpr std::size_t kMaxBytes = 128;
  if (!body.is_object() || !body.contains("request_id")) return std::nullopt;
  const auto& id = body.at("request_id");
  // One that is not a string is refused with the other members.
  const std::string text = id.is_string() ? id.get<std::string>() : "x";
  if (text.empty() || text.size() > kMaxBytes)
    throw OperationError(Code::usage, "request_id: must have 1 to 128 bytes");
  std::string asked = context.account.value_or("") + '\0' + auth::write_line(body);
  store::CreateRequest request{.id = text, .body = context.master.current().hash_request(asked)};
  auth::wipe(asked.data(), asked.size());
  return request;
}

std::string default_account(const OperationContext& context) {
  const std::vector<std::string> accounts = client_accounts(context.config);
  if (accounts.size() == 1) return accounts.front();
  throw OperationError(Code::usage,
                       "the account is missing; choose one of: " + auth::join(accounts, " "));
}

void put_fields(const OperationContext& context, const nlohmann::json& fields, const char* path,
                std::initializer_list<const char*> forbidden, auth::Credential& credential) {
  put_members(fields, path, forbidden, credential);
  if (!credential.times_location.empty() && !zone_offset(credential.times_location, context.now)) {
    throw OperationError(Code::usage, "times_location: \"" + credential.times_location +
                                          "\" is not a time zone known on the gateway's machine");
  }
}

void put_fields(const nlohmann::json& fields, const char* path,
                std::initializer_list<const char*> forbidden, auth::Role& role) {
  put_members(fields, path, forbidden, role);
}

std::vector<auth::Role> roles_of(const OperationContext& context,
                                 const auth::Credential& credential) {
  std::vector<auth::Role> roles;
  // Of more the store says that they are too many.
  const std::size_t count = std::min(credential.roles.size(), auth::kMaxRoles);
  for (const std::string& name : std::span{credential.roles}.first(count)) {
    try {
      auto role = context.store.role(credential.account, name);
      if (role) {
        roles.push_back(std::move(*role));
        continue;
      }
    } catch (const store::Damaged&) {  // as one that is missing
    }
    throw OperationError(Code::usage, "roles: there is no role \"" + name + "\" in account " +
                                          credential.account +
                                          " that can be read; see: credgate role list");
  }
  return roles;
}

void check_permissions(const OperationContext& context, const auth::Credential& credential,
                       std::span<const auth::Role> roles) {
  if (credential.max_sessions > 0 && !context.config.has_system) {
    throw OperationError(
        Code::usage,
        "max_sessions: without `system` in the configuration sessions can't be counted");
  }
  if (const auto wrong = permissions_wrong(context.config, credential, roles)) {
    throw OperationError(Code::usage, wrong->field + ": " + wrong->message);
  }
}

}  // namespace gateway::operations
