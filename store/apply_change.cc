#include "store/apply_change.h"

#include <algorithm>

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

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::ranges::find(list, item) != list.end();
}

// Most changes are of something else, and leave the table alone.
void change_members(WriteTxn& txn, const Tables& tables, const std::vector<std::string>& before,
                    const std::vector<std::string>& after) {
  for (const std::string& key : before) {
    if (!contains(after, key)) txn.remove(tables.members, key);
  }
  for (const std::string& key : after) {
    if (!contains(before, key)) txn.put(tables.members, key, "");
  }
}

std::vector<std::string> member_keys_in(const Tables& tables, const Credential* c) {
  return c == nullptr || tables.members == 0 ? std::vector<std::string>{} : member_keys(*c);
}

}  // namespace

void remove(WriteTxn& txn, const Tables& tables, const auth::MasterKey& key, const Entry& entry,
            const Credential& record) {
  append(txn, tables, key, entry);
  if (record.status != Status::revoked)
    txn.remove(tables.names, name_key(record.name, record.account));
  for (const std::string& login : login_keys(record))
    txn.remove(tables.logins, login);
  change_members(txn, tables, member_keys_in(tables, &record), {});
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
  change_members(txn, tables, member_keys_in(tables, before),
                 member_keys_in(tables, &change.image));
  count(txn, tables, change.image.status, +1);
  txn.put(tables.credentials, change.image.id, auth::write_credential(change.image));
  return sequence;
}

}  // namespace store
