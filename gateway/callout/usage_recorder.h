#pragma once
// Records the use of credentials in batches: no connection ever waits for it. What was recorded
// since the last batch is lost with a crash.

#include <map>
#include <stop_token>
#include <string>
#include <thread>

#include "gateway/callout/decision_event.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/locked.h"
#include "gateway/platform/pause.h"
#include "store/store.h"

namespace gateway {

class UsageRecorder {
 public:
  // Borrows its arguments. `lost` counts batches that could not be stored. The last batch is
  // written at the end of this object.
  UsageRecorder(store::Store& store, Count& lost);

  // Returns at once. Thread-safe. Denials are not uses.
  void add(const DecisionEvent& event);

 private:
  void run(const std::stop_token& stop);
  void write_batch();

  store::Store& store_;
  Count& lost_;
  bool failed_ = false;  // the last batch; logged once
  Locked<std::map<std::string, store::Usage, std::less<>>> uses_;
  Pause pause_;
  std::jthread thread_;
};

}  // namespace gateway
