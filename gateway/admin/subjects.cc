#include "gateway/admin/subjects.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gateway {
namespace {

// The operations on roles, and the token for each.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kRoleOperations = {
    {{"create_role", "create"},
     {"get_role", "get"},
     {"list_roles", "list"},
     {"update_role", "update"},
     {"delete_role", "delete"}}};

const std::pair<std::string_view, std::string_view>* role_operation(std::string_view operation) {
  const auto* found = std::ranges::find(kRoleOperations, operation,
                                        &std::pair<std::string_view, std::string_view>::first);
  return found == kRoleOperations.end() ? nullptr : found;
}

// Of a token below a prefix; for one that is none there, what perform() does not know.
std::string operation_of(bool roles, std::string_view token) {
  if (!roles) {
    return (role_operation(token) != nullptr ? "credentials." : "") + std::string(token);
  }
  const auto* found = std::ranges::find(kRoleOperations, token,
                                        &std::pair<std::string_view, std::string_view>::second);
  return found == kRoleOperations.end() ? "roles." + std::string(token) : std::string(found->first);
}

}  // namespace

std::string admin_subject(std::string_view operation, std::string_view account) {
  const auto* role = role_operation(operation);
  std::string subject = role != nullptr ? std::string(kRolePrefix) + std::string(role->second)
                                        : std::string(kAdminPrefix) + std::string(operation);
  if (!account.empty()) subject += "." + std::string(account);
  return subject;
}

std::optional<AdminSubject> read_admin_subject(std::string_view subject) {
  const bool roles = subject.starts_with(kRolePrefix);
  if (!roles && !subject.starts_with(kAdminPrefix)) return std::nullopt;
  subject.remove_prefix(roles ? kRolePrefix.size() : kAdminPrefix.size());
  const auto dot = subject.find('.');
  const auto token = subject.substr(0, dot);
  if (token.empty()) return std::nullopt;
  AdminSubject read{.operation = operation_of(roles, token), .account = {}};
  if (dot == std::string_view::npos) return read;
  read.account = subject.substr(dot + 1);
  if (read.account.empty()) return std::nullopt;
  return read;
}

}  // namespace gateway
