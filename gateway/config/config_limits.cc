#include "gateway/config/config_limits.h"

#include <utility>
#include <vector>

#include "auth/base/time_format.h"

namespace gateway {

std::optional<std::uint64_t> read_size(const std::string& text) {
  for (const auto& [unit, shift] : {std::pair{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}) {
    if (!text.ends_with(unit)) continue;
    const std::string digits = text.substr(0, text.size() - 3);
    const bool whole = !digits.empty() && digits.size() < 6 &&
                       digits.find_first_not_of("0123456789") == std::string::npos;
    if (whole && std::stoull(digits) > 0) return std::stoull(digits) << shift;
  }
  return std::nullopt;
}

PasswordConfig read_passwords(auth::JsonObject section) {
  PasswordConfig passwords;
  constexpr std::size_t kMinMemory = std::size_t{8} << 20;
  constexpr std::size_t kMaxMemory = std::size_t{256} << 20;
  section.string("memory", kSizeHint, passwords.cost.memory_bytes, read_size);
  if (passwords.cost.memory_bytes < kMinMemory || passwords.cost.memory_bytes > kMaxMemory) {
    section.complain("memory", "must be 8MiB to 256MiB");
  }
  section.number("iterations", passwords.cost.iterations, 1, 10);
  if (!auth::valid_password_cost(passwords.cost)) {
    section.complain("iterations", "must be fewer: iterations times memory must be at most 1GiB");
  }
  section.number("threads", passwords.threads, 1, 64);
  // Each login that comes is compared with all that wait.
  section.number("queue", passwords.queue, 1, 1000);
  section.finish();
  return passwords;
}

ThrottleConfig read_throttle(auth::JsonObject section) {
  constexpr std::uint64_t kMaxFailures = 1'000'000;
  constexpr std::size_t kMaxExempt = 256;  // each attempt is compared with all of them
  ThrottleConfig throttle;
  section.number("login", throttle.login, 0, kMaxFailures);
  section.number("source", throttle.source, 0, kMaxFailures);
  section.string("window", "must be a duration up to a day: \"10m\"", throttle.window,
                 [](const std::string& text) {
                   const auto window = auth::read_duration(text);
                   return window && *window <= std::chrono::hours{24} ? window : std::nullopt;
                 });
  std::vector<std::string> exempt;
  section.string_or_strings("exempt", exempt);
  if (exempt.size() > kMaxExempt)
    section.complain("exempt", "must have at most 256 entries; use ranges");
  for (const std::string& text : exempt) {
    if (const auto cidr = auth::read_cidr(text)) {
      throttle.exempt.push_back(*cidr);
    } else {
      section.complain("exempt",
                       "must be addresses or address ranges: [\"10.0.0.7\", \"192.0.2.0/24\"]");
    }
  }
  section.finish();
  return throttle;
}

}  // namespace gateway
