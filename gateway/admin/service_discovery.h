#pragma once
// `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS`: how the nats command line and the client libraries
// find services. Source: ADR-32, NATS service API.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "auth/base/bytes.h"
#include "gateway/platform/counters.h"

namespace gateway {

// Thread-safe.
class ServiceDiscovery {
 public:
  // `counters` must outlive this. `id`: of this instance, [A-Za-z0-9].
  ServiceDiscovery(std::string id, std::string store_id, const Counters& counters,
                   auth::Time started);

  // The answer to a request on this subject; absent where it is another service's or instance's.
  std::optional<std::string> answer(std::string_view subject) const;

  // One request of the admin service was answered; `error` is empty where it succeeded.
  void count(std::chrono::nanoseconds took, const std::string& error);

 private:
  const std::string id_;
  const std::string store_id_;
  const Counters& counters_;
  const auth::Time started_;

  mutable std::mutex mutex_;
  std::uint64_t requests_ = 0;
  std::uint64_t errors_ = 0;
  std::chrono::nanoseconds time_{0};
  std::string last_error_;
};

}  // namespace gateway
