#include "store/store.h"

#include <algorithm>
#include <chrono>

#include "auth/credential/master_key.h"
#include "auth/credential/record_codec.h"
#include "store/apply_change.h"
#include "store/lmdb.h"
#include "store/tables.h"

namespace store {
namespace {

using auth::Credential;
using auth::Result;

// LMDB has one writer: a revocation waits for whoever writes.
constexpr std::chrono::milliseconds kLongestWrite{20};
constexpr std::size_t kVerifyPage = 1000;

bool has_tag(const Credential& c, std::string_view wanted) {
  return std::ranges::any_of(c.tags, [&](const std::string& tag) {
    return tag == wanted || tag.substr(0, tag.find('=')) == wanted;
  });
}

bool matches(const Credential& c, const Filter& filter) {
  if (filter.account && c.account != *filter.account) return false;
  if (filter.status && c.status != *filter.status) return false;
  if (filter.region && !c.regions.empty() &&
      std::ranges::find(c.regions, *filter.region) == c.regions.end()) {
    return false;
  }
  return std::ranges::all_of(filter.tags, [&](const auto& tag) { return has_tag(c, tag); });
}

}  // namespace

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

Store::Store(const Place& place, const auth::MasterKeys& keys)
    : env_(std::make_unique<const Environment>(place.directory, place.map_bytes,
                                               Environment::Open::existing)),
      tables_(std::make_unique<const Tables>(open_tables(*env_))),
      keys_(keys) {}

Store::~Store() = default;

Space Store::space() const {
  return env_->space();
}

std::uint64_t Store::last_txn() const {
  return ReadTxn{*env_}.id();
}

void Store::check_files() const {
  env_->check_files();
}

Credential Store::decode(std::string_view id, std::string_view bytes) const {
  auto credential = auth::read_credential(bytes);
  // A record under another's key would be that other's proof and permissions.
  if (!credential || credential->id != id) throw Damaged(std::string(id));
  return std::move(*credential);
}

std::optional<Credential> Store::read(const Txn& txn, std::string_view id) const {
  if (id.size() != auth::kIdBytes) return std::nullopt;
  const auto bytes = txn.get(tables_->credentials, id);
  if (!bytes) return std::nullopt;
  return decode(id, *bytes);
}

Found Store::find(auth::Kind kind, std::string_view login) const {
  const ReadTxn txn{*env_};
  if (auth::has_id_form(login)) return {read(txn, login), txn.id()};
  const std::string key = login_key(kind, login);
  if (key.size() > env_->max_key_bytes()) return {std::nullopt, txn.id()};
  const auto id = txn.get(tables_->logins, key);
  if (!id) return {std::nullopt, txn.id()};
  return {read(txn, *id), txn.id()};
}

std::optional<Credential> Store::get(std::string_view id) const {
  return read(ReadTxn{*env_}, id);
}

std::vector<std::string> Store::ids_named(std::string_view name) const {
  if (name.empty() || name.size() > 128) return {};
  const ReadTxn txn{*env_};
  const std::string prefix = name_prefix(name);
  Cursor cursor{txn, tables_->names};
  std::vector<std::string> ids;
  for (auto at = cursor.at_or_after(prefix); at && at->key.starts_with(prefix);
       at = cursor.next()) {
    ids.emplace_back(at->value);
  }
  return ids;
}

std::optional<Head> Store::head() const {
  const ReadTxn txn{*env_};
  Cursor cursor{txn, tables_->journal};
  const auto newest = cursor.last();
  if (!newest) return std::nullopt;
  return Head{read_sequence_key(newest->key), keys_.current().hash_journal(newest->value)};
}

std::vector<std::string> Store::verify(const std::optional<Head>& noted) const {
  ChainCheck check{keys_, noted};
  std::uint64_t after = 0;
  for (bool more = true; more;) {
    const ReadTxn txn{*env_};
    Cursor cursor{txn, tables_->journal};
    more = false;
    auto at = cursor.at_or_after(sequence_key(after + 1));
    for (std::size_t seen = 0; at && seen < kVerifyPage; at = cursor.next(), ++seen) {
      after = read_sequence_key(at->key);
      check.add(after, at->value);
      more = true;
    }
  }
  return check.end();
}

std::optional<Usage> Store::usage(std::string_view id) const {
  return find_usage(ReadTxn{*env_}, *tables_, id);
}

bool Store::unused(const Txn& txn, const Credential& credential, const Filter& filter) const {
  if (!filter.unused_since) return true;
  if (credential.created_at >= *filter.unused_since) return false;
  const auto usage = find_usage(txn, *tables_, credential.id);
  return !usage || usage->last_used_at < *filter.unused_since;
}

std::size_t Store::add_uses(std::span<const std::pair<std::string, Usage>> uses) {
  if (env_->nearly_full()) throw Fault("usage", MDB_MAP_FULL);
  WriteTxn txn{*env_};
  const auto began = std::chrono::steady_clock::now();
  std::size_t count = 0;
  for (const auto& [id, usage] : uses) {
    if (txn.get(tables_->credentials, id)) add_usage(txn, *tables_, id, usage);
    ++count;
    if (std::chrono::steady_clock::now() - began > kLongestWrite) break;
  }
  env_->check_files();
  txn.commit();
  return count;
}

Page Store::list(const Filter& filter, std::string_view after, std::size_t limit) const {
  const ReadTxn txn{*env_};
  Cursor cursor{txn, tables_->credentials};
  Page page;
  auto at = after.empty() ? cursor.first() : cursor.at_or_after(after);
  if (at && at->key == after) at = cursor.next();
  for (std::size_t seen = 0; at && seen < limit; at = cursor.next(), ++seen) {
    page.last = at->key;
    try {
      Credential credential = decode(at->key, at->value);
      if (matches(credential, filter) && unused(txn, credential, filter))
        page.credentials.push_back(std::move(credential));
    } catch (const Damaged& damaged) {
      page.damaged.push_back(damaged.id());
    }
  }
  if (!at) page.last.clear();
  return page;
}

std::vector<Entry> Store::history(std::uint64_t after, std::size_t limit,
                                  const JournalFilter& filter) const {
  const ReadTxn txn{*env_};
  Cursor cursor{txn, tables_->journal};
  std::vector<Entry> entries;
  auto at = cursor.at_or_after(sequence_key(after));
  if (at && read_sequence_key(at->key) == after) at = cursor.next();
  for (std::size_t seen = 0; at && seen < limit; at = cursor.next(), ++seen) {
    Entry entry = read_entry(at->value).value_or(Entry{});
    entry.sequence = read_sequence_key(at->key);
    if (matches(entry, filter)) entries.push_back(std::move(entry));
  }
  return entries;
}

Totals Store::totals() const {
  const ReadTxn txn{*env_};
  Cursor cursor{txn, tables_->journal};
  const auto newest = cursor.last();
  const auto created = static_cast<std::int64_t>(meta_number(txn, *tables_, "created_at"));
  return {.store_id = std::string(txn.get(tables_->meta, "store_id").value_or("")),
          .created_at = auth::Time{std::chrono::seconds{created}},
          .active = meta_number(txn, *tables_, "count.active"),
          .suspended = meta_number(txn, *tables_, "count.suspended"),
          .revoked = meta_number(txn, *tables_, "count.revoked"),
          .sequence = newest ? read_sequence_key(newest->key) : 0};
}

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
    return Refused{Refusal::conflict, taken_login(c.kind, secret.login, *owner)};
  }
  return std::nullopt;
}

