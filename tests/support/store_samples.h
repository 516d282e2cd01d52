#pragma once
// What the tests of the store have in common: a store in a directory of its own, good credentials
// to put into it, the edits that commands make, and one look over the whole of it.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/credential/credential.h"
#include "auth/credential/master_key.h"
#include "auth/credential/password_hash.h"
#include "auth/nats/nkey.h"
#include "store/lmdb.h"
#include "store/store.h"
#include "store/tables.h"
#include "tests/support/temp_dir.h"

namespace store {

inline constexpr std::size_t kTestMap = std::size_t{64} << 20;
inline constexpr auth::Time kNow{std::chrono::seconds{1'700'000'000}};

inline auth::MasterKeys test_keys() {
  std::array<std::uint8_t, 32> entropy{};
  entropy.fill(7);
  std::vector<auth::MasterKey> keys;
  keys.push_back(auth::MasterKey{entropy});
  return auth::MasterKeys{std::move(keys)};
}

// Ascending with `n`.
inline std::string test_id(std::uint32_t n) {
  std::array<std::uint8_t, 12> entropy{};
  for (std::size_t i = 0; i < 4; ++i)
    entropy[i] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
  return auth::make_id(entropy);
}

inline std::string test_nkey(std::uint32_t n) {
  auth::PublicKey key;
  for (std::size_t i = 0; i < 4; ++i)
    key.bytes[i] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
  return auth::write_public_key(key);
}

// The nth good credential, of kind `key`: "device-<n>" of the account APP.
inline auth::Credential test_credential(std::uint32_t n) {
  auth::Credential c;
  c.id = test_id(n);
  c.name = "device-" + std::to_string(n);
  c.account = "APP";
  c.publish = true;
  c.subjects = {"telemetry.>"};
  auth::StoredSecret secret;
  secret.key_id = "0123456789abcdef";
  secret.hash.emplace().fill(static_cast<std::uint8_t>(n));
  secret.created_at = kNow;
  c.secrets = {secret};
  return c;
}

inline auth::StoredSecret login_secret(const std::string& login) {
  auth::StoredSecret secret;
  secret.scheme = auth::Scheme::public_key;
  secret.login = login;
  secret.created_at = kNow;
  return secret;
}

// Of no password at all.
inline auth::StoredSecret password_secret(const std::string& login) {
  auth::StoredSecret secret = login_secret(login);
  secret.scheme = auth::Scheme::argon2id;
  secret.password_hash = auth::decoy_password_hash({.memory_bytes = 8 << 10, .iterations = 1});
  return secret;
}

// The same with a login.
inline auth::Credential test_credential(std::uint32_t n, auth::Kind kind,
                                        const std::string& login) {
  auth::Credential c = test_credential(n);
  c.kind = kind;
  c.secrets = {kind == auth::Kind::password ? password_secret(login) : login_secret(login)};
  return c;
}

inline Intent intent(Action action) {
  return {.action = action, .actor = "local:alice", .at = kNow, .revision = {}, .reason = ""};
}

inline Store::Edit set_status(auth::Status status) {
  return [status](auth::Credential& c) { c.status = status; };
}

inline Store::Edit set_name(const std::string& name) {
  return [name](auth::Credential& c) { c.name = name; };
}

inline Store::Edit revocation() {
  return set_status(auth::Status::revoked);
}

// A new store, open. At most one per directory and process is.
class TestStore {
 public:
  explicit TestStore(std::size_t map_bytes = kTestMap)
      : place_{.directory = dir_.path(),
               .map_bytes = map_bytes,
               .head_directory = head_.path() / "head"} {
    Store::create(place_, "store-1", kNow);
    open();
  }
  Store& operator*() { return *store_; }
  Store* operator->() { return &*store_; }
  const Place& place() const { return place_; }
  const auth::MasterKeys& keys() const { return keys_; }
  const auth::MasterKey& key() const { return keys_.current(); }
  void open() { store_.emplace(place_, keys_); }
  void close() { store_.reset(); }

  // Goes behind the store's back: what damage and people with an editor do.
  void tamper(const std::function<void(WriteTxn&, const Tables&)>& how) {
    close();
    {
      const Environment env{place_.directory, place_.map_bytes, store::Environment::Open::existing};
      const Tables tables = open_tables(env);
      WriteTxn txn{env};
      how(txn, tables);
      txn.commit();
    }
    open();
  }

 private:
  TempDir dir_;
  TempDir head_;
  Place place_;
  auth::MasterKeys keys_ = test_keys();
  std::optional<Store> store_;
};

// What a change was refused for; absent where it was made, or was none.
template <class T>
std::optional<Refusal> refusal(const auth::Result<T, Refused>& result) {
  if (result) return std::nullopt;
  return result.error().why;
}

inline std::optional<Refusal> create(TestStore& store, const auth::Credential& c) {
  return refusal(store->create(c, intent(Action::create)));
}

inline std::optional<Refusal> change(TestStore& store, std::uint32_t n, Action action,
                                     const Store::Edit& edit) {
  return refusal(store->change(test_id(n), intent(action), edit));
}

// The id that a login leads to.
inline std::optional<std::string> owner(TestStore& store, auth::Kind kind,
                                        const std::string& login) {
  const Found found = store->find(kind, login);
  return found.credential ? std::optional{found.credential->id} : std::nullopt;
}

namespace census {

// Empty where the two journal entries belong together.
inline std::string broken_link(const auth::MasterKey& key, const std::optional<Entry>& before,
                               const Entry& entry) {
  const std::string at = "entry " + std::to_string(entry.sequence) + " ";
  if (entry.actor.empty()) return at + "cannot be decoded";
  if (entry.sequence != (before ? before->sequence + 1 : 1)) return at + "follows a gap";
  const auth::Hash32 expected = before ? key.hash_journal(write_entry(*before)) : auth::Hash32{};
  return entry.previous == expected ? "" : at + "does not continue the chain";
}

inline std::string broken_record(const Store& store, const auth::Credential& c) {
  const auto owns = [&](const Found& found) {
    return found.credential && found.credential->id == c.id;
  };
  const auto found = store.find(auth::Kind::key, c.id);
  if (!owns(found) || *found.credential != c) return c.id + " is not found";
  std::size_t named = 0;
  for (const auto& id : store.ids_named(c.name))
    named += id == c.id ? 1U : 0U;
  const bool live = c.status != auth::Status::revoked;
  if (named != (live ? 1U : 0U)) return c.id + " is wrong in the index of names";
  for (const auto& secret : c.secrets) {
    const bool kept = live || c.kind != auth::Kind::password;
    if (secret.login.empty() || !kept) continue;
    if (!owns(store.find(c.kind, secret.login))) return c.id + " is wrong in the index of logins";
  }
  return "";
}

}  // namespace census

// What is wrong with the store as a whole: records against indexes, counters and journal. Empty for
// a good one.
inline std::string wrong_with(const Store& store, const auth::MasterKey& key) {
  Totals counted;
  std::string after;
  do {
    const Page page = store.list({}, after, 7);
    if (!page.damaged.empty()) return page.damaged.front() + " is damaged";
    for (const auto& c : page.credentials) {
      if (auto wrong = census::broken_record(store, c); !wrong.empty()) return wrong;
      if (c.status == auth::Status::active) ++counted.active;
      if (c.status == auth::Status::suspended) ++counted.suspended;
      if (c.status == auth::Status::revoked) ++counted.revoked;
    }
    after = page.last;
  } while (!after.empty());

  std::optional<Entry> before;
  for (const auto& entry : store.history(0, SIZE_MAX, {})) {
    if (auto wrong = census::broken_link(key, before, entry); !wrong.empty()) return wrong;
    before = entry;
  }
  const Totals totals = store.totals();
  const bool equal = totals.active == counted.active && totals.suspended == counted.suspended &&
                     totals.revoked == counted.revoked;
  if (!equal) return "the counters are not those of a full count";
  return totals.sequence == (before ? before->sequence : 0) ? "" : "the newest sequence is wrong";
}

}  // namespace store
