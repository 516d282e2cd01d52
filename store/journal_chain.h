#pragma once
// Whether the journal is whole: each entry carries a keyed hash of the one before.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credential/credential.h"

namespace auth {
class MasterKey;
class MasterKeys;
}  // namespace auth

namespace store {

// The newest entry of the journal. Whoever has noted one can tell later that nothing up to it was
// altered, and that nothing was cut off behind it.
struct Head {
  std::uint64_t sequence = 0;
  auth::Hash32 hash{};  // of the entry, keyed with the master key of the time
};

class ChainCheck {
 public:
  // `keys` must outlive this.
  ChainCheck(const auth::MasterKeys& keys, std::optional<Head> noted);

  // The entries, in order.
  void add(std::uint64_t sequence, std::string_view bytes);
  // What is wrong, in sentences.
  std::vector<std::string> end();

 private:
  const auth::MasterKey* key_named(std::string_view key_id) const;
  void check_noted(std::string_view bytes);

  const auth::MasterKeys& keys_;
  const std::optional<Head> noted_;
  std::uint64_t sequence_ = 0;
  std::string before_;  // the bytes of the entry before
  std::set<std::string> unknown_keys_;
  std::vector<std::string> faults_;
};

}  // namespace store
