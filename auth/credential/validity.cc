#include "auth/credential/validity.h"

#include <algorithm>

namespace auth {

bool leaves_time(Time end, Time now) {
  return end > now + std::chrono::seconds{1};
}

std::string_view validity(const Credential& credential, Time now) {
  if (credential.status != Status::active) return name(credential.status);
  if (credential.expires_at && !leaves_time(*credential.expires_at, now)) return "expired";
  if (credential.not_before && now < *credential.not_before) return "not_yet_valid";
  return "active";
}

std::optional<std::string_view> read_validity(std::string_view word) {
  const auto* found = std::ranges::find(kValidity, word);
  return found == kValidity.end() ? std::nullopt : std::optional{*found};
}

}  // namespace auth
