#include "store/journal_chain.h"

#include <algorithm>
#include <utility>

#include "auth/credential/master_key.h"
#include "store/journal.h"

namespace store {

ChainCheck::ChainCheck(const auth::MasterKeys& keys, std::optional<Head> noted)
    : keys_(keys), noted_(noted) {}

const auth::MasterKey* ChainCheck::key_named(std::string_view key_id) const {
  const auto& all = keys_.all();
  const auto found = std::ranges::find(all, key_id, &auth::MasterKey::key_id);
  return found == all.end() ? nullptr : &*found;
}

// Under whichever key it was noted.
void ChainCheck::check_noted(std::string_view bytes) {
  const bool same = std::ranges::any_of(keys_.all(), [&](const auth::MasterKey& key) {
    return key.hash_journal(bytes) == noted_->hash;
  });
  if (!same) {
    faults_.push_back("entry " + std::to_string(sequence_) +
                      " differs from the one that was noted: it was altered since, or noted under "
                      "a master key that is not configured");
  }
}

void ChainCheck::add(std::uint64_t sequence, std::string_view bytes) {
  const std::string number = std::to_string(sequence);
  if (sequence != sequence_ + 1) {
    faults_.push_back("entries " + std::to_string(sequence_ + 1) + " to " +
                      std::to_string(sequence - 1) + " are missing");
    before_.clear();
  }
  const auto entry = read_entry(bytes);
  const auth::MasterKey* key = entry ? key_named(entry->key_id) : nullptr;
  const bool first = sequence == 1;
  if (!entry) {
    faults_.push_back("entry " + number + " cannot be read");
  } else if (key == nullptr) {
    if (unknown_keys_.insert(entry->key_id).second) {
      faults_.push_back("entry " + number + " and others were chained under master key " +
                        entry->key_id + ", which is not configured: they cannot be verified");
    }
  } else if (first || !before_.empty()) {
    const auth::Hash32 wanted = first ? auth::Hash32{} : key->hash_journal(before_);
    if (entry->previous != wanted) {
      faults_.push_back("entry " + number +
                        " does not follow the one before it: one of the two was " + "altered");
    }
  }
  sequence_ = sequence;
  if (noted_ && noted_->sequence == sequence) check_noted(bytes);
  before_ = bytes;
}

std::vector<std::string> ChainCheck::end() {
  if (noted_ && noted_->sequence > sequence_) {
    faults_.push_back("the journal ends at " + std::to_string(sequence_) + ", but entry " +
                      std::to_string(noted_->sequence) + " was noted: its end was cut off");
  }
  return std::move(faults_);
}

}  // namespace store
