// The changes of roles.

#include <algorithm>

#include "auth/credential/master_key.h"
#include "auth/credential/record_codec.h"
#include "store/difference.h"
#include "store/journal_budget.h"
#include "store/journal_head.h"
#include "store/lmdb.h"
#include "store/roles.h"
#include "store/room.h"
#include "store/store.h"
#include "store/tables.h"

namespace store {
namespace {

constexpr std::size_t kNamedMembers = 3;

using auth::Result;
using auth::Role;

Entry entry_of(const Intent& intent, Action action, const Role& role) {
  return {.at = intent.at,
          .actor = intent.actor,
          .action = action,
          .id = auth::role_id(role.account, role.name),
          .revision = role.revision,
          .fields = {},
          .reason = intent.reason};
}

Refused absent(std::string_view account, std::string_view name) {
  return {Refusal::not_found,
          "there is no role " + std::string(name) + " in account " + std::string(account)};
}

}  // namespace

Result<ChangedRole, Refused> Store::done_before(const Txn& txn, const DoneRequest& done,
                                                const CreateRequest& request) const {
  const auto slash = done.id.find('/');
  if (done.body != request.body || slash == done.id.npos)
    return Refused{Refusal::conflict, "this request_id was used for another request"};
  auto role = read_role(txn, done.id.substr(0, slash), done.id.substr(slash + 1));
  // One of the same name that was made since is not what was asked for.
  if (!role || role->created_at != done.at) {
    return Refused{Refusal::conflict, "the role " + done.id +
                                          " that was made for this request_id was deleted; use "
                                          "another request_id to make it again"};
  }
  return ChangedRole{std::move(*role), false, 0};
}

Result<ChangedRole, Refused> Store::create_role(const Role& given, const Intent& intent,
                                                const std::optional<CreateRequest>& request) {
  need_roles();
  WriteTxn txn{*env_};
  check_newest(txn);
  Room room{*env_, txn, *tables_};
  if (request) {
    if (const auto done = find_request(txn, *tables_, intent, *request))
      return done_before(txn, *done, *request);
  }
  Role role = given;
  // Above all that a role of this name has had: one that was deleted is not taken for this one.
  role.revision = newest_head(txn, *tables_, keys_.current()).sequence + 1;
  role.created_at = role.updated_at = intent.at;
  role.created_by = role.updated_by = intent.actor;
  if (auto refused = check_reason(intent)) return *refused;
  if (auto refused = check_valid(role)) return *refused;
  const std::string key = role_key(role.account, role.name);
  if (txn.get(tables_->roles, key)) {
    return Refused{Refusal::conflict,
                   "there is a role " + role.name + " in account " + role.account + " already"};
  }
  if (request) put_request(txn, *tables_, intent, *request, auth::role_id(role.account, role.name));
  Entry entry = entry_of(intent, Action::create_role, role);
  entry.fields = difference(nullptr, role);
  const std::string value = auth::write_role(role);
  const std::size_t bytes = write_entry(entry).size();
  room.take(bytes + value.size());
  if (auto refused = charge(txn, *tables_, intent, bytes)) return *refused;
  const std::uint64_t sequence = append(txn, *tables_, keys_.current(), std::move(entry));
  txn.put(tables_->roles, key, value);
  commit(txn);
  return ChangedRole{std::move(role), true, sequence};
}

Result<ChangedRole, Refused> Store::change_role(std::string_view account, std::string_view name,
                                                const Intent& intent, const RoleEdit& edit) {
  need_roles();
  WriteTxn txn{*env_};
  check_newest(txn);
  const auto before = read_role(txn, account, name);
  if (!before) return absent(account, name);
  if (auto refused = check_change(*before, intent)) return *refused;
  Role after = *before;
  edit(after);
  const bool same = after.account == before->account && after.name == before->name;
  if (!same || after.revision != before->revision)
    return Refused{Refusal::invalid, "account, name and revision of a role cannot be changed"};
  const bool changed = after != *before;
  if (!changed && !intent.now) return ChangedRole{std::move(after), false, 0};
  std::vector<Entry> entries;
  if (changed) {
    ++after.revision;
    after.updated_at = intent.at;
    after.updated_by = intent.actor;
    if (auto refused = check_valid(after)) return *refused;
    entries.push_back(entry_of(intent, Action::update_role, after));
    entries.back().fields = difference(&*before, after);
  }
  if (intent.now) entries.push_back(entry_of(intent, Action::kick_role, after));
  const std::string value = auth::write_role(after);
  std::size_t bytes = 0;
  for (const Entry& entry : entries)
    bytes += write_entry(entry).size();
  Room{*env_, txn, *tables_}.take(bytes + (changed ? value.size() : 0));
  if (auto refused = charge(txn, *tables_, intent, bytes)) return *refused;
  std::uint64_t sequence = 0;
  for (Entry& entry : entries)
    sequence = append(txn, *tables_, keys_.current(), std::move(entry));
  if (changed) txn.put(tables_->roles, role_key(account, name), value);
  commit(txn);
  return ChangedRole{std::move(after), changed, sequence};
}

Store::MemberRows Store::member_rows(const Txn& txn, std::string_view account,
                                     std::string_view name) const {
  MemberRows rows;
  const std::string prefix = members_prefix(account, name);
  Cursor cursor{txn, tables_->members};
  std::size_t count = 0;
  for (auto at = cursor.at_or_after(prefix);
       at && at->key.starts_with(prefix) && count <= kNamedMembers; at = cursor.next()) {
    const std::string id{at->key.substr(prefix.size())};
    if (has_role(txn, id, name)) {
      rows.users += ++count > kNamedMembers ? " and more" : " " + id;
    } else {
      rows.unused.emplace_back(at->key);
    }
  }
  return rows;
}

// One that cannot be read may have it.
bool Store::has_role(const Txn& txn, const std::string& id, std::string_view name) const {
  try {
    const auto credential = read(txn, id);
    return credential && credential->status != auth::Status::revoked &&
           std::ranges::find(credential->roles, name) != credential->roles.end();
  } catch (const Damaged&) {
    return true;
  }
}

Result<ChangedRole, Refused> Store::delete_role(std::string_view account, std::string_view name,
                                                const Intent& intent) {
  need_roles();
  WriteTxn txn{*env_};
  check_newest(txn);
  if (!can_be_role(account, name)) return absent(account, name);
  const std::string key = role_key(account, name);
  const auto bytes = txn.get(tables_->roles, key);
  if (!bytes) return absent(account, name);
  const Role role = auth::read_role(*bytes).value_or(named(account, name));
  if (auto refused = check_change(role, intent)) return *refused;
  const MemberRows members = member_rows(txn, account, name);
  if (!members.users.empty()) {
    return Refused{Refusal::conflict, "the role " + std::string(name) + " is in use, by" +
                                          members.users +
                                          "; take it from each first: credgate update CREDENTIAL "
                                          "--no-role " +
                                          std::string(name)};
  }
  Entry entry = entry_of(intent, Action::delete_role, role);
  entry.id = auth::role_id(account, name);
  const std::size_t size = write_entry(entry).size();
  Room{*env_, txn, *tables_}.take(size);
  if (auto refused = charge(txn, *tables_, intent, size)) return *refused;
  const std::uint64_t sequence = append(txn, *tables_, keys_.current(), std::move(entry));
  txn.remove(tables_->roles, key);
  for (const std::string& row : members.unused)
    txn.remove(tables_->members, row);
  commit(txn);
  return ChangedRole{role, true, sequence};
}

}  // namespace store
