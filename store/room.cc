#include "store/room.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include <sys/statvfs.h>

#include "store/disk_reserve.h"
#include "store/lmdb.h"
#include "store/tables.h"

namespace store {
namespace {

// What a change copies: a path through each table, and through LMDB's own two.
constexpr std::size_t kCopiedPages = 16;
constexpr std::size_t kPageHeader = 16;

std::size_t page_bytes(const Environment& env) {
  MDB_stat stat;
  check(mdb_env_stat(env.raw(), &stat), "environment statistics");
  return stat.ms_psize;
}

std::string size_text(std::size_t bytes) {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  return bytes < kMiB ? std::to_string(bytes >> 10) + " KiB" : std::to_string(bytes >> 20) + " MiB";
}

// One line of the reader table: "     pid   thread   txnid", of which the last is "-" between two
// transactions.
int lower_to_reader(const char* line, void* oldest) {
  std::string_view text{line};
  while (text.ends_with('\n') || text.ends_with(' '))
    text.remove_suffix(1);
  text.remove_prefix(text.rfind(' ') + 1);
  std::uint64_t txn = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), txn);
  auto* lowest = static_cast<std::uint64_t*>(oldest);
  if (error == std::errc{} && end == text.data() + text.size()) *lowest = std::min(*lowest, txn);
  return 0;
}

// What was freed before this transaction is seen by no reader. Those that died do not count.
std::uint64_t oldest_snapshot(const Environment& env, const Txn& newest) {
  int dead = 0;
  check(mdb_reader_check(env.raw(), &dead), "clear readers that died");
  std::uint64_t oldest = newest.id();
  if (mdb_reader_list(env.raw(), &lower_to_reader, &oldest) < 0)
    throw Fault("store: the table of readers cannot be read");
  return oldest;
}

// In pages that are free again, and that the next commit may use.
std::size_t usable_bytes(const Environment& env) {
  const ReadTxn txn{env};
  const std::uint64_t oldest = oldest_snapshot(env, txn);
  Cursor cursor{txn, kFreePages};
  std::size_t pages = 0;
  for (auto at = cursor.first(); at; at = cursor.next()) {
    std::size_t by = 0;
    std::size_t count = 0;
    std::memcpy(&by, at->key.data(), std::min(sizeof by, at->key.size()));
    if (by >= oldest) break;
    std::memcpy(&count, at->value.data(), std::min(sizeof count, at->value.size()));
    pages += count;
  }
  return pages * page_bytes(env);
}

// For what commits copy. A value is at most an eighth of it: whoever revokes a record needs as many
// pages beside each other as it has.
std::size_t copy_reserve(std::size_t map_bytes) {
  return std::min(map_bytes / 8, kMapReserve);
}

std::size_t map_reserve(const Txn& txn, const Tables& tables, std::size_t map_bytes) {
  const std::size_t changes =
      2 * meta_number(txn, tables, "count.active") + meta_number(txn, tables, "count.suspended");
  return copy_reserve(map_bytes) + changes * kSecurityChange;
}

}  // namespace

std::size_t left_bytes(const Environment& env, const Tables& tables) {
  const Space space = env.space();
  const std::size_t used = space.used_bytes + map_reserve(ReadTxn{env}, tables, space.map_bytes);
  const std::size_t all = space.map_bytes + usable_bytes(env);
  return all - std::min(all, used);
}

void Room::take(std::size_t bytes, std::size_t security_changes) {
  const std::size_t taken =
      taken_ + bytes + security_changes * kSecurityChange + kCopiedPages * page_bytes(env_);
  check_map(bytes, taken);
  check_disk(taken);
  taken_ = taken;
}

// Pages at the end that were never used count first: they lie beside each other, as a large value
// needs them. Of those that are free again it may find too few, and grow into the reserve.
void Room::check_map(std::size_t bytes, std::size_t taken) const {
  const Space space = env_.space();
  const std::size_t reserve = map_reserve(txn_, tables_, space.map_bytes);
  if (bytes > copy_reserve(space.map_bytes) / 8) {
    throw Full("store: a change of " + size_text(bytes) + " is too large for a map of " +
               size_text(space.map_bytes) +
               "; raise store.map_size and restart everything that has the store open");
  }
  std::size_t used = space.used_bytes;
  if (used + taken + reserve <= space.map_bytes) return;
  const std::size_t usable = usable_bytes(env_);
  used -= std::min(used, usable);
  if (bytes + kPageHeader <= page_bytes(env_) && used + taken + reserve <= space.map_bytes) return;
  throw Full("store: the map is nearly full: " + size_text(space.map_bytes - used) + " of " +
             size_text(space.map_bytes) +
             " (store.map_size) are left, which are kept for suspend and revoke; raise "
             "store.map_size and restart everything that has the store open, or remove old entries "
             "of the journal: credgate history --prune 90d");
}

void Room::check_disk(std::size_t taken) const {
  const DiskReserve reserve = reserve_disk(env_, taken);
  if (reserve.blocks == Blocks::taken) return;
  const std::filesystem::path directory = env_.directory();
  struct statvfs disk{};
  if (statvfs(directory.c_str(), &disk) != 0) {
    const int why = errno;
    env_.check_files();
    throw Fault("look at the disk of " + directory.string(), why);
  }
  const std::size_t left = disk.f_bavail * disk.f_frsize;
  // Some file systems do not say how many there are.
  const bool enough = disk.f_blocks == 0 || left >= reserve.missing;
  if (reserve.blocks == Blocks::unknown && enough) return;
  throw Full("store: the disk is nearly full: " + size_text(left) + " are left in " +
             directory.string() +
             ", and what the store has of it is kept for suspend and revoke; make room there, at "
             "least " +
             size_text(reserve.missing) + ", and try again");
}

}  // namespace store
