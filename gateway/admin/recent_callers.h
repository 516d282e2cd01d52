#pragma once
// Who asked lately, so that a request that is not carried out costs next to nothing: one caller's
// flood must not hold up the requests of others that arrive behind it.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "gateway/admin/request_handler.h"
#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe.
class RecentCallers {
 public:
  using Clock = std::chrono::steady_clock;

  // What was found of the sender in the last second; absent if nothing was. `header`: the value of
  // Nats-Request-Info, which nats-server writes once for each connection.
  std::optional<AdminReply> find(const std::string& header, Clock::time_point now) const;
  // Takes a caller who may ask, or a refusal (forbidden). Forgets others where there are too many.
  void remember(const std::string& header, const AdminReply& found, Clock::time_point now);

  // Whether a request of `actor` that is not queued is answered: kAnswersAtOnce are, and
  // kAnswersPerSecond each second. Callers who are not known share one limit.
  bool may_answer(const std::string& actor, Clock::time_point now);

  static constexpr double kAnswersAtOnce = 100;
  static constexpr double kAnswersPerSecond = 20;
  static constexpr std::size_t kMax = 1024;  // of headers, and of actors

 private:
  struct Found {
    AdminReply reply;
    Clock::time_point at;
  };
  struct Answers {
    double left = kAnswersAtOnce;
    Clock::time_point at;
  };
  Locked<std::unordered_map<std::string, Found>> found_;
  Locked<std::unordered_map<std::string, Answers>> answers_;
};

}  // namespace gateway
