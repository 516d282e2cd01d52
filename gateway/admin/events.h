#pragma once
// The events that the gateway publishes on `credgate.v1.events.>`: decisions, limited by a token
// bucket, and every change of a credential or a role. doc/events.schema.json defines their form.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "gateway/callout/decision_event.h"
#include "store/journal.h"

namespace gateway {

struct Event {
  std::string subject;
  std::string data;  // JSON
};

// Of a credential or a role.
Event change_event(const store::Entry& entry, std::string_view store_id);

// A queue of decisions to publish. Thread-safe; never blocks for long.
class DecisionEvents {
 public:
  using Clock = std::chrono::steady_clock;

  explicit DecisionEvents(std::string store_id) : store_id_(std::move(store_id)) {}

  // False, and dropped, where more come than the bucket holds; the next that is not says how many
  // were.
  bool add(const DecisionEvent& event, Clock::time_point now);
  std::deque<Event> take();

 private:
  struct Bucket {
    double tokens = kBurst;
    Clock::time_point filled{};
    std::uint64_t dropped = 0;
  };
  static constexpr double kPerSecond = 50;
  static constexpr double kBurst = 100;

  const std::string store_id_;
  std::mutex mutex_;
  Bucket granted_;
  Bucket denied_;
  std::deque<Event> waiting_;
};

}  // namespace gateway
