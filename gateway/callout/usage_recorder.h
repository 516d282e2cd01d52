#pragma once
// Notes the use of credentials, and writes it in batches: no connection ever waits for it. What was
// noted since the last batch is lost with a crash.

#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "gateway/callout/decider.h"
#include "store/store.h"

namespace gateway {

class UsageRecorder {
 public:
  // Both must outlive this; `lost` counts batches that could not be stored. What is still noted at
  // the end is written then.
  UsageRecorder(store::Store& store, Count& lost);
  ~UsageRecorder();
  UsageRecorder(const UsageRecorder&) = delete;
  UsageRecorder& operator=(const UsageRecorder&) = delete;

  // Returns at once; thread-safe. Denials are not uses.
  void note(const DecisionEvent& decided);

 private:
  void run(const std::stop_token& stop);
  void write_all();

  store::Store& store_;
  Count& lost_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, store::Usage, std::less<>> noted_;
  bool failed_ = false;  // the last batch; said once
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace gateway
