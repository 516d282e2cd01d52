#pragma once
// Where decisions are put for whoever wants to hear of them: the threads that decide know none of
// those, and wait for none.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <stop_token>
#include <thread>
#include <utility>

#include "gateway/callout/decision_event.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/locked.h"
#include "gateway/platform/log.h"

namespace gateway {

// Thread-safe.
class DecisionSink {
 public:
  static constexpr std::size_t kMaxWaiting = 65'536;

  // `lost` counts the events for which there was no room; it must outlive this.
  explicit DecisionSink(Count& lost) : lost_(lost) {}

  // Returns at once.
  void push(DecisionEvent event) {
    const auto waiting = waiting_.lock();
    if (waiting->size() >= kMaxWaiting) {
      ++lost_;
      return;
    }
    waiting->push_back(std::move(event));
    changed_.notify_one();
  }
  // Waits for events; empty once it is stopped and none is left.
  std::deque<DecisionEvent> take(const std::stop_token& stop) {
    auto waiting = waiting_.lock();
    waiting.wait(changed_, stop, [&] { return !waiting->empty(); });
    return std::exchange(*waiting, {});
  }

 private:
  Count& lost_;
  std::condition_variable_any changed_;
  Locked<std::deque<DecisionEvent>> waiting_;
};

// Hands the events of a sink on, in order, from a thread of its own. At its end nothing is left in
// the sink.
class DecisionConsumer {
 public:
  // `consume` is called on that thread. What it throws is logged as a `fault`, and costs that one
  // event. The sink must outlive this.
  DecisionConsumer(DecisionSink& sink, std::function<void(const DecisionEvent&)> consume)
      : thread_([&sink, consume = std::move(consume)](const std::stop_token& stop) {
          for (auto events = sink.take(stop); !events.empty(); events = sink.take(stop)) {
            for (const DecisionEvent& event : events)
              consume_one(consume, event);
          }
        }) {}

 private:
  static void consume_one(const std::function<void(const DecisionEvent&)>& consume,
                          const DecisionEvent& event) {
    try {
      consume(event);
    } catch (const std::exception& fault) {
      log(Level::error, "fault", {{"error", fault.what()}});
    }
  }

  std::jthread thread_;
};

}  // namespace gateway
