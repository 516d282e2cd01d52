#pragma once
// `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS`: how the nats CLI and the client libraries find
// services.
// Source: ADR-32, NATS service API.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "auth/base/time.h"
#include "gateway/platform/counters.h"

namespace gateway {

// Thread-safe.
class ServiceDiscovery {
 public:
  // Borrows `counters`. `id`: of this instance, [A-Za-z0-9].
  ServiceDiscovery(std::string id, std::string store_id, const Counters& counters,
                   auth::Time started);

  // The reply to a request on this subject; absent if it is for another service or instance.
  std::optional<std::string> answer(std::string_view subject) const;

  // Counts an answered request of the admin service; `error` is empty on success.
  void count(std::string_view subject, std::chrono::nanoseconds took, const std::string& error);

 private:
  const std::string id_;
  const std::string store_id_;
  const Counters& counters_;
  const auth::Time started_;

  struct Requests {
    std::uint64_t count = 0;
    std::uint64_t errors = 0;
    std::chrono::nanoseconds time{0};
    std::string last_error;
  };
  static nlohmann::ordered_json statistics(const Requests& of);

  mutable std::mutex mutex_;
  Requests credentials_;
  Requests roles_;
};

}  // namespace gateway
