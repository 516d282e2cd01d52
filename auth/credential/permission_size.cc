#include "auth/credential/permission_size.h"

#include <algorithm>

namespace auth {
namespace {

// The user JWT is base64 inside base64; with the quotes and commas around them, these bytes fit.
constexpr std::size_t kMaxBytes = 512 * 1024;

}  // namespace

bool fits_user_jwt(const Permissions& permissions) {
  std::size_t entries = 0;
  std::size_t bytes = 0;
  for (const auto* lists : {&permissions.publish, &permissions.subscribe}) {
    for (const auto* list : {&lists->allow, &lists->deny}) {
      entries += list->size();
      for (const auto& subject : *list) {
        const auto escaped = std::ranges::count_if(
            subject, [](char letter) { return letter == '"' || letter == '\\'; });
        bytes += subject.size() + static_cast<std::size_t>(escaped);  // as JSON writes them
      }
    }
  }
  return entries <= kMaxPermissionEntries && bytes <= kMaxBytes;
}

}  // namespace auth
