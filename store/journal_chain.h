#pragma once
// Whether the journal is whole: each entry carries a keyed hash of the one before.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credential/credential.h"
#include "store/anchor.h"

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
  bool operator==(const Head&) const = default;
};

class ChainCheck {
 public:
  // `keys` must outlive this.
  ChainCheck(const auth::MasterKeys& keys, std::optional<Head> noted);

  // What is added next follows the anchor: the entries up to it were removed. `oldest`: the entry
  // that the journal begins with.
  void begin_after(const FoundAnchor& anchor, std::uint64_t oldest);
  // The entries, in order.
  void add(std::uint64_t sequence, std::string_view bytes);
  // What is wrong, in sentences, and what is unverified().
  std::vector<std::string> end();
  // What cannot be verified, as its master key is not configured.
  std::vector<std::string> unverified() const;
  // Nothing is wrong but that.
  bool whole() const { return faults_.empty(); }

 private:
  const auth::MasterKey* key_named(std::string_view key_id) const;
  // What `previous` must be in the next entry; absent where it cannot be told.
  std::optional<auth::Hash32> wanted(std::uint64_t sequence, const auth::MasterKey& key) const;
  void check_noted(std::string_view bytes);

  const auth::MasterKeys& keys_;
  const std::optional<Head> noted_;
  std::uint64_t sequence_ = 0;
  std::string before_;                                 // the bytes of the entry before
  std::optional<auth::Hash32> anchored_;               // its hash, where it was removed
  std::string anchor_unverified_;                      // a sentence
  std::map<std::string, std::uint64_t> unknown_keys_;  // the first entry under each
  std::vector<std::string> faults_;
};

}  // namespace store
