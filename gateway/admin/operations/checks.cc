#include "gateway/admin/operations/checks.h"

#include "auth/credential/credential_read.h"
#include "auth/credential/permission_check.h"
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

}  // namespace gateway::operations
