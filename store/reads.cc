#include <algorithm>
#include <chrono>

#include "auth/credential/master_key.h"
#include "auth/credential/record_codec.h"
#include "store/head_watch.h"
#include "store/journal_head.h"
#include "store/lmdb.h"
#include "store/store.h"
#include "store/tables.h"

namespace store {
namespace {

using auth::Credential;

constexpr std::size_t kVerifyPage = 1000;

bool has_tag(const Credential& c, std::string_view wanted) {
  return std::ranges::any_of(c.tags, [&](const std::string& tag) {
    return tag == wanted || tag.substr(0, tag.find('=')) == wanted;
  });
}

bool matches(const Credential& c, const Filter& filter) {
  if (filter.account && c.account != *filter.account) return false;
  if (filter.status && c.status != *filter.status) return false;
  if (filter.role && std::ranges::find(c.roles, *filter.role) == c.roles.end()) return false;
  if (filter.region && !c.regions.empty() &&
      std::ranges::find(c.regions, *filter.region) == c.regions.end()) {
    return false;
  }
  return std::ranges::all_of(filter.tags, [&](const auto& tag) { return has_tag(c, tag); });
}

}  // namespace

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

Found Store::look_up(const Txn& txn, auth::Kind kind, std::string_view login) const {
  if (auth::has_id_form(login)) return with_roles(txn, read(txn, login));
  const std::string key = login_key(kind, login);
  if (key.size() > env_->max_key_bytes()) return {std::nullopt, txn.id()};
  const auto id = txn.get(tables_->logins, key);
  if (!id) return {std::nullopt, txn.id()};
  return with_roles(txn, read(txn, *id));
}

Found Store::find(auth::Kind kind, std::string_view login) const {
  const HeadWatch::Read snapshot{*watch_};
  Found found = look_up(snapshot.txn(), kind, login);
  snapshot.check();  // after reading: what was read may be a ghost's
  return found;
}

std::optional<Credential> Store::get(std::string_view id) const {
  const HeadWatch::Read snapshot{*watch_};
  auto credential = read(snapshot.txn(), id);
  snapshot.check();  // as above
  return credential;
}

std::vector<std::string> Store::ids_named(std::string_view name) const {
  if (name.empty() || name.size() > 128) return {};
  const HeadWatch::Read snapshot{*watch_};
  const std::string prefix = name_prefix(name);
  Cursor cursor{snapshot.txn(), tables_->names};
  std::vector<std::string> ids;
  for (auto at = cursor.at_or_after(prefix); at && at->key.starts_with(prefix);
       at = cursor.next()) {
    ids.emplace_back(at->value);
  }
  snapshot.check();
  return ids;
}

std::optional<Head> Store::head() const {
  const HeadWatch::Read snapshot{*watch_};
  const Head head = newest_head(snapshot.txn(), *tables_, keys_.current());
  snapshot.check();
  return head.sequence != 0 ? std::optional{head} : std::nullopt;
}

std::vector<std::string> Store::verify(const std::optional<Head>& noted) const {
  ChainCheck check{keys_, noted};
  std::uint64_t after = 0;
  bool wrong = false;
  for (bool more = true; more;) {
    const HeadWatch::Read snapshot{*watch_};
    Cursor cursor{snapshot.txn(), tables_->journal};
    more = false;
    // Each time: entries may be removed while this reads.
    if (const auto found = find_anchor(snapshot.txn(), *tables_, keys_);
        found && !wrong && (!found->wrong.empty() || found->anchor.sequence > after)) {
      const auto oldest = cursor.first();
      check.begin_after(*found, oldest ? read_sequence_key(oldest->key) : UINT64_MAX);
      wrong = !found->wrong.empty();
      after = std::max(after, found->anchor.sequence);
    }
    auto at = cursor.at_or_after(sequence_key(after + 1));
    for (std::size_t seen = 0; at && seen < kVerifyPage; at = cursor.next(), ++seen) {
      after = read_sequence_key(at->key);
      check.add(after, at->value);
      more = true;
    }
    snapshot.check();
  }
  auto faults = check.end();
  if (went_back_) faults.push_back(*went_back_);
  return faults;
}

std::optional<Usage> Store::usage(std::string_view id) const {
  return find_usage(ReadTxn{*env_}, *tables_, id);
}

std::optional<Usage> Store::usage_of(auth::Kind kind, std::string_view login) const {
  const std::string key = login_key(kind, login);
  if (key.size() > env_->max_key_bytes()) return std::nullopt;
  const ReadTxn txn{*env_};
  const auto id = txn.get(tables_->logins, key);
  return id ? find_usage(txn, *tables_, *id) : std::nullopt;
}

bool Store::unused(const Txn& txn, const Credential& credential, const Filter& filter) const {
  if (!filter.unused_since) return true;
  if (credential.created_at >= *filter.unused_since) return false;
  const auto usage = find_usage(txn, *tables_, credential.id);
  return !usage || usage->last_used_at < *filter.unused_since;
}

Page Store::list(const Filter& filter, std::string_view after, std::size_t limit) const {
  const HeadWatch::Read snapshot{*watch_};
  Cursor cursor{snapshot.txn(), tables_->credentials};
  Page page;
  auto at = after.empty() ? cursor.first() : cursor.at_or_after(after);
  if (at && at->key == after) at = cursor.next();
  for (std::size_t seen = 0; at && seen < limit; at = cursor.next(), ++seen) {
    page.last = at->key;
    try {
      Credential credential = decode(at->key, at->value);
      if (matches(credential, filter) && unused(snapshot.txn(), credential, filter))
        page.credentials.push_back(std::move(credential));
    } catch (const Damaged& damaged) {
      page.damaged.push_back(damaged.id());
    }
  }
  if (!at) page.last.clear();
  snapshot.check();
  return page;
}

std::vector<Entry> Store::history(std::uint64_t after, std::size_t limit,
                                  const JournalFilter& filter) const {
  const HeadWatch::Read snapshot{*watch_};
  Cursor cursor{snapshot.txn(), tables_->journal};
  std::vector<Entry> entries;
  auto at = cursor.at_or_after(sequence_key(after));
  if (at && read_sequence_key(at->key) == after) at = cursor.next();
  for (std::size_t seen = 0; at && seen < limit; at = cursor.next(), ++seen) {
    Entry entry = read_entry(at->value).value_or(Entry{});
    entry.sequence = read_sequence_key(at->key);
    if (matches(entry, filter)) entries.push_back(std::move(entry));
  }
  snapshot.check();
  return entries;
}

Totals Store::totals() const {
  const HeadWatch::Read snapshot{*watch_};
  const ReadTxn& txn = snapshot.txn();
  Cursor cursor{txn, tables_->journal};
  const auto newest = cursor.last();
  const std::uint64_t sequence = newest ? read_sequence_key(newest->key) : 0;
  const auto oldest = cursor.first();
  const auto created = static_cast<std::int64_t>(meta_number(txn, *tables_, "created_at"));
  Totals totals{.store_id = std::string(txn.get(tables_->meta, "store_id").value_or("")),
                .created_at = auth::Time{std::chrono::seconds{created}},
                .active = meta_number(txn, *tables_, "count.active"),
                .suspended = meta_number(txn, *tables_, "count.suspended"),
                .revoked = meta_number(txn, *tables_, "count.revoked"),
                .sequence = sequence,
                .oldest = oldest ? read_sequence_key(oldest->key) : 0};
  snapshot.check();
  return totals;
}

}  // namespace store
