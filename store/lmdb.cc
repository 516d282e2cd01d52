#include "store/lmdb.h"

#include "store/fault.h"

namespace store {
namespace {

MDB_val val(std::string_view bytes) {
  // LMDB's type is not const; it writes through it only in MDB_RESERVE, which is not used.
  return {bytes.size(),
          const_cast<char*>(bytes.data())};  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

std::string_view view(const MDB_val& v) {
  return {static_cast<const char*>(v.mv_data), v.mv_size};
}

unsigned write_flags(const Environment& env) {
  if (env.read_only()) throw ReadOnly("store: " + env.why_read_only());
  return 0;
}

// A snapshot's meta page is written over by the second commit after it, which may come before it is
// read here. A newer snapshot has a newer one.
constexpr int kSnapshots = 1000;

}  // namespace

Txn::Txn(const Environment& env, unsigned flags) {
  const bool reads = (flags & MDB_RDONLY) != 0;
  for (int tries = 0; tries < kSnapshots; ++tries) {
    txn_.reset();
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env.raw(), nullptr, flags, &txn), "begin transaction");
    txn_.reset(txn);
    const std::uint64_t seen = reads ? id() : id() - 1;
    const Meta meta = env.file().meta_of(seen);
    if (meta.txn == seen) {
      trees_ = std::make_unique<PageTrees>(env.file(), meta);
      return;
    }
    if (!reads) break;
  }
  throw Gone(
      "store: data.mdb went back in time while it was in use: an older copy was written over it");
}

std::optional<std::string_view> Txn::get(MDB_dbi table, std::string_view key) const {
  static_cast<void>(trees_->check_path(trees_->table(table), key));
  MDB_val k = val(key);
  MDB_val v{};
  const int code = mdb_get(txn_.get(), table, &k, &v);
  if (code == MDB_NOTFOUND) return std::nullopt;
  check(code, "get");
  return view(v);
}

WriteTxn::WriteTxn(const Environment& env) : Txn(env, write_flags(env)) {}

void WriteTxn::put(MDB_dbi table, std::string_view key, std::string_view value) {
  trees().check_write(trees().table(table), key, PageTrees::Write::put);
  MDB_val k = val(key);
  MDB_val v = val(value);
  check(mdb_put(txn_.get(), table, &k, &v, 0), "put");
}

void WriteTxn::append(MDB_dbi table, std::string_view key, std::string_view value) {
  trees().check_write(trees().table(table), key, PageTrees::Write::put);
  MDB_val k = val(key);
  MDB_val v = val(value);
  check(mdb_put(txn_.get(), table, &k, &v, MDB_APPEND), "append");
}

void WriteTxn::remove(MDB_dbi table, std::string_view key) {
  trees().check_write(trees().table(table), key, PageTrees::Write::remove);
  MDB_val k = val(key);
  const int code = mdb_del(txn_.get(), table, &k, nullptr);
  if (code != MDB_NOTFOUND) check(code, "delete");
}

void WriteTxn::commit() {
  check(mdb_txn_commit(txn_.release()), "commit");  // LMDB frees the handle even when this fails
}

Cursor::Cursor(const Txn& txn, MDB_dbi table) : trees_(txn.trees()), table_(trees_.table(table)) {
  MDB_cursor* cursor = nullptr;
  check(mdb_cursor_open(txn.raw(), table, &cursor), "open cursor");
  cursor_.reset(cursor);
}

std::optional<Cursor::Item> Cursor::first() {
  checked_ = trees_.check_first(table_);
  if (checked_.to) checked_ = trees_.check_path(table_, *checked_.to);
  return get({}, MDB_FIRST);
}

std::optional<Cursor::Item> Cursor::last() {
  checked_ = trees_.check_last(table_);
  return get({}, MDB_LAST);
}

std::optional<Cursor::Item> Cursor::at_or_after(std::string_view key) {
  checked_ = trees_.check_path(table_, key);
  look_ahead(key);
  return get(key, MDB_SET_RANGE);
}

std::optional<Cursor::Item> Cursor::next() {
  look_ahead(key_);
  return get({}, MDB_NEXT);
}

std::optional<Cursor::Item> Cursor::previous() {
  const PageTrees::Leaf here = trees_.check_path(table_, key_);
  if (here.from) static_cast<void>(trees_.check_before(table_, *here.from));
  return get({}, MDB_PREV);
}

// LMDB goes on to the leaf after that of a key.
void Cursor::look_ahead(std::string_view key) {
  while (checked_.to && !(checked_.from && before(table_.keys, key, *checked_.from)))
    checked_ = trees_.check_path(table_, *checked_.to);
}

std::optional<Cursor::Item> Cursor::get(std::string_view key, MDB_cursor_op op) {
  MDB_val k = val(key);
  MDB_val v{};
  const int code = mdb_cursor_get(cursor_.get(), &k, &v, op);
  if (code == MDB_NOTFOUND) return std::nullopt;
  check(code, "move cursor");
  key_ = view(k);
  return Item{view(k), view(v)};
}

}  // namespace store
