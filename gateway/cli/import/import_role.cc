#include <utility>

#include <nlohmann/json.hpp>

#include "auth/credential/credential_read.h"
#include "gateway/admin/operations/context.h"
#include "gateway/cli/import/import_line.h"

namespace gateway::cli {
namespace {

using auth::Invalid;

Invalid in_role(Invalid wrong) {
  wrong.field = wrong.field.empty() ? "role" : "role." + wrong.field;
  return wrong;
}

}  // namespace

auth::Result<RecordLine, Invalid> read_role_line(const nlohmann::json& record) {
  if (record.size() != 1) return Invalid{"role", "must be the only member of its line"};
  RecordLine read;
  if (auto wrong = auth::read_json(record.at("role"), read.line.role.emplace()))
    return in_role(std::move(*wrong));
  return read;
}

std::optional<Invalid> check_role(auth::Role& role, const ImportRules& rules) {
  if (role.account.empty()) role.account = rules.account;
  if (auto wrong = account_wrong(role.account, rules))
    return Invalid{"role.account", wrong->message};
  if (has_scoped_key(rules.config, role.account)) {
    return Invalid{"role.account", role.account +
                                       " has a scoped signing key, whose template defines what "
                                       "users may do: a role would give nothing"};
  }
  if (auto wrong = auth::validate(role)) return in_role(std::move(*wrong));
  return std::nullopt;
}

}  // namespace gateway::cli
