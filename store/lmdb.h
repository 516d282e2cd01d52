#pragma once
// LMDB's transactions and cursor as owners. Views that a transaction gives end with it, so they
// never leave this folder. Each looks at the pages that LMDB is about to follow or to write, and
// throws DamagedPage in place of what LMDB would do with a damaged one.
// Source: lmdb.h of LMDB 0.9.24.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <lmdb.h>

#include "store/environment.h"
#include "store/page_trees.h"

namespace store {

class Txn {
 public:
  MDB_txn* raw() const { return txn_.get(); }
  // What it sees: the number of the last commit before it began.
  std::uint64_t id() const { return mdb_txn_id(txn_.get()); }
  // Valid until the transaction ends or writes.
  std::optional<std::string_view> get(MDB_dbi table, std::string_view key) const;
  // Those of the commit before this transaction.
  PageTrees& trees() const { return *trees_; }

 protected:
  // Throws Gone where the data file is of another time than LMDB's lock table.
  Txn(const Environment& env, unsigned flags);
  std::unique_ptr<MDB_txn, FreeWith<mdb_txn_abort>> txn_;

 private:
  std::unique_ptr<PageTrees> trees_;
};

// A snapshot. Short-lived: an old snapshot keeps LMDB from using freed pages again.
class ReadTxn : public Txn {
 public:
  explicit ReadTxn(const Environment& env) : Txn(env, MDB_RDONLY) {}
};

// Waits for the writer before it, of whichever process. Undone unless committed.
class WriteTxn : public Txn {
 public:
  // Throws ReadOnly.
  explicit WriteTxn(const Environment& env);
  void put(MDB_dbi table, std::string_view key, std::string_view value);
  // The same behind the last key, where whole pages are filled. A key that is not behind it is a
  // fault.
  void append(MDB_dbi table, std::string_view key, std::string_view value);
  // Absent keys are not an error.
  void remove(MDB_dbi table, std::string_view key);
  // On disk, with its fsync, when this returns. Throws Fault, and then nothing was changed.
  void commit();
};

// Walks a table in the order of its keys.
class Cursor {
 public:
  struct Item {
    std::string_view key;
    std::string_view value;
  };
  Cursor(const Txn& txn, MDB_dbi table);
  std::optional<Item> first();
  std::optional<Item> last();
  std::optional<Item> at_or_after(std::string_view key);
  std::optional<Item> next();
  std::optional<Item> previous();

 private:
  void look_ahead(std::string_view key);
  std::optional<Item> get(std::string_view key, MDB_cursor_op op);

  const PageTrees& trees_;
  const TableTree table_;
  PageTrees::Leaf checked_;  // the last leaf that was looked at: one after that of the cursor's key
  std::string key_;
  std::unique_ptr<MDB_cursor, FreeWith<mdb_cursor_close>> cursor_;
};

}  // namespace store
