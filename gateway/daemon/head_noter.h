#pragma once
// Notes the store's head every second, on a thread of its own: a lock that another process keeps,
// or a disk that hangs, holds up no decision, and ends no daemon.

#include <thread>

#include "gateway/monitor/head_state.h"
#include "gateway/platform/pause.h"
#include "store/store.h"

namespace gateway {

// Borrows its arguments. Of the store no other thread notes the head. The destructor notes it once
// more.
class HeadNoter {
 public:
  HeadNoter(store::Store& store, HeadState& state);
  HeadNoter(const HeadNoter&) = delete;
  HeadNoter& operator=(const HeadNoter&) = delete;

 private:
  void run(const std::stop_token& stop);
  void note();

  store::Store& store_;
  HeadState& state_;
  Pause pause_;
  std::jthread thread_;
};

}  // namespace gateway
