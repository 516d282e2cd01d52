#include "store/anchor.h"

#include <algorithm>
#include <string_view>

#include "auth/credential/master_key.h"
#include "store/lmdb.h"
#include "store/tables.h"

namespace store {
namespace {

constexpr std::string_view kWord = "journal.anchor";
constexpr std::size_t kHashBytes = auth::Hash32{}.size();
constexpr std::size_t kKeyIdBytes = 16;
constexpr std::size_t kBodyBytes = kSequenceBytes + kHashBytes + kKeyIdBytes;

// No entry of the journal begins with these bytes, so that none's hash is an anchor's.
auth::Hash32 authenticate(const auth::MasterKey& key, std::string_view body) {
  return key.hash_journal("anchor" + std::string(body));
}

std::string text_of(const auth::Hash32& hash) {
  return {hash.begin(), hash.end()};
}

FoundAnchor wrong(const std::string& why) {
  return {{}, "the note of where the journal begins after a prune " + why, {}};
}

}  // namespace

// 8 bytes of the sequence, 32 of the hash, 16 of the key's id, 32 that authenticate these.
void put_anchor(WriteTxn& txn, const Tables& tables, const auth::MasterKey& key,
                const Anchor& anchor) {
  const std::string body = sequence_key(anchor.sequence) + text_of(anchor.hash) + key.key_id();
  txn.put(tables.meta, kWord, body + text_of(authenticate(key, body)));
}

std::optional<FoundAnchor> find_anchor(const Txn& txn, const Tables& tables,
                                       const auth::MasterKeys& keys) {
  const auto bytes = txn.get(tables.meta, kWord);
  if (!bytes) return std::nullopt;
  if (bytes->size() != kBodyBytes + kHashBytes) return wrong("cannot be read");
  const std::string_view body = bytes->substr(0, kBodyBytes);
  const std::string_view key_id = body.substr(kSequenceBytes + kHashBytes);
  const auto key = std::ranges::find(keys.all(), key_id, &auth::MasterKey::key_id);
  FoundAnchor found;
  if (key == keys.all().end()) {
    found.unknown_key = key_id;
  } else if (bytes->substr(kBodyBytes) != text_of(authenticate(*key, body))) {
    return wrong("was altered");
  }
  found.anchor.sequence = read_sequence_key(body);
  std::ranges::copy(body.substr(kSequenceBytes, kHashBytes), found.anchor.hash.begin());
  return found;
}

}  // namespace store
