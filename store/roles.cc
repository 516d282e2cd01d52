#include "store/roles.h"

#include "auth/credential/record_codec.h"
#include "auth/nats/subject.h"
#include "store/head_watch.h"
#include "store/lmdb.h"
#include "store/store.h"
#include "store/tables.h"

namespace store {

using auth::Role;

Role named(std::string_view account, std::string_view name) {
  Role role;
  role.account = account;
  role.name = name;
  return role;
}

bool can_be_role(std::string_view account, std::string_view name) {
  return !account.empty() && account.size() <= auth::kMaxNameBytes && auth::valid_role_name(name);
}

void Store::need_roles() const {
  if (env_->read_only()) throw ReadOnly("store: " + env_->why_read_only());
  if (tables_->roles != 0) return;
  throw Fault(
      "store: it was made by an earlier credgate and could not be given a table of roles when it "
      "was opened; make room on its disk, and try again");
}

std::optional<Role> Store::read_role(const Txn& txn, std::string_view account,
                                     std::string_view name) const {
  if (tables_->roles == 0 || !can_be_role(account, name)) return std::nullopt;
  const auto bytes = txn.get(tables_->roles, role_key(account, name));
  if (!bytes) return std::nullopt;
  auto role = auth::read_role(*bytes);
  // One under another's key would give what that does not.
  if (!role || role->account != account || role->name != name)
    throw Damaged(auth::role_id(account, name));
  return role;
}

std::vector<Role> Store::roles_of(const Txn& txn, const auth::Credential& credential) const {
  std::vector<Role> roles;
  for (const std::string& name : credential.roles) {
    try {
      if (auto role = read_role(txn, credential.account, name)) roles.push_back(std::move(*role));
    } catch (const Damaged&) {
      continue;  // missing_role() tells of it
    }
  }
  return roles;
}

Found Store::with_roles(const Txn& txn, std::optional<auth::Credential> credential) const {
  Found found{std::move(credential), txn.id()};
  if (found.credential) found.roles = roles_of(txn, *found.credential);
  return found;
}

Found Store::find_id(std::string_view id) const {
  const HeadWatch::Read snapshot{*watch_};
  Found found = with_roles(snapshot.txn(), read(snapshot.txn(), id));
  snapshot.check();
  return found;
}

std::optional<Role> Store::role(std::string_view account, std::string_view name) const {
  const HeadWatch::Read snapshot{*watch_};
  auto role = read_role(snapshot.txn(), account, name);
  snapshot.check();
  return role;
}

RolePage Store::list_roles(std::string_view account, std::string_view after,
                           std::size_t limit) const {
  RolePage page;
  if (tables_->roles == 0) return page;
  const HeadWatch::Read snapshot{*watch_};
  Cursor cursor{snapshot.txn(), tables_->roles};
  const std::string prefix = account.empty() ? "" : role_key(account, "");
  const std::string from = after.empty() ? prefix : std::string(after);
  auto at = from.empty() ? cursor.first() : cursor.at_or_after(from);
  if (at && at->key == after) at = cursor.next();
  for (std::size_t seen = 0; at && seen < limit && at->key.starts_with(prefix);
       at = cursor.next(), ++seen) {
    page.last = at->key;
    const auto end = at->key.find('\0');
    const Role key = named(at->key.substr(0, end), at->key.substr(end + 1));
    auto role = auth::read_role(at->value);
    if (role && role->account == key.account && role->name == key.name) {
      page.roles.push_back(std::move(*role));
    } else {
      page.damaged.push_back(auth::role_id(key.account, key.name));
    }
  }
  if (!at || !at->key.starts_with(prefix)) page.last.clear();
  snapshot.check();
  return page;
}

Members Store::members(std::string_view account, std::string_view role, std::string_view after,
                       std::size_t limit) const {
  Members found;
  if (tables_->members == 0 || !can_be_role(account, role)) return found;
  const HeadWatch::Read snapshot{*watch_};
  Cursor cursor{snapshot.txn(), tables_->members};
  const std::string prefix = members_prefix(account, role);
  const std::string from = prefix + std::string(after);
  auto at = cursor.at_or_after(from);
  if (at && !after.empty() && at->key == from) at = cursor.next();
  for (; at && found.ids.size() < limit && at->key.starts_with(prefix); at = cursor.next())
    found.ids.emplace_back(at->key.substr(prefix.size()));
  if (at && at->key.starts_with(prefix) && !found.ids.empty()) found.last = found.ids.back();
  snapshot.check();
  return found;
}

bool Store::has_member(std::string_view account, std::string_view role, std::string_view id) const {
  if (tables_->members == 0 || !can_be_role(account, role) || !auth::has_id_form(id)) return false;
  const HeadWatch::Read snapshot{*watch_};
  const std::string key = members_prefix(account, role) + std::string(id);
  const bool has = snapshot.txn().get(tables_->members, key).has_value();
  snapshot.check();
  return has;
}

std::uint64_t Store::count_roles() const {
  if (tables_->roles == 0) return 0;
  const HeadWatch::Read snapshot{*watch_};
  MDB_stat stat{};
  check(mdb_stat(snapshot.txn().raw(), tables_->roles, &stat), "count the roles");
  snapshot.check();
  return stat.ms_entries;
}

}  // namespace store
