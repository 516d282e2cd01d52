#include "store/apply_change.h"

#include "auth/credential/master_key.h"
#include "auth/credential/record_codec.h"
#include "store/lmdb.h"
#include "store/tables.h"

namespace store {
namespace {

using auth::Credential;
using auth::Status;

std::string status_count(Status status) {
  return "count." + std::string(auth::name(status));
}

void count(WriteTxn& txn, const Tables& tables, Status status, std::int64_t by) {
  const std::string word = status_count(status);
  const auto n = static_cast<std::int64_t>(meta_number(txn, tables, word)) + by;
  txn.put(tables.meta, word, std::to_string(n));
}

// A revoked public key stays registered, so that it can never come back.
bool keeps_logins(const Credential& c) {
  return c.status != Status::revoked || c.kind != auth::Kind::password;
}

void put_indexes(WriteTxn& txn, const Tables& tables, const Credential& c) {
  if (c.status != Status::revoked) txn.put(tables.names, name_key(c.name, c.account), c.id);
  if (!keeps_logins(c)) return;
  for (const std::string& key : login_keys(c))
    txn.put(tables.logins, key, c.id);
}

void remove_indexes(WriteTxn& txn, const Tables& tables, const Credential& c) {
  if (c.status != Status::revoked) txn.remove(tables.names, name_key(c.name, c.account));
  // A public key that was rotated away or revoked may be known to others, and never comes back.
  if (c.kind != auth::Kind::password) return;
  for (const std::string& key : login_keys(c))
    txn.remove(tables.logins, key);
}

}  // namespace

void remove(WriteTxn& txn, const Tables& tables, const auth::MasterKey& key, const Entry& entry,
            const Credential& record) {
  append(txn, tables, key, entry);
  if (record.status != Status::revoked)
    txn.remove(tables.names, name_key(record.name, record.account));
  for (const std::string& login : login_keys(record))
    txn.remove(tables.logins, login);
  txn.remove(tables.credentials, record.id);
  count(txn, tables, record.status, -1);
}

std::uint64_t apply(WriteTxn& txn, const Tables& tables, const auth::MasterKey& key,
                    const Change& change, const Credential* before) {
  const std::uint64_t sequence = append(txn, tables, key, change.entry);
  if (before != nullptr) {
    remove_indexes(txn, tables, *before);
    count(txn, tables, before->status, -1);
  }
  put_indexes(txn, tables, change.image);
  count(txn, tables, change.image.status, +1);
  txn.put(tables.credentials, change.image.id, auth::write_credential(change.image));
  return sequence;
}

}  // namespace store
