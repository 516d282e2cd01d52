#pragma once
// Notices that the store went back in time under this process: that an older copy, or old pages,
// were written over its data file. The files are then still those that were opened, but what is
// read from them was true once, and everybody who was revoked since is active in it.
//
// LMDB takes the number of a snapshot from the lock table, not from the data file, so that it does
// not fall with the file. Compared are: that number with the one in the file's own meta pages; with
// the highest that this process has seen; and, where it has moved, the journal with its newest
// entry as this process has last seen it.
// Source: mdb.c of LMDB 0.9.24 and 0.9.31, mdb_txn_renew0() and mdb_env_info().

#include <atomic>
#include <cstdint>
#include <mutex>

#include "store/journal_chain.h"
#include "store/lmdb.h"

namespace auth {
class MasterKey;
}

namespace store {

struct Tables;

// Thread-safe. Borrows its arguments.
class HeadWatch {
 public:
  // Takes the store as it is for the newest. Throws Gone.
  HeadWatch(const Environment& env, const Tables& tables, const auth::MasterKey& key);

  // A snapshot that decides: what was read from it holds once check() has returned.
  class Read {
   public:
    explicit Read(HeadWatch& watch) : watch_(watch), seen_(watch.txn_), txn_(watch.env_) {}
    const ReadTxn& txn() const { return txn_; }
    // To be called after reading. Throws Gone, and Fault where the pages may have been written over
    // meanwhile. Costs two stat calls and, after a commit, two hashes.
    void check() const { watch_.check(txn_, seen_); }

   private:
    HeadWatch& watch_;
    const std::uint64_t seen_;  // read before the snapshot is taken, which cannot be older
    const ReadTxn txn_;
  };

  // The same and more, for a look every now and then: that the file is not ahead of the lock table
  // either, and that the newest entry is the one that was seen though nothing was committed since.
  // What a writer that died has committed is told to the readers first. Throws Gone.
  void check_now();

  // To be called before a commit, which would make what went back the newest. Throws Gone.
  void check_write(const WriteTxn& txn);

 private:
  void check(const ReadTxn& txn, std::uint64_t seen);
  void check_head(const Txn& txn) const;
  bool ahead() const;

  const Environment& env_;
  const Tables& tables_;
  const auth::MasterKey& key_;
  std::atomic<std::uint64_t> txn_ = 0;  // the newest snapshot that was compared
  std::mutex mutex_;
  Head head_;  // of that snapshot; under the mutex
};

}  // namespace store
