#pragma once
// The last decisions, for `credgate status`.

#include <cstddef>
#include <deque>
#include <utility>

#include "gateway/callout/decision_event.h"
#include "gateway/platform/locked.h"

namespace gateway {

// Grants and denials apart, so that a flood of the ones does not hide the others. Thread-safe.
class RecentDecisions {
 public:
  static constexpr std::size_t kMaxEvents = 128;
  static constexpr std::size_t kMaxString = 256;  // bytes

  // What clients say of themselves may be as long as they like: it is cut, as in the log.
  void add(DecisionEvent event) {
    for (std::string* text : {&event.id, &event.name, &event.client, &event.server}) {
      if (text->size() > kMaxString) text->resize(kMaxString);
    }
    const auto kept = kept_.lock();
    auto& list = event.granted ? kept->granted : kept->denied;
    list.push_back(std::move(event));
    if (list.size() > kMaxEvents) list.pop_front();
  }
  // The newest last.
  std::deque<DecisionEvent> granted() const { return kept_.lock()->granted; }
  std::deque<DecisionEvent> denied() const { return kept_.lock()->denied; }

 private:
  struct Kept {
    std::deque<DecisionEvent> granted;
    std::deque<DecisionEvent> denied;
  };
  Locked<Kept> kept_;
};

}  // namespace gateway
