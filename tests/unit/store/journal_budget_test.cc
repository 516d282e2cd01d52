#include "store/journal_budget.h"

#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

using namespace std::chrono_literals;
using auth::Status;

Intent metered(Action action, auth::Time at = kNow, const std::string& actor = "nats:CGA") {
  Intent by = intent(action);
  by.actor = actor;
  by.at = at;
  by.metered = true;
  return by;
}

// Absent where it is written.
std::optional<Refused> refused(TestStore& store, const Intent& by, std::size_t bytes) {
  std::optional<Refused> why;
  store.tamper([&](WriteTxn& txn, const Tables& tables) { why = charge(txn, tables, by, bytes); });
  return why;
}

TEST_CASE("budget: an actor's is used up by what is written, and comes back within an hour",
          "[store]") {
  TestStore store;
  constexpr std::size_t kHalf = kJournalBudget / 2;
  CHECK_FALSE(refused(store, metered(Action::update), kHalf));
  CHECK_FALSE(refused(store, metered(Action::create), kHalf));
  CHECK(refused(store, metered(Action::kick), 1)->why == Refusal::over_budget);
  CHECK(refused(store, metered(Action::update, kNow + 29min), kHalf));
  CHECK_FALSE(refused(store, metered(Action::update, kNow + 30min), kHalf));
  CHECK(refused(store, metered(Action::update, kNow + 30min), 100));
  CHECK_FALSE(refused(store, metered(Action::update, kNow + 1000h), kJournalBudget));
}

TEST_CASE("budget: the refusal says when to try again, and then it is taken", "[store]") {
  TestStore store;
  CHECK_FALSE(refused(store, metered(Action::update), kJournalBudget));
  const auto why = refused(store, metered(Action::update), kJournalBudget / 4);
  REQUIRE(why);
  CHECK(why->message.find("try again after 2023-11-14T22:28:21Z") != std::string::npos);
  CHECK(refused(store, metered(Action::update, kNow + 14min), kJournalBudget / 4));
  CHECK_FALSE(refused(store, metered(Action::update, kNow + 901s), kJournalBudget / 4));
}

TEST_CASE("budget: each actor has its own, and a local command has none", "[store]") {
  TestStore store;
  CHECK_FALSE(refused(store, metered(Action::update), kJournalBudget));
  CHECK(refused(store, metered(Action::update), 1));
  CHECK_FALSE(refused(store, metered(Action::update, kNow, "nats:CGB"), kJournalBudget));
  Intent local = metered(Action::update);
  local.metered = false;
  CHECK_FALSE(refused(store, local, kJournalBudget));
}

TEST_CASE("budget: suspending and revoking are never refused; suspending is counted", "[store]") {
  TestStore store;
  CHECK_FALSE(refused(store, metered(Action::revoke), kJournalBudget));
  CHECK_FALSE(refused(store, metered(Action::update), kJournalBudget));
  CHECK_FALSE(refused(store, metered(Action::revoke), kJournalBudget));
  CHECK_FALSE(refused(store, metered(Action::suspend), kJournalBudget));
  CHECK(refused(store, metered(Action::resume, kNow + 61min), kJournalBudget));
  CHECK_FALSE(refused(store, metered(Action::resume, kNow + 2h + 1s), kJournalBudget));
}

TEST_CASE("budget: a clock that is set back locks nobody out, and a late request gains nothing",
          "[store]") {
  TestStore store;
  CHECK_FALSE(refused(store, metered(Action::update), kJournalBudget));
  CHECK(refused(store, metered(Action::update, kNow - 30s), 1));
  CHECK_FALSE(refused(store, metered(Action::update, kNow - 1000h), kJournalBudget));
  CHECK(refused(store, metered(Action::update, kNow - 1000h), 1));
}

TEST_CASE("budget: every kind of change is counted, and what was refused leaves no trace",
          "[store]") {
  TestStore store;
  REQUIRE(store->create(test_credential(1), metered(Action::create)));
  REQUIRE_FALSE(refused(store, metered(Action::update), kJournalBudget - 2000));
  std::uint32_t kicks = 0;
  while (store->change(test_id(1), metered(Action::kick), [](auth::Credential&) {}))
    ++kicks;
  CHECK(kicks > 2);
  CHECK(kicks < 30);
  const std::uint64_t sequence = store->totals().sequence;
  CHECK(refusal(store->create(test_credential(2), metered(Action::create))) ==
        Refusal::over_budget);
  CHECK(refusal(store->change(test_id(1), metered(Action::update), set_name("other"))) ==
        Refusal::over_budget);
  CHECK(store->totals().sequence == sequence);
  CHECK(store->get(test_id(1))->name == "device-1");
  CHECK(store->change(test_id(1), metered(Action::suspend), set_status(Status::suspended)));
  CHECK(store->change(test_id(1), metered(Action::revoke), revocation()));
  CHECK(store->create(test_credential(2), intent(Action::create)));
  CHECK(wrong_with(*store, store.key()).empty());
}

}  // namespace
}  // namespace store
