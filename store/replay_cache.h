#pragma once
// The signatures that have opened a connection, each good for one: an LMDB environment of its own,
// which the instances of a machine share. Its commits reach no disk, as a login waits for them: the
// machine's next start finds it empty, and then knows what it has forgotten by the dates alone.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "auth/base/time.h"
#include "store/fault.h"

namespace store {

class Environment;

// What both clocks say at once: a wall clock that was wrong when this was begun is known by the
// other.
struct ClockReading {
  auth::Time now;
  std::chrono::seconds since_boot;  // CLOCK_BOOTTIME
};

// For one caller at a time.
class ReplayCache {
 public:
  // Kept in a directory of its own under `directory`, where it is made if it is missing: then
  // whatever is good up to `forgotten` from that moment on may have been used before.
  ReplayCache(std::filesystem::path directory, std::chrono::seconds forgotten);
  ~ReplayCache();
  ReplayCache(const ReplayCache&) = delete;
  ReplayCache& operator=(const ReplayCache&) = delete;

  // Done by the first use otherwise. Throws Fault: LMDB's, and where it could outlive the machine's
  // start unseen, on a disk with /proc hidden.
  void open(const ClockReading& at);

  // Whether it is used for the first time, which this then was, or once more by the same `user`,
  // who is new with each login. It is remembered up to `until`, when it is good no more; one
  // signature always has the same. Waits for the writer before it, of whichever process. Throws
  // Fault, also where too many are remembered.
  bool use(std::span<const std::uint8_t, 32> signature, std::span<const std::uint8_t, 32> user,
           auth::Time until, const ClockReading& at);

 private:
  bool add(std::span<const std::uint8_t, 32> signature, std::span<const std::uint8_t, 32> user,
           auth::Time until, const ClockReading& at);

  const std::filesystem::path directory_;
  const std::chrono::seconds forgotten_;
  std::unique_ptr<const Environment> env_;
  unsigned used_ = 0;  // MDB_dbi
};

}  // namespace store
