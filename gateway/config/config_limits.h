#pragma once
// The configuration of password hashing and of the throttle.

#include <cstdint>
#include <optional>
#include <string>

#include "auth/base/json_object.h"
#include "gateway/config/config.h"

namespace gateway {

PasswordConfig read_passwords(auth::JsonObject section);
ThrottleConfig read_throttle(auth::JsonObject section);

inline constexpr const char* kSizeHint = "must be a size such as \"64GiB\" (KiB, MiB, GiB, TiB)";
// In bytes, from "64GiB"; above zero.
std::optional<std::uint64_t> read_size(const std::string& text);

}  // namespace gateway
