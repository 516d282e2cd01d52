#pragma once
// The journal: the numbered, chained list of what was changed, by whom, when. It holds no secret.
// Each entry carries a hash of the one before, keyed from the master key, so that who can write the
// store but has no key can neither alter nor drop an entry unseen.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/time.h"
#include "auth/credential/credential.h"

namespace auth {
class MasterKey;
}

namespace store {

struct Tables;
class WriteTxn;

// `rehash`: a secret that was just proved is stored under a newer key or in a better form.
// `withdraw`: an import that failed took back what it had made. `kick`: its live connections are
// closed; the record stays as it is. `prune`: the oldest entries were removed. `restore`:
// an older copy of the store was accepted. These two are of no credential. Those of roles have
// auth::role_id() in the place of an id; `kick_role`: the live connections of all who
// have it are closed.
enum class Action : std::uint8_t {
  create = 1,
  update,
  suspend,
  resume,
  revoke,
  rotate,
  rehash,
  withdraw,
  kick,
  prune,
  restore,
  create_role,
  update_role,
  delete_role,
  kick_role,
};

inline constexpr Action kLastAction = Action::kick_role;

std::string_view name(Action action);
std::optional<Action> read_action(std::string_view word);

// One field of the record, as JSON texts. Of a long list they are {"removed":[…]} and
// {"added":[…]}: no field of a record is an object with these members.
struct FieldChange {
  std::string field;
  std::string before;
  std::string after;
  bool operator==(const FieldChange&) const = default;
};

struct Entry {
  std::uint64_t sequence = 0;  // the key; not in the value
  auth::Time at;
  std::string actor;  // "local:alice"
  Action action = Action::create;
  std::string id;
  std::uint64_t revision = 0;  // of the record after the change
  std::vector<FieldChange> fields;
  std::string reason;
  std::string key_id{};     // the master key that `previous` is keyed with
  auth::Hash32 previous{};  // of the entry before; zero in the first
  bool operator==(const Entry&) const = default;
};

// Which entries are wanted: those that fit all of it.
struct JournalFilter {
  std::string id{};
  std::string actor{};
  std::optional<Action> action{};
  std::optional<auth::Time> since{};
  std::optional<auth::Time> until{};  // those at this moment are not among them
};
bool matches(const Entry& entry, const JournalFilter& filter);

// version(1 byte, 1) ‖ value (auth/base/archive.h)
std::string write_entry(const Entry& entry);
// Absent for anything else. The sequence is not set.
std::optional<Entry> read_entry(std::string_view bytes);

// Numbers, chains and puts it. Gives the sequence. Throws Fault where the newest row is damaged.
std::uint64_t append(WriteTxn& txn, const Tables& tables, const auth::MasterKey& key, Entry entry);

}  // namespace store
