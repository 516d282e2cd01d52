#pragma once
// Whether there is room for a change. A part of the map and of the disk (disk_reserve.h) is a
// reserve for suspending and revoking, which never ask: whoever fills the store, or the disk, must
// not make that impossible.

#include <cstddef>
#include <cstdint>

namespace store {

class Environment;
struct Tables;
class Txn;
class WriteTxn;

// Of the map: for what each commit copies, and for suspending and then revoking every credential.
inline constexpr std::size_t kMapReserve = std::size_t{256} << 20;  // an eighth of a small map
inline constexpr std::size_t kSecurityChange = std::size_t{1} << 10;

// Of one write transaction. Borrows its arguments.
class Room {
 public:
  Room(const Environment& env, const WriteTxn& txn, const Tables& tables)
      : env_(env), txn_(txn), tables_(tables) {}
  // Takes `bytes` of values, and the pages that are copied with them. The reserve grows by
  // `security_changes` more, which can be made afterwards. Throws Full, and then nothing was taken.
  void take(std::size_t bytes, std::size_t security_changes = 0);

 private:
  void check_map(std::size_t bytes, std::size_t taken) const;
  void check_disk(std::size_t taken) const;

  const Environment& env_;
  const WriteTxn& txn_;
  const Tables& tables_;
  std::size_t taken_ = 0;
};

// What of the map is above the reserve. Pages that are free again are, once no reader of any
// process sees them any more.
std::size_t left_bytes(const Environment& env, const Tables& tables);

}  // namespace store
