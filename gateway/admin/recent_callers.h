#pragma once
// Who asked lately, so that a request that is not carried out costs next to nothing: one caller's
// flood must not hold up the requests of others that arrive behind it.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/admin/request_handler.h"
#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe. `header`: the value of Nats-Request-Info. Two that differ in their round-trip time
// alone are one: nats-server measures it anew at each PONG, which clients send as they like.
class RecentCallers {
 public:
  using Clock = std::chrono::steady_clock;

  // What was found of the sender in the last second; absent if nothing was.
  std::optional<AdminReply> find(std::string_view header, Clock::time_point now) const;
  // Takes a caller who may ask, or a refusal (forbidden). Forgets others where there are too many.
  void remember(std::string_view header, const AdminReply& found, Clock::time_point now);

  static constexpr std::size_t kMax = 1024;

 private:
  struct Found {
    AdminReply reply;
    Clock::time_point at;
  };
  Locked<std::unordered_map<std::string, Found>> found_;
};

}  // namespace gateway
