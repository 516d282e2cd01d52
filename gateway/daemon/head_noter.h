#pragma once
// Notes the store's head every second, on a thread of its own: a lock that another process keeps,
// or a disk that hangs, holds up no decision, and ends no daemon.

#include <thread>

#include "gateway/platform/pause.h"
#include "store/store.h"

namespace gateway {

// Borrows the store, of which no other thread notes the head. The destructor notes it once more.
class HeadNoter {
 public:
  explicit HeadNoter(store::Store& store);
  HeadNoter(const HeadNoter&) = delete;
  HeadNoter& operator=(const HeadNoter&) = delete;

 private:
  void run(const std::stop_token& stop);
  void note();

  store::Store& store_;
  bool failed_ = false;  // and that is logged
  Pause pause_;
  std::jthread thread_;
};

}  // namespace gateway
