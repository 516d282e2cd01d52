#pragma once
// LMDB's lock table, as far as LMDB has no function for it.
// Source: mdb.c of LMDB 0.9.24 and 0.9.31, MDB_txninfo and mdb_env_setup_locks(); the kernel's
// robust-futex-ABI.

#include <filesystem>

namespace store {

// A descriptor of the file beside LMDB's own. Closing it drops the locks by which LMDB knows who
// has the environment open (fcntl(2)): it is opened after the environment and closed after it.
class LockTable {
 public:
  // Takes the blocks of the disk for the whole table, where it can: LMDB maps it, so that a reader
  // on a full disk would be ended by SIGBUS. Throws Fault.
  explicit LockTable(const std::filesystem::path& file);
  ~LockTable();
  LockTable(const LockTable&) = delete;
  LockTable& operator=(const LockTable&) = delete;

  // Whether a process that lives, of which it may be stopped, has the write lock: the kernel takes
  // the lock's owner out when that dies. Also false for a table of another form.
  bool has_writer() const;

 private:
  int fd_;
};

}  // namespace store
