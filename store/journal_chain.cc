#include "store/journal_chain.h"

#include <algorithm>
#include <iterator>
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

void ChainCheck::begin_after(const FoundAnchor& found, std::uint64_t oldest) {
  if (!found.wrong.empty()) {
    faults_.push_back(found.wrong);
    return;
  }
  if (!found.unknown_key.empty()) {
    anchor_unverified_ = "where the journal begins after a prune was noted under master key " +
                         found.unknown_key + ", which is not configured: it cannot be verified";
  }
  const auto& [sequence, hash] = found.anchor;
  const bool removed = noted_ && noted_->sequence > sequence_ && noted_->sequence <= sequence;
  if (removed && (noted_->sequence < sequence || noted_->hash != hash)) {
    faults_.push_back("entry " + std::to_string(noted_->sequence) +
                      " was noted, and cannot be compared: the entries up to " +
                      std::to_string(sequence) + " were removed since; note a newer head");
  }
  if (oldest <= sequence) {
    faults_.push_back("entry " + std::to_string(oldest) + " is there, but the entries up to " +
                      std::to_string(sequence) + " were removed: somebody put it there");
  }
  sequence_ = sequence;
  before_.clear();
  anchored_ = hash;
}

std::optional<auth::Hash32> ChainCheck::wanted(std::uint64_t sequence,
                                               const auth::MasterKey& key) const {
  if (anchored_) return anchored_;
  if (sequence == 1) return auth::Hash32{};
  if (before_.empty()) return std::nullopt;
  return key.hash_journal(before_);
}

void ChainCheck::add(std::uint64_t sequence, std::string_view bytes) {
  const std::string number = std::to_string(sequence);
  if (sequence != sequence_ + 1) {
    faults_.push_back("entries " + std::to_string(sequence_ + 1) + " to " +
                      std::to_string(sequence - 1) + " are missing");
    before_.clear();
    anchored_.reset();
  }
  const auto entry = read_entry(bytes);
  const auth::MasterKey* key = entry ? key_named(entry->key_id) : nullptr;
  if (!entry) {
    faults_.push_back("entry " + number + " cannot be read");
  } else if (key == nullptr) {
    unknown_keys_.try_emplace(entry->key_id, sequence);
  } else if (entry->previous != wanted(sequence, *key).value_or(entry->previous)) {
    faults_.push_back("entry " + number +
                      " does not follow the one before it: one of the two was altered");
  }
  anchored_.reset();
  sequence_ = sequence;
  if (noted_ && noted_->sequence == sequence) check_noted(bytes);
  before_ = bytes;
}

std::vector<std::string> ChainCheck::unverified() const {
  std::vector<std::string> sentences;
  if (!anchor_unverified_.empty()) sentences.push_back(anchor_unverified_);
  for (const auto& [key_id, first] : unknown_keys_) {
    sentences.push_back("entry " + std::to_string(first) +
                        " and others were chained under master key " + key_id +
                        ", which is not configured: they cannot be verified");
  }
  return sentences;
}

std::vector<std::string> ChainCheck::end() {
  if (noted_ && noted_->sequence > sequence_) {
    faults_.push_back("the journal ends at " + std::to_string(sequence_) + ", but entry " +
                      std::to_string(noted_->sequence) + " was noted: its end was cut off");
  }
  std::ranges::move(unverified(), std::back_inserter(faults_));
  return std::move(faults_);
}

}  // namespace store
