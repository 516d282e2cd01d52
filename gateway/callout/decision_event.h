#pragma once
// A verdict, for whoever wants to hear of it.

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <utility>

#include "auth/base/bytes.h"

namespace gateway {

// Texts are empty where they do not apply.
struct DecisionEvent {
  auth::Time at;
  bool granted = false;
  std::string reason;  // of a denial
  std::string id;      // of the credential, or what was presented
  std::string name;
  std::string account;
  std::string source;
  std::string type;    // of the connection; "sigv4": a signed request of a proxy
  std::string client;  // its own word; for "sigv4" the proxy's id
  std::string server;
  std::uint64_t cid = 0;
};

void log_decision_event(const DecisionEvent& decided, const std::string& microseconds);

// The last of them, granted and denied apart, so that a flood of the ones does not hide the others.
// Thread-safe.
class RecentDecisions {
 public:
  static constexpr std::size_t kMost = 128;
  static constexpr std::size_t kMostText = 256;  // bytes

  // What clients say of themselves may be as long as they like: it is cut, as in the log.
  void add(DecisionEvent decided) {
    for (std::string* text : {&decided.id, &decided.name, &decided.client, &decided.server}) {
      if (text->size() > kMostText) text->resize(kMostText);
    }
    const std::lock_guard lock{mutex_};
    auto& list = decided.granted ? granted_ : denied_;
    list.push_back(std::move(decided));
    if (list.size() > kMost) list.pop_front();
  }
  // The newest last.
  std::deque<DecisionEvent> granted() const {
    const std::lock_guard lock{mutex_};
    return granted_;
  }
  std::deque<DecisionEvent> denied() const {
    const std::lock_guard lock{mutex_};
    return denied_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<DecisionEvent> granted_;
  std::deque<DecisionEvent> denied_;
};

}  // namespace gateway
