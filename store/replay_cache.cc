#include "store/replay_cache.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include <linux/magic.h>
#include <sys/vfs.h>

#include "store/lmdb.h"
#include "store/tables.h"

namespace store {
namespace {

namespace fs = std::filesystem;

// More than a thousand logins a second for a quarter of an hour, and room for as many once more, so
// that the old can be removed.
constexpr std::size_t kMaxSignatures = 1'000'000;
constexpr std::size_t kMapBytes = std::size_t{256} << 20;
constexpr std::string_view kName = "sigv4";
// Shorter than any other key, and before all of them: no signature that is good up to then is used
// for the first time, as far as is known.
constexpr std::string_view kFloor{"\0", 1};
// How the clock stood to the machine's running time.
constexpr std::string_view kClock{"\0\0", 2};
constexpr std::string_view kFirst{"\0\0\0", 3};  // of the signatures
constexpr int kPruned = 4;               // for each that is added, so that no use waits long
constexpr std::int64_t kClockNoise = 2;  // seconds

std::string boot_id() {
  std::ifstream in{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  in >> id;
  return id;
}

bool on_tmpfs(const fs::path& directory) {
  struct statfs is{};
  return statfs(directory.c_str(), &is) == 0 && is.f_type == TMPFS_MAGIC;
}

// A crash of the machine leaves a torn tree, which nobody must open.
fs::path this_start_of(const fs::path& directory) {
  std::string name{kName};
  if (on_tmpfs(directory)) return directory / name;
  const std::string boot = boot_id();
  if (boot.empty()) {
    throw Fault("store: " + directory.string() +
                " is not on a tmpfs, and /proc/sys/kernel/random/boot_id cannot be read: used "
                "signatures could be lost unnoticed; set run_dir to a tmpfs such as /run");
  }
  return directory / (name + "-" + boot);
}

void remove_earlier(const fs::path& directory, const fs::path& kept) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{directory, error}) {
    const std::string name = entry.path().filename();
    const bool alike = name.size() == kept.filename().string().size();
    if (alike && name.starts_with(std::string(kName) + "-") && entry.path() != kept) {
      fs::remove_all(entry.path(), error);
    }
  }
}

std::string seconds_of(auth::Time time) {
  return sequence_key(
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.time_since_epoch().count())));
}

std::int64_t offset_of(const ClockReading& at) {
  return at.now.time_since_epoch().count() - at.since_boot.count();
}

// Of a clock that was behind when this was begun, and is set right now: what was used before then
// is newer than the floor says.
void raise_floor_with_clock(WriteTxn& txn, MDB_dbi used, const ClockReading& at) {
  const std::int64_t is = offset_of(at);
  const std::int64_t was = static_cast<std::int64_t>(read_sequence_key(
      txn.get(used, kClock).value_or(sequence_key(static_cast<std::uint64_t>(is)))));
  if (is - was <= kClockNoise) return;
  const std::uint64_t floor = read_sequence_key(*txn.get(used, kFloor));
  txn.put(used, kFloor, sequence_key(floor + static_cast<std::uint64_t>(is - was)));
  txn.put(used, kClock, sequence_key(static_cast<std::uint64_t>(is)));
}

}  // namespace

ReplayCache::ReplayCache(std::filesystem::path directory, std::chrono::seconds forgotten)
    : directory_(std::move(directory)), forgotten_(forgotten) {}

ReplayCache::~ReplayCache() = default;

void ReplayCache::open(const ClockReading& at) {
  env_.reset();  // before it is opened again: LMDB's locks are the process's
  const fs::path here = this_start_of(directory_);
  remove_earlier(directory_, here);
  std::error_code error;
  if (fs::create_directory(here, error)) fs::permissions(here, fs::perms::owner_all);
  if (error) throw Fault("make " + here.string(), error.value());
  env_ = std::make_unique<const Environment>(here, kMapBytes, Environment::Open::scratch);
  WriteTxn txn{*env_};
  check(mdb_dbi_open(txn.raw(), nullptr, 0, &used_), "open the table of used signatures");
  if (!txn.get(used_, kFloor)) {
    txn.put(used_, kFloor, seconds_of(at.now + forgotten_));
    txn.put(used_, kClock, sequence_key(static_cast<std::uint64_t>(offset_of(at))));
  }
  txn.commit();
}

bool ReplayCache::use(std::span<const std::uint8_t, 32> signature,
                      std::span<const std::uint8_t, 32> user, auth::Time until,
                      const ClockReading& at) {
  try {
    return add(signature, user, until, at);
  } catch (const Fault&) {
    env_.reset();
    throw;
  }
}

bool ReplayCache::add(std::span<const std::uint8_t, 32> signature,
                      std::span<const std::uint8_t, 32> user, auth::Time until,
                      const ClockReading& at) {
  if (!env_) open(at);
  try {
    env_->check_files();
  } catch (const Gone&) {
    open(at);  // the other instances look there too
  }
  const std::string end = seconds_of(until);
  const std::string key = end + std::string(auth::text_of(signature));
  WriteTxn txn{*env_};
  raise_floor_with_clock(txn, used_, at);
  std::string floor{txn.get(used_, kFloor).value_or("")};
  if (end <= floor) return false;
  if (const auto used_by = txn.get(used_, key)) return *used_by == auth::text_of(user);
  // The clock may be set back: what is forgotten here must not be good again.
  const std::string over = seconds_of(at.now);
  for (int i = 0; i < kPruned; ++i) {
    const auto oldest = Cursor{txn, used_}.at_or_after(kFirst);
    if (!oldest || oldest->key.substr(0, over.size()) >= over) break;
    const std::string gone{oldest->key};
    floor = std::max(floor, gone.substr(0, over.size()));
    txn.remove(used_, gone);
  }
  MDB_stat stat;
  check(mdb_stat(txn.raw(), used_, &stat), "count used signatures");
  if (stat.ms_entries > kMaxSignatures) {
    throw Fault("store: the replay cache is full: too many signatures were used within 15 minutes");
  }
  txn.put(used_, kFloor, floor);
  txn.put(used_, key, auth::text_of(user));
  txn.commit();
  return true;
}

}  // namespace store
