#include "store/store.h"

#include "auth/credential/master_key.h"
#include "store/disk_reserve.h"
#include "store/head_noting.h"
#include "store/head_watch.h"
#include "store/lmdb.h"
#include "store/room.h"
#include "store/tables.h"

namespace store {

void Store::create(const Place& place, std::string_view store_id, auth::Time now) {
  const Environment env{place.directory, place.map_bytes, Environment::Open::fresh};
  const Tables tables = create_tables(env);
  WriteTxn txn{env};
  if (txn.get(tables.meta, "schema")) {  // another process was quicker
    throw Fault("store: " + place.directory.string() + " already holds a store");
  }
  txn.put(tables.meta, "schema", std::to_string(kSchema));
  txn.put(tables.meta, "store_id", store_id);
  txn.put(tables.meta, "created_at", std::to_string(now.time_since_epoch().count()));
  txn.commit();
}

Store::Store(const Place& place, const auth::MasterKeys& keys, Opening opening)
    : env_(std::make_unique<const Environment>(
          place.directory, place.map_bytes,
          opening == Opening::copy ? Environment::Open::copy : Environment::Open::existing)),
      tables_(std::make_unique<Tables>(open_tables(*env_))),
      keys_(keys),
      watch_(std::make_unique<HeadWatch>(*env_, *tables_, keys.current())),
      noting_(std::make_unique<HeadNoting>(place.head_directory, *env_, *tables_, keys, *watch_)),
      went_back_(noting_->compare()) {
  if (opening == Opening::newest && went_back_) throw WentBack(*went_back_);
  // An older copy is only looked at, until it is accepted.
  if (opening != Opening::copy && !went_back_) upgrade(*env_, *tables_);
  if (!env_->read_only()) reserve_disk(*env_, 0);
}

bool Store::has_roles() const {
  return tables_->roles != 0;
}

Store::~Store() = default;

Space Store::space() const {
  Space space = env_->space();
  space.left_bytes = left_bytes(*env_, *tables_);
  return space;
}

std::uint64_t Store::last_txn() const {
  return ReadTxn{*env_}.id();
}

void Store::check_files() const {
  watch_->check_now();
  if (!has_roles()) check_schema(ReadTxn{*env_}, *tables_);
}

void Store::check_newest(const WriteTxn& txn) {
  if (went_back_) throw WentBack(*went_back_);
  watch_->check_write(txn);
  check_schema(txn, *tables_);
}

void Store::commit(WriteTxn& txn) {
  check_newest(txn);  // what is committed to a ghost would be acknowledged and lost
  txn.commit();
}

void Store::note_head() {
  if (went_back_) throw WentBack(*went_back_);
  if (env_->read_only()) throw ReadOnly("store: " + env_->why_read_only());
  noting_->note();
}

std::string Store::why_read_only() const {
  return env_->why_read_only();
}

PageCheck Store::check_pages() const {
  return store::check_pages(*env_);
}

void Store::copy_to(int file) const {
  const PageCheck pages = check_pages();
  if (!pages.faults.empty()) throw DamagedPage(pages.faults.front());
  // LMDB does not compact where pages are lost.
  const unsigned how = pages.lost == 0 ? MDB_CP_COMPACT : 0;
  check(mdb_env_copyfd2(env_->raw(), file, how), "write the copy");
  watch_->check_now();  // what was copied is not a ghost
}

}  // namespace store
