#include "store/head_watch.h"

#include "store/journal_head.h"

namespace store {
namespace {

[[noreturn]] void went_back() {
  throw Gone(
      "store: data.mdb went back in time while it was in use: an older copy was written over it");
}

}  // namespace

HeadWatch::HeadWatch(const Environment& env, const Tables& tables, const auth::MasterKey& key)
    : env_(env), tables_(tables), key_(key) {
  Read{*this}.check();
}

// Of the snapshot that `head_` is of, or a newer one.
void HeadWatch::check_head(const Txn& txn) const {
  if (look_for(head_, txn, tables_, key_) != NotedHead::there) went_back();
}

void HeadWatch::check(const ReadTxn& txn, std::uint64_t seen) {
  env_.check_files();
  // A commit reaches the file before the lock table.
  const std::uint64_t file = env_.file_txn();
  if (file < txn.id() || txn.id() < seen) went_back();
  // A commit uses the pages again that were freed before the last one: mdb_find_oldest() in mdb.c.
  if (env_.read_only() && file > txn.id() + 1) {
    throw Fault("store: it was changed while it was read without locks; try again. " +
                env_.why_read_only());
  }
  if (txn.id() <= txn_) return;
  const std::lock_guard lock{mutex_};
  if (txn.id() <= txn_) return;
  check_head(txn);
  head_ = newest_head(txn, tables_, key_);
  txn_ = txn.id();
}

// Whether more than the one commit that may be under way is in the file and not in the lock table.
bool HeadWatch::ahead() const {
  const std::uint64_t file = env_.file_txn();
  return file > ReadTxn{env_}.id() + 1;
}

void HeadWatch::check_now() {
  env_.settle();
  const Read read{*this};
  read.check();
  // A number that was read while it was being written is right the next time.
  if (ahead() && ahead()) went_back();
  const std::lock_guard lock{mutex_};
  if (read.txn().id() == txn_) check_head(read.txn());
}

void HeadWatch::check_write(const WriteTxn& txn) {
  env_.check_files();
  // There is one writer, and what it does is in the file after it only.
  if (env_.file_txn() + 1 != txn.id()) went_back();
  const std::lock_guard lock{mutex_};
  check_head(txn);
}

}  // namespace store
