#include <algorithm>
#include <string>

#include "auth/credential/record_codec.h"
#include "auth/nats/subject.h"
#include "store/head_watch.h"
#include "store/integrity_check.h"
#include "store/journal.h"
#include "store/limits.h"
#include "store/lmdb.h"
#include "store/store.h"
#include "store/tables.h"

namespace store {
namespace {

using auth::Status;

// "ACCOUNT/NAME" of a key.
std::string shown(std::string_view key) {
  std::string text{key};
  std::ranges::replace(text, '\0', '/');
  return auth::printable(text) ? text : "a name that is not printable";
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

class TableCheck {
 public:
  TableCheck(HeadWatch& watch, const Tables& tables, std::vector<std::string>& faults,
             CheckProgress& progress)
      : watch_(watch), tables_(tables), faults_(faults), progress_(progress) {}

  void run() {
    each(tables_.logins, &TableCheck::login);
    each(tables_.names, &TableCheck::name);
    each(tables_.usage, &TableCheck::usage);
    each(tables_.requests, &TableCheck::request);
    each(tables_.meta, &TableCheck::meta);
    each(tables_.journal, &TableCheck::entry);
    if (tables_.roles == 0) return;
    each(tables_.roles, &TableCheck::role);
    each(tables_.members, &TableCheck::member);
  }

 private:
  using Look = void (TableCheck::*)(const Txn&, const Cursor::Item&);

  // In short snapshots. What an item leads to is looked for in its own.
  void each(MDB_dbi table, Look look) {
    std::string after;
    for (bool more = true; more && faults_.size() < kMaxFaults;) {
      const HeadWatch::Read read{watch_};
      Cursor cursor{read.txn(), table};
      auto at = after.empty() ? cursor.first() : cursor.at_or_after(after);
      if (at && at->key == after) at = cursor.next();
      std::size_t seen = 0;
      for (; at && seen < kPage; at = cursor.next(), ++seen) {
        after = at->key;
        (this->*look)(read.txn(), *at);
      }
      more = at.has_value();
      read.check();
      progress_.add(seen);
    }
  }

  void add(std::string_view table, std::string_view what) {
    faults_.push_back("the table " + std::string(table) + " has an entry that " +
                      std::string(what));
  }

  // A login that was rotated away, or whose owner is revoked, still leads there.
  void login(const Txn& txn, const Cursor::Item& item) {
    if (!auth::has_id_form(item.value)) return add("logins", "leads nowhere");
    if (!txn.get(tables_.credentials, item.value))
      add("logins", "leads to " + std::string(item.value) + ", which has no record");
  }

  void name(const Txn& txn, const Cursor::Item& item) {
    if (!auth::has_id_form(item.value)) return add("names", "leads nowhere");
    const auto bytes = txn.get(tables_.credentials, item.value);
    if (!bytes)
      return add("names", "leads to " + std::string(item.value) + ", which has no record");
    const auto record = auth::read_credential(*bytes);
    if (!record || record->status == Status::revoked) return;  // reported with the records
    if (name_key(record->name, record->account) != item.key)
      add("names", "leads to " + record->id + ", which has another name");
  }

  void usage(const Txn& /*txn*/, const Cursor::Item& item) {
    if (!auth::has_id_form(item.key) || !is_usage(item.value)) add("usage", "cannot be read");
  }

  void request(const Txn& /*txn*/, const Cursor::Item& item) {
    if (!is_request(item.value)) add("requests", "cannot be read");
  }

  void meta(const Txn& /*txn*/, const Cursor::Item& item) {
    const bool number =
        item.key == "schema" || item.key == "created_at" || item.key.starts_with("count.");
    if (item.value.empty() || (number && !is_number(item.value))) add("meta", "cannot be read");
  }

  void role(const Txn& /*txn*/, const Cursor::Item& item) {
    const auto found = auth::read_role(item.value);
    if (!found) return add("roles", "cannot be read: " + shown(item.key));
    if (role_key(found->account, found->name) != item.key)
      add("roles", "is not where it belongs: " + auth::role_id(found->account, found->name));
  }

  // That each credential is found by its roles is looked at with the records.
  void member(const Txn& txn, const Cursor::Item& item) {
    const auto id = item.key.substr(item.key.rfind('\0') + 1);
    const auto bytes = auth::has_id_form(id) ? txn.get(tables_.credentials, id)
                                             : std::optional<std::string_view>{};
    if (!bytes) return add("members", "leads to no record");
    const auto record = auth::read_credential(*bytes);
    if (!record) return;  // as above
    const auto keys = member_keys(*record);
    if (!item.value.empty() || std::ranges::find(keys, item.key) == keys.end())
      add("members", "leads to " + record->id + ", which does not have that role");
  }

  void entry(const Txn& txn, const Cursor::Item& item) {
    const std::uint64_t sequence = read_sequence_key(item.key);
    const std::string words = "entry " + std::to_string(sequence) + " of the journal ";
    if (item.key.size() != sizeof sequence || !read_entry(item.value))
      faults_.push_back(words + "cannot be read");
    const bool gap = sequence_ != 0 && sequence != sequence_ + 1;
    // What comes before the oldest may have been pruned meanwhile.
    if (gap && Cursor{txn, tables_.journal}.first()->key != item.key)
      faults_.push_back(words + "follows entry " + std::to_string(sequence_));
    sequence_ = sequence;
  }

  HeadWatch& watch_;
  const Tables& tables_;
  std::vector<std::string>& faults_;
  CheckProgress& progress_;
  std::uint64_t sequence_ = 0;  // of the entry before
};

}  // namespace

void Store::check_tables(std::vector<std::string>& faults, CheckProgress& progress) const {
  TableCheck{*watch_, *tables_, faults, progress}.run();
}

std::uint64_t Store::table_entries() const {
  const HeadWatch::Read read{*watch_};
  std::uint64_t count = 0;
  for (const MDB_dbi table : {tables_->logins, tables_->names, tables_->usage, tables_->requests,
                              tables_->meta, tables_->journal, tables_->roles, tables_->members}) {
    if (table == 0) continue;
    MDB_stat stat{};
    check(mdb_stat(read.txn().raw(), table, &stat), "count the entries of a table");
    count += stat.ms_entries;
  }
  return count;
}

}  // namespace store
