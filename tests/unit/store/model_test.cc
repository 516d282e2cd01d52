// A long random series of changes beside a model that is too simple to be wrong.

#include <algorithm>
#include <map>
#include <random>

#include "store/integrity_check.h"
#include "store/store.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

using auth::Credential;
using auth::Kind;
using auth::Status;

bool has_login(const Credential& c, const std::string& login) {
  return std::ranges::find(c.secrets, login, &auth::StoredSecret::login) != c.secrets.end();
}

struct Model {
  std::map<std::string, Credential> records;
  std::map<std::string, std::string> keys;  // every public key that ever was → id
  std::uint64_t entries = 0;

  bool name_taken(const Credential& c) const {
    for (const auto& [id, other] : records) {
      if (id != c.id && other.status != Status::revoked && other.name == c.name &&
          other.account == c.account) {
        return true;
      }
    }
    return false;
  }
  // By another, or by itself before it was taken away.
  bool key_taken(const Credential& c) const {
    for (const auto& secret : c.secrets) {
      const auto owner = keys.find(secret.login);
      if (owner == keys.end()) continue;
      if (owner->second != c.id || !has_login(records.at(c.id), secret.login)) return true;
    }
    return false;
  }
  void put(const Credential& c) {
    for (const auto& secret : c.secrets) {
      if (!secret.login.empty()) keys[secret.login] = c.id;
    }
    records[c.id] = c;
    ++entries;
  }
  std::optional<Refusal> create(const Credential& c) {
    if (records.contains(c.id) || name_taken(c) || key_taken(c)) return Refusal::conflict;
    put(c);
    return std::nullopt;
  }
  std::optional<Refusal> change(const Intent& intent, const std::string& id,
                                const Store::Edit& edit) {
    const Credential before = records.at(id);
    if (intent.revision && *intent.revision != before.revision) return Refusal::conflict;
    if (before.status == Status::revoked) {
      if (intent.action == Action::revoke) return std::nullopt;
      return Refusal::revoked;
    }
    Credential after = before;
    edit(after);
    if (after == before) return std::nullopt;
    if (name_taken(after) || key_taken(after)) return Refusal::conflict;
    ++after.revision;
    if (after.status == Status::revoked) {
      after.revoked_at = intent.at;
      after.revoked_by = intent.actor;
      for (auto& secret : after.secrets)
        secret.hash.reset();
    }
    put(after);
    return std::nullopt;
  }
  std::uint64_t count(Status status) const {
    std::uint64_t n = 0;
    for (const auto& [id, c] : records)
      n += c.status == status ? 1U : 0U;
    return n;
  }
};

class Dice {
 public:
  // 0 to `sides` - 1. Not std::uniform_int_distribution, which differs between libraries.
  std::uint32_t operator()(std::uint32_t sides) {
    return static_cast<std::uint32_t>(engine_() % sides);
  }

 private:
  std::mt19937 engine_{20261123};
};

struct Move {
  Intent why;
  Store::Edit edit;
};

Move random_move(Dice& dice) {
  const std::string name = "device-" + std::to_string(dice(12));
  const std::string key = test_nkey(dice(60));
  switch (dice(8)) {
    case 0:
      return {intent(Action::update), set_name(name)};
    case 1:
      return {intent(Action::update),
              [n = dice(2)](Credential& c) { c.account = n == 0 ? "APP" : "OTHER"; }};
    case 2:
      return {intent(Action::suspend), set_status(Status::suspended)};
    case 3:
      return {intent(Action::resume), set_status(Status::active)};
    case 4:
      return {intent(Action::revoke), revocation()};
    case 5:
      return {intent(Action::update), [key](Credential& c) {
                if (c.kind != Kind::key) c.secrets = {login_secret(key)};
              }};
    case 6:
      return {intent(Action::update), [key](Credential& c) {
                if (c.kind != Kind::key && c.secrets.size() == 1) {
                  c.secrets.push_back(login_secret(key));
                }
              }};
    default: {
      Intent demanding = intent(Action::update);
      demanding.revision = 1 + dice(3);
      return {demanding, [n = dice(3)](Credential& c) { c.max_sessions = n; }};
    }
  }
}

Credential random_credential(Dice& dice, std::uint32_t next) {
  const std::uint32_t n = dice(10) == 0 ? dice(next + 1) : next;
  const Kind signer = dice(2) == 0 ? Kind::nkey : Kind::creds;
  Credential c =
      dice(2) == 0 ? test_credential(n) : test_credential(n, signer, test_nkey(dice(60)));
  c.name = "device-" + std::to_string(dice(12));
  c.account = dice(2) == 0 ? "APP" : "OTHER";
  return c;
}

void compare(Store& store, const Model& model, const auth::MasterKey& key) {
  const Totals totals = store.totals();
  REQUIRE(totals.active == model.count(Status::active));
  REQUIRE(totals.suspended == model.count(Status::suspended));
  REQUIRE(totals.revoked == model.count(Status::revoked));
  REQUIRE(totals.sequence == model.entries);
  REQUIRE(wrong_with(store, key).empty());
  REQUIRE(deep_check(store).empty());
  for (const auto& [id, c] : model.records)
    REQUIRE(store.get(id) == c);
  REQUIRE(store.list({}, "", SIZE_MAX).credentials.size() == model.records.size());
  for (std::uint32_t n = 0; n < 60; ++n) {
    const auto found = store.find(Kind::nkey, test_nkey(n)).credential;
    const auto owner = model.keys.find(test_nkey(n));
    REQUIRE(found.has_value() == (owner != model.keys.end()));
    if (found) REQUIRE(found->id == owner->second);
  }
}

TEST_CASE(
    "model: after 500 random changes counters, indexes and records are those of a simple model",
    "[store]") {
  TestStore store;
  Model model;
  Dice dice;
  std::uint32_t next = 0;
  std::map<std::optional<Refusal>, unsigned> outcomes;
  for (int step = 1; step <= 500; ++step) {
    CAPTURE(step);
    std::optional<Refusal> seen;
    std::optional<Refusal> expected;
    if (model.records.empty() || dice(3) == 0) {
      Credential c = random_credential(dice, next++);
      seen = refusal(store->create(c, intent(Action::create)));
      c.revision = 1;
      c.created_at = c.updated_at = kNow;
      c.created_by = c.updated_by = "local:alice";
      expected = model.create(c);
    } else {
      const auto& id =
          std::next(model.records.begin(), dice(static_cast<std::uint32_t>(model.records.size())))
              ->first;
      const Move move = random_move(dice);
      seen = refusal(store->change(id, move.why, move.edit));
      expected = model.change(move.why, id, move.edit);
    }
    REQUIRE(seen == expected);
    ++outcomes[seen];
    REQUIRE(store->totals().sequence == model.entries);
    if (step % 25 == 0) compare(*store, model, store.key());
  }
  // The series is worth its time: each outcome was met often.
  CHECK(outcomes[std::nullopt] > 150);
  CHECK(outcomes[Refusal::conflict] > 50);
  CHECK(outcomes[Refusal::revoked] > 25);
  CHECK(model.count(Status::revoked) > 10);
  store.close();
  store.open();
  compare(*store, model, store.key());
}

}  // namespace
}  // namespace store