Result<Changed, Refused> Store::create(const Credential& credential, const Intent& intent,
                                       const std::optional<CreateRequest>& request) {
  if (env_->nearly_full()) throw Fault("create", MDB_MAP_FULL);
  WriteTxn txn{*env_};
  if (request) {
    if (const auto done = find_request(txn, *tables_, intent, *request)) {
      auto before = done->body == request->body ? read(txn, done->id) : std::nullopt;
      if (before) return Changed{std::move(*before), false};
      return Refused{Refusal::conflict, "this request_id was used for another request"};
    }
    put_request(txn, *tables_, intent, *request, credential.id);
  }
  if (auto refused = put_new(txn, credential, intent)) return *refused;
  env_->check_files();
  txn.commit();
  return Changed{as_created(credential, intent), true};
}

std::optional<Refused> Store::check_new(const Credential& credential) const {
  if (auto refused = check_valid(credential)) return refused;
  return check_free(ReadTxn{*env_}, credential);
}

std::optional<Refused> Store::check_free(const Txn& txn, const Credential& credential) const {
  if (txn.get(tables_->credentials, credential.id)) {
    return Refused{Refusal::conflict, credential.id + " is taken"};
  }
  return check_unique(txn, credential, nullptr);
}

std::optional<Refused> Store::put_new(WriteTxn& txn, const Credential& given,
                                      const Intent& intent) {
  const Credential credential = as_created(given, intent);
  if (auto refused = check_valid(credential)) return refused;
  if (auto refused = check_free(txn, credential)) return refused;
  Change change = describe(intent, nullptr, credential);
  change.entry.action = Action::create;
  apply(txn, *tables_, keys_.current(), change, nullptr);
  return std::nullopt;
}

