#pragma once
// When, from where and how often a credential was last let in: apart from its record, as it is
// written often and matters little.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/credential/credential.h"

namespace store {

struct Tables;
class Txn;
class WriteTxn;

struct Usage {
  auth::Time last_used_at;
  std::string last_used_from;  // an address
  std::uint64_t uses = 0;
  bool operator==(const Usage&) const = default;
};

// Absent for one that was never used, and where the value cannot be read.
std::optional<Usage> find_usage(const Txn& txn, const Tables& tables, std::string_view id);

// Whether a value of the table can be read.
bool is_usage(std::string_view bytes);

// Adds the uses to those that are known; the later moment counts.
void add_usage(WriteTxn& txn, const Tables& tables, std::string_view id, const Usage& usage);

}  // namespace store
