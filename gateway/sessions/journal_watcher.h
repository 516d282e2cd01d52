#pragma once
// Follows the journal of the store: whatever any process of this machine commits is read here
// soon, in order and once. inotify tells of a commit (LMDB writes its file with pwrite(2)), and a
// poll of the last transaction every second catches what it did not tell.
// Source: inotify(7).

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <thread>

#include "gateway/platform/fd.h"
#include "store/store.h"

namespace gateway {

class JournalWatcher {
 public:
  // Called on this object's thread. An exception is logged, and costs that one entry.
  using OnEntry = std::function<void(const store::Entry&)>;

  // What was committed before this began, since then: told newest first, while `on_entry` is told
  // of what is new. A few that are older may be among them. None: nothing.
  struct Earlier {
    auth::Time since;
    OnEntry on_entry;
  };

  // Begins after the newest entry. Borrows `store`; `directory` is the store's own. Throws
  // std::system_error.
  JournalWatcher(const store::Store& store, const std::filesystem::path& directory,
                 OnEntry on_entry, Earlier earlier = {});
  ~JournalWatcher();
  JournalWatcher(const JournalWatcher&) = delete;
  JournalWatcher& operator=(const JournalWatcher&) = delete;

 private:
  void run(const std::stop_token& stop);
  // Whether something was told.
  bool wait(std::chrono::microseconds patience) const;
  // Whether there was anything new.
  bool read_on();
  void read_earlier();
  static void tell(const OnEntry& on_entry, const store::Entry& entry);

  const store::Store& store_;
  OnEntry on_entry_;
  Earlier earlier_;
  Fd events_;
  Fd wake_;
  std::uint64_t txn_;
  std::uint64_t sequence_;
  std::uint64_t earlier_before_ = 0;  // this entry; 0: all are told
  std::jthread thread_;
};

}  // namespace gateway