Store::Created Store::create_some(std::span<const Credential> credentials, const Intent& intent) {
  if (env_->nearly_full()) throw Fault("create", MDB_MAP_FULL);
  Created created;
  WriteTxn txn{*env_};
  const auto began = std::chrono::steady_clock::now();
  for (const Credential& given : credentials) {
    created.refused = put_new(txn, given, intent);
    if (created.refused) break;
    ++created.count;
    if (std::chrono::steady_clock::now() - began > kLongestWrite) break;
  }
  if (created.count == 0) return created;
  env_->check_files();  // what is committed to a ghost would be acknowledged and lost
  txn.commit();
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
    if (std::chrono::steady_clock::now() - began > kLongestWrite) break;
  }
  env_->check_files();
  txn.commit();
  return withdrawn;
}

void Store::append_kick(WriteTxn& txn, const Intent& intent, const Credential& of) {
  Intent kick = intent;
  kick.action = Action::kick;
  append(txn, *tables_, keys_.current(), describe(kick, &of, of).entry);
}

Result<Changed, Refused> Store::change(std::string_view id, const Intent& intent,
                                       const Edit& edit) {
  // What the reserve is kept for is to suspend and to revoke.
  if (intent.action == Action::rehash && env_->nearly_full()) throw Fault("rehash", MDB_MAP_FULL);
  WriteTxn txn{*env_};
  const auto before = read(txn, id);
  if (!before) return Refused{Refusal::not_found, "there is no credential " + std::string(id)};
  if (const auto refused = check_change(*before, intent)) return *refused;
  if (before->status == auth::Status::revoked) return Changed{*before, false};

  Credential after = *before;
  edit(after);
  const bool same = after.id == before->id && after.kind == before->kind;
  if (!same || after.revision != before->revision) {
    return Refused{Refusal::invalid, "id, kind and revision are not to be edited"};
  }
  if (after == *before) {
    if (intent.action != Action::kick && !intent.now) return Changed{*before, false};
    append_kick(txn, intent, *before);
    env_->check_files();
    txn.commit();
    return Changed{*before, false};
  }
  finish(intent, after);
  // A record that a stricter version would not take any more can still be suspended and revoked.
  if (intent.action == Action::update || intent.action == Action::rotate) {
    if (auto refused = check_valid(after)) return *refused;
  }
  if (auto refused = check_unique(txn, after, &*before)) return *refused;
  apply(txn, *tables_, keys_.current(), describe(intent, &*before, after), &*before);
  if (intent.now) append_kick(txn, intent, after);
  env_->check_files();
  txn.commit();
  return Changed{after, true};
}

}  // namespace store
