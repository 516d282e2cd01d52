#include "store/used_signatures.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include <linux/magic.h>
#include <sys/vfs.h>

#include "store/tables.h"

namespace store {
namespace {

namespace fs = std::filesystem;

// Some millions of signatures, each for a quarter of an hour.
constexpr std::size_t kMapBytes = std::size_t{512} << 20;
constexpr std::string_view kName = "sigv4";
// Shorter than any other key, and before all of them: no signature that is good up to then is used
// for the first time, as far as is known.
constexpr std::string_view kFloor{"\0", 1};
constexpr int kPruned = 4;  // for each that is added, so that no use waits long

std::string boot_id() {
  std::ifstream in{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  in >> id;
  return id;
}

bool on_tmpfs(const fs::path& directory) {
  struct statfs is {};
  return statfs(directory.c_str(), &is) == 0 && is.f_type == TMPFS_MAGIC;
}

// A crash of the machine leaves a torn tree, which nobody must open.
fs::path this_start_of(const fs::path& directory) {
  std::string name{kName};
  if (on_tmpfs(directory)) return directory / name;
  const std::string boot = boot_id();
  if (boot.empty()) {
    throw Fault("store: " + directory.string() +
                " is on no tmpfs, and /proc/sys/kernel/random/boot_id can't be read: used "
                "signatures could be forgotten unseen; let run_dir be on a tmpfs, as /run is");
  }
  return directory / (name + "-" + boot);
}

void remove_earlier(const fs::path& directory, const fs::path& kept) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{directory, error}) {
    const std::string name = entry.path().filename();
    if (name.starts_with(std::string(kName) + "-") && entry.path() != kept) {
      fs::remove_all(entry.path(), error);
    }
  }
}

std::string seconds_of(auth::Time time) {
  return sequence_key(
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.time_since_epoch().count())));
}

}  // namespace

void UsedSignatures::open(auth::Time now) {
  env_.reset();  // before it is opened again: LMDB's locks are the process's
  const fs::path here = this_start_of(directory_);
  remove_earlier(directory_, here);
  std::error_code error;
  if (fs::create_directory(here, error)) fs::permissions(here, fs::perms::owner_all);
  if (error) throw Fault("make " + here.string(), error.value());
  env_.emplace(here, kMapBytes, Environment::Open::scratch);
  WriteTxn txn{*env_};
  check(mdb_dbi_open(txn.raw(), nullptr, 0, &used_), "open the table of used signatures");
  if (!txn.get(used_, kFloor)) txn.put(used_, kFloor, seconds_of(now + forgotten_));
  txn.commit();
}

bool UsedSignatures::use(std::span<const std::uint8_t, 32> signature, auth::Time until,
                         auth::Time now) {
  try {
    return add(signature, until, now);
  } catch (const Fault&) {
    env_.reset();
    throw;
  }
}

bool UsedSignatures::add(std::span<const std::uint8_t, 32> signature, auth::Time until,
                         auth::Time now) {
  if (!env_) open(now);
  try {
    env_->check_files();
  } catch (const Gone&) {
    open(now);  // the other instances look there too
  }
  const std::string end = seconds_of(until);
  const std::string key = end + std::string(auth::text_of(signature));
  WriteTxn txn{*env_};
  std::string floor{txn.get(used_, kFloor).value_or("")};
  if (end <= floor || txn.get(used_, key)) return false;
  // The clock may be set back: what is forgotten here must not be good again.
  const std::string over = seconds_of(now);
  for (int i = 0; i < kPruned; ++i) {
    const auto oldest = Cursor{txn, used_}.at_or_after(std::string_view{"\0\0", 2});
    if (!oldest || oldest->key.substr(0, over.size()) >= over) break;
    const std::string gone{oldest->key};
    floor = std::max(floor, gone.substr(0, over.size()));
    txn.remove(used_, gone);
  }
  txn.put(used_, kFloor, floor);
  txn.put(used_, key, "");
  txn.commit();
  return true;
}

}  // namespace store
