// Records of another age than the journal says, as pages that were put back hold them.

#include "auth/credential/record_codec.h"
#include "store/integrity_check.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

bool says(const std::vector<std::string>& faults, const std::string& words) {
  return std::ranges::any_of(
      faults, [&](const std::string& fault) { return fault.find(words) != std::string::npos; });
}

TEST_CASE("revision_check: a store in which much was done has no fault", "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 4; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  REQUIRE_FALSE(change(store, 1, Action::update, set_name("other")));
  REQUIRE_FALSE(change(store, 1, Action::kick, [](auth::Credential&) {}));
  REQUIRE_FALSE(change(store, 2, Action::revoke, revocation()));
  REQUIRE_FALSE(change(store, 3, Action::suspend, set_status(auth::Status::suspended)));
  store->withdraw(std::vector{test_id(4)}, intent(Action::withdraw));
  CHECK(deep_check(*store).empty());
}

TEST_CASE("revision_check: a check says how far it is, and comes to the end that it said at first",
          "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 3; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  REQUIRE_FALSE(change(store, 2, Action::revoke, revocation()));
  std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
  const auto note = [&](std::uint64_t done, std::uint64_t all) { told.emplace_back(done, all); };
  CHECK(deep_check(*store, {.tell = note}).empty());
  REQUIRE(told.size() > 2);
  CHECK(std::ranges::is_sorted(told));
  CHECK(told.front().second == told.back().second);
  CHECK(told.back().first == told.back().second);
  CHECK(told.back().second >= 3 + 4);  // records and entries of the journal
  told.clear();
  store.close();
  CHECK(check_pages(store.place(), {.tell = note}).faults.empty());
  REQUIRE_FALSE(told.empty());
  CHECK(told.back().first <= told.back().second);
  CHECK(told.back().first >= told.back().second / 2);
}

TEST_CASE("revision_check: an older record that was put back is found", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  const auto before = store->get(test_id(1));
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    txn.put(tables.credentials, before->id, auth::write_credential(*before));
  });
  CHECK(store->get(test_id(1))->status == auth::Status::active);
  CHECK(says(deep_check(*store), test_id(1) +
                                     ": its record is revision 1, but entry 2 of the journal made "
                                     "it revision 2"));
}

TEST_CASE("revision_check: a record that is missing, or was taken back, is found", "[store]") {
  TestStore store;
  for (const std::uint32_t n : {1U, 2U})
    REQUIRE_FALSE(create(store, test_credential(n)));
  const auto taken = store->get(test_id(2));
  store->withdraw(std::vector{test_id(2)}, intent(Action::withdraw));
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    txn.remove(tables.credentials, test_id(1));
    txn.put(tables.credentials, taken->id, auth::write_credential(*taken));
  });
  const auto faults = deep_check(*store);
  CHECK(says(faults, test_id(1) + ": has no record, but entry 1"));
  CHECK(says(faults, test_id(2) + ": has a record, which entry 3 of the journal took back"));
}

TEST_CASE("revision_check: of what the journal was pruned nothing is said", "[store]") {
  TestStore store;
  for (const std::uint32_t n : {1U, 2U})
    REQUIRE_FALSE(create(store, test_credential(n)));
  store.tamper(
      [](WriteTxn& txn, const Tables& tables) { txn.remove(tables.journal, sequence_key(1)); });
  CHECK(deep_check(*store).empty());
}

}  // namespace
}  // namespace store
