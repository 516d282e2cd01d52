#include "gateway/config/config_limits.h"

#include <string>

#include "auth/base/time_format.h"

namespace gateway {

PasswordConfig read_passwords(Section section) {
  PasswordConfig passwords;
  constexpr std::size_t kLeastMemory = std::size_t{8} << 20;
  constexpr std::size_t kMostMemory = std::size_t{256} << 20;
  passwords.cost.memory_bytes = section.size("memory", passwords.cost.memory_bytes);
  if (passwords.cost.memory_bytes < kLeastMemory || passwords.cost.memory_bytes > kMostMemory) {
    section.fail("memory", "must be 8MiB to 256MiB");
  }
  const auto small = [&section](const char* key, std::uint64_t otherwise, std::uint64_t most) {
    const std::uint64_t n = section.number(key, otherwise);
    if (n == 0 || n > most) section.fail(key, "must be 1 to " + std::to_string(most));
    return static_cast<unsigned>(n);
  };
  passwords.cost.iterations = small("iterations", passwords.cost.iterations, 10);
  if (!auth::valid_password_cost(passwords.cost)) {
    section.fail("iterations", "must be fewer: iterations times memory must be at most 1GiB");
  }
  passwords.threads = small("threads", passwords.threads, 64);
  passwords.queue = small("queue", passwords.queue, 10'000);
  section.finish();
  return passwords;
}

ThrottleConfig read_throttle(Section section) {
  constexpr std::uint64_t kMostFailures = 1'000'000;
  constexpr std::size_t kMostExempt = 256;  // each attempt is compared with all of them
  ThrottleConfig throttle;
  const auto limit = [&](const char* key, std::uint32_t otherwise) {
    const std::uint64_t n = section.number(key, otherwise);
    if (n > kMostFailures) section.fail(key, "must be 0 (any number) to 1000000");
    return static_cast<std::uint32_t>(n);
  };
  throttle.login = limit("login", throttle.login);
  throttle.source = limit("source", throttle.source);
  const auto window = auth::read_duration(section.text("window", "10m"));
  if (!window || *window > std::chrono::hours{24}) {
    section.fail("window", "must be a duration up to a day: \"10m\"");
  }
  throttle.window = *window;
  const auto exempt = section.texts("exempt");
  if (exempt.size() > kMostExempt)
    section.fail("exempt", "must have at most 256 entries; use ranges");
  for (const std::string& text : exempt) {
    const auto cidr = auth::read_cidr(text);
    if (!cidr) {
      section.fail("exempt",
                   "must be addresses or address ranges: [\"10.0.0.7\", \"192.0.2.0/24\"]");
    }
    throttle.exempt.push_back(*cidr);
  }
  section.finish();
  return throttle;
}

}  // namespace gateway
