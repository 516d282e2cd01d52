#include "store/usage.h"

#include "store/lmdb.h"
#include "store/tables.h"

namespace store {
namespace {

std::uint64_t seconds_since_1970(auth::Time at) {
  return static_cast<std::uint64_t>(at.time_since_epoch().count());
}

}  // namespace

bool is_usage(std::string_view bytes) {
  return bytes.size() >= 2 * kSequenceBytes;
}

// 8 bytes of the time, 8 of the count, then the address.
std::optional<Usage> find_usage(const Txn& txn, const Tables& tables, std::string_view id) {
  const auto bytes = txn.get(tables.usage, id);
  if (!bytes || !is_usage(*bytes)) return std::nullopt;
  return Usage{.last_used_at = auth::Time{std::chrono::seconds{read_sequence_key(*bytes)}},
               .last_used_from = std::string(bytes->substr(2 * kSequenceBytes)),
               .uses = read_sequence_key(bytes->substr(kSequenceBytes))};
}

void add_usage(WriteTxn& txn, const Tables& tables, std::string_view id, const Usage& usage) {
  Usage sum = find_usage(txn, tables, id).value_or(Usage{});
  sum.uses += usage.uses;
  if (usage.last_used_at >= sum.last_used_at) {
    sum.last_used_at = usage.last_used_at;
    sum.last_used_from = usage.last_used_from;
  }
  txn.put(tables.usage, id,
          sequence_key(seconds_since_1970(sum.last_used_at)) + sequence_key(sum.uses) +
              sum.last_used_from);
}

}  // namespace store
