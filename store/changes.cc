#include <chrono>

#include "auth/credential/master_key.h"
#include "auth/credential/record_codec.h"
#include "store/apply_change.h"
#include "store/journal_budget.h"
#include "store/limits.h"
#include "store/lmdb.h"
#include "store/room.h"
#include "store/store.h"
#include "store/tables.h"

namespace store {
namespace {

using auth::Credential;
using auth::Result;

constexpr std::size_t kUsageBytes = 128;  // a row, at most

std::size_t entry_bytes(const Change& change) {
  return write_entry(change.entry).size();
}

std::size_t record_bytes(const Change& change) {
  return auth::write_credential(change.image).size();
}

constexpr std::size_t kChangesOfActive = 2;  // to suspend and to revoke

// For these the reserve is kept.
bool is_security_change(Action action) {
  return action == Action::suspend || action == Action::revoke;
}

}  // namespace

std::optional<Refused> Store::check_unique(const Txn& txn, const Credential& c,
                                           const Credential* before) const {
  const auto holder = txn.get(tables_->names, name_key(c.name, c.account));
  if (holder && *holder != c.id) {
    return Refused{Refusal::conflict, "the name \"" + c.name + "\" is taken in account " +
                                          c.account + " by " + std::string(*holder)};
  }
  for (const auto& secret : c.secrets) {
    if (secret.login.empty()) continue;
    const std::string key = login_key(c.kind, secret.login);
    if (key.size() > env_->max_key_bytes()) {
      return Refused{Refusal::invalid, "secrets: a login is too long"};
    }
    const auto owner = txn.get(tables_->logins, key);
    if (!owner || (*owner == c.id && !comes_back(c, secret, before))) continue;
    return Refused{Refusal::conflict, taken_login(c.kind, secret.login, *owner),
                   std::string(*owner)};
  }
  for (const auto& secret : c.secrets) {
    const auto owner = secret.reserved.empty()
                           ? std::nullopt
                           : txn.get(tables_->logins, login_key(c.kind, secret.reserved));
    if (!owner || *owner == c.id) continue;
    return Refused{Refusal::conflict, taken_login(c.kind, secret.reserved, *owner),
                   std::string(*owner)};
  }
  return std::nullopt;
}

Result<Changed, Refused> Store::create(const Credential& credential, const Intent& intent,
                                       const std::optional<CreateRequest>& request) {
  WriteTxn txn{*env_};
  check_newest(txn);
  Room room{*env_, txn, *tables_};
  if (request) {
    if (const auto done = find_request(txn, *tables_, intent, *request)) {
      const bool same = done->body == request->body && auth::has_id_form(done->id);
      auto before = same ? read(txn, done->id) : std::nullopt;
      if (before) return Changed{std::move(*before), false, 0};
      return Refused{Refusal::conflict, "this request_id was used for another request"};
    }
    put_request(txn, *tables_, intent, *request, credential.id);
  }
  if (auto refused = put_new(txn, room, credential, intent)) return *refused;
  commit(txn);
  return Changed{as_created(credential, intent), true, 0};
}

std::optional<Refused> Store::check_new(const Credential& credential) const {
  if (auto refused = check_valid(credential)) return refused;
  const ReadTxn txn{*env_};
  if (auto refused = check_roles(credential, roles_of(txn, credential))) return refused;
  return check_free(txn, credential);
}

std::optional<Refused> Store::check_free(const Txn& txn, const Credential& credential) const {
  if (txn.get(tables_->credentials, credential.id)) {
    return Refused{Refusal::conflict, credential.id + " is taken"};
  }
  return check_unique(txn, credential, nullptr);
}

std::optional<Refused> Store::put_new(WriteTxn& txn, Room& room, const Credential& given,
                                      const Intent& intent) {
  const Credential credential = as_created(given, intent);
  if (auto refused = check_reason(intent)) return refused;
  if (auto refused = check_valid(credential)) return refused;
  if (auto refused = check_roles(credential, roles_of(txn, credential))) return refused;
  if (auto refused = check_free(txn, credential)) return refused;
  Change change = describe(intent, nullptr, credential);
  change.entry.action = Action::create;
  const std::size_t bytes = entry_bytes(change);
  room.take(bytes + record_bytes(change), kChangesOfActive);
  if (auto refused = charge(txn, *tables_, intent, bytes)) return refused;
  apply(txn, *tables_, keys_.current(), change, nullptr);
  return std::nullopt;
}

Store::Created Store::create_some(std::span<const Credential> credentials, const Intent& intent) {
  Created created;
  WriteTxn txn{*env_};
  Room room{*env_, txn, *tables_};
  const auto began = std::chrono::steady_clock::now();
  for (const Credential& given : credentials) {
    try {
      created.refused = put_new(txn, room, given, intent);
    } catch (const Full&) {
      if (created.count == 0) throw;
      break;  // the next transaction may have room
    }
    if (created.refused) break;
    ++created.count;
    if (std::chrono::steady_clock::now() - began > kMaxWrite) break;
  }
  if (created.count == 0) return created;
  commit(txn);
  return created;
}

Store::Withdrawn Store::withdraw(std::span<const std::string> ids, const Intent& intent) {
  Withdrawn withdrawn;
  WriteTxn txn{*env_};
  const auto began = std::chrono::steady_clock::now();
  for (const std::string& id : ids) {
    const auto credential = read(txn, id);
    if (credential && credential->revision > 1) withdrawn.kept.push_back(id);
    if (credential && credential->revision == 1) {
      remove(txn, *tables_, keys_.current(),
             {.at = intent.at,
              .actor = intent.actor,
              .action = Action::withdraw,
              .id = id,
              .revision = credential->revision,
              .fields = {},
              .reason = intent.reason},
             *credential);
    }
    ++withdrawn.count;
    if (std::chrono::steady_clock::now() - began > kMaxWrite) break;
  }
  commit(txn);
  return withdrawn;
}

std::optional<Refused> Store::complete(const Txn& txn, const Intent& intent,
                                       const Credential& before, Credential& after) const {
  finish(intent, after);
  // A record that a stricter version would not take any more can still be suspended and revoked.
  if (intent.action == Action::update || intent.action == Action::rotate) {
    if (auto refused = check_valid(after)) return refused;
  }
  // Nor must a role that is gone keep a secret from being rotated.
  if (intent.action == Action::update) {
    if (auto refused = check_roles(after, roles_of(txn, after))) return refused;
  }
  return check_unique(txn, after, &before);
}

Result<Changed, Refused> Store::change(std::string_view id, const Intent& intent,
                                       const Edit& edit) {
  WriteTxn txn{*env_};
  check_newest(txn);
  const auto before = read(txn, id);
  if (!before) return Refused{Refusal::not_found, "there is no credential " + std::string(id)};
  if (const auto refused = check_change(*before, intent)) return *refused;
  if (before->status == auth::Status::revoked) return Changed{*before, false, 0};

  Credential after = *before;
  edit(after);
  const bool same = after.id == before->id && after.kind == before->kind;
  if (!same || after.revision != before->revision) {
    return Refused{Refusal::invalid, "id, kind and revision cannot be changed"};
  }
  const bool changed = after != *before;
  const bool kicks = intent.now || (!changed && intent.action == Action::kick);
  if (!changed && !kicks) return Changed{*before, false, 0};
  if (changed) {
    if (auto refused = complete(txn, intent, *before, after)) return *refused;
  }
  const Change change = describe(intent, &*before, after);
  Intent kick_intent = intent;
  kick_intent.action = Action::kick;
  const Change kick = describe(kick_intent, &after, after);
  const std::size_t bytes = (changed ? entry_bytes(change) : 0) + (kicks ? entry_bytes(kick) : 0);
  if (!changed || !is_security_change(intent.action)) {
    const bool resumes = before->status != after.status;
    Room{*env_, txn, *tables_}.take(bytes + (changed ? record_bytes(change) : 0), resumes ? 1 : 0);
  }
  if (auto refused = charge(txn, *tables_, intent, bytes)) return *refused;
  std::uint64_t sequence = 0;
  if (changed) sequence = apply(txn, *tables_, keys_.current(), change, &*before);
  if (kicks) sequence = append(txn, *tables_, keys_.current(), kick.entry);
  commit(txn);
  return Changed{after, changed, sequence};
}

std::size_t Store::add_uses(std::span<const std::pair<std::string, Usage>> uses) {
  WriteTxn txn{*env_};
  Room room{*env_, txn, *tables_};
  const auto began = std::chrono::steady_clock::now();
  std::size_t count = 0;
  for (const auto& [id, usage] : uses) {
    try {
      room.take(kUsageBytes);
    } catch (const Full&) {
      if (count == 0) throw;
      break;  // the next transaction may have room
    }
    if (txn.get(tables_->credentials, id)) add_usage(txn, *tables_, id, usage);
    ++count;
    if (std::chrono::steady_clock::now() - began > kMaxWrite) break;
  }
  commit(txn);
  return count;
}

}  // namespace store
