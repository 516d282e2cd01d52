#include "store/integrity_check.h"
#include "store/store.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

std::vector<auth::Credential> many(std::uint32_t count) {
  std::vector<auth::Credential> list;
  for (std::uint32_t n = 0; n < count; ++n)
    list.push_back(test_credential(n));
  return list;
}

std::vector<std::string> ids_of(const std::vector<auth::Credential>& list) {
  std::vector<std::string> ids;
  for (const auto& c : list)
    ids.push_back(c.id);
  return ids;
}

// A transaction may end before the batch does, on a machine that is busy.
Store::Created create_all(TestStore& store, std::span<const auth::Credential> batch) {
  Store::Created all;
  while (all.count < batch.size() && !all.refused) {
    const auto created = store->create_some(batch.subspan(all.count), intent(Action::create));
    all.count += created.count;
    all.refused = created.refused;
  }
  return all;
}

Store::Withdrawn withdraw_all(TestStore& store, const std::vector<std::string>& ids) {
  Store::Withdrawn all;
  while (all.count < ids.size()) {
    const auto rest = std::span{ids}.subspan(all.count);
    const auto withdrawn = store->withdraw(rest, intent(Action::withdraw));
    all.count += withdrawn.count;
    all.kept.insert(all.kept.end(), withdrawn.kept.begin(), withdrawn.kept.end());
  }
  return all;
}

TEST_CASE("import: a batch is stored up to the first that is refused, and no further", "[store]") {
  TestStore store;
  auto batch = many(5);
  batch[3].name = batch[1].name;
  const auto created = create_all(store, batch);
  CHECK(created.count == 3);
  REQUIRE(created.refused);
  CHECK(created.refused->why == Refusal::conflict);
  CHECK(store->get(batch[2].id));
  CHECK_FALSE(store->get(batch[3].id));
  CHECK_FALSE(store->get(batch[4].id));
  CHECK(store->totals().active == 3);
  CHECK(store->totals().sequence == 3);
}

TEST_CASE("import: a batch that takes too long is committed in parts", "[store]") {
  TestStore store;
  const auto batch = many(2'000);
  std::span<const auth::Credential> rest{batch};
  std::size_t parts = 0;
  while (!rest.empty()) {
    const auto created = store->create_some(rest, intent(Action::create));
    REQUIRE_FALSE(created.refused);
    REQUIRE(created.count > 0);
    rest = rest.subspan(created.count);
    ++parts;
  }
  CHECK(parts > 1);
  CHECK(store->totals().active == batch.size());
}

TEST_CASE("import: what is withdrawn leaves nothing but its entries in the journal", "[store]") {
  TestStore store;
  auto batch = many(3);
  batch[1].kind = auth::Kind::nkey;
  batch[1].secrets = {login_secret(test_nkey(1))};
  REQUIRE(create_all(store, batch).count == 3);
  CHECK(withdraw_all(store, ids_of(batch)).count == 3);
  CHECK_FALSE(store->get(batch[0].id));
  CHECK(store->ids_named(batch[0].name).empty());
  CHECK_FALSE(store->find(auth::Kind::nkey, test_nkey(1)).credential);
  CHECK(store->totals().active == 0);
  const auto entries = store->history(3, 10, {});
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].action == Action::withdraw);
  CHECK(deep_check(*store).empty());
  // As if it had never been: even its public key is free.
  CHECK(create_all(store, batch).count == 3);
}

TEST_CASE("import: what somebody has changed meanwhile is not withdrawn", "[store]") {
  TestStore store;
  const auto batch = many(3);
  REQUIRE(create_all(store, batch).count == 3);
  REQUIRE(store->change(batch[1].id, intent(Action::revoke), revocation()));
  const auto withdrawn = withdraw_all(store, ids_of(batch));
  CHECK(withdrawn.count == 3);
  CHECK(withdrawn.kept == std::vector{batch[1].id});
  CHECK(store->get(batch[1].id)->status == auth::Status::revoked);
  CHECK_FALSE(store->get(batch[0].id));
}

TEST_CASE("import: withdrawing what is not there changes nothing", "[store]") {
  TestStore store;
  const std::vector<std::string> ids = {test_id(7)};
  CHECK(store->withdraw(ids, intent(Action::withdraw)).count == 1);
  CHECK(store->totals().sequence == 0);
}

TEST_CASE("import: a new credential is checked against what is stored, and not stored by that",
          "[store]") {
  TestStore store;
  REQUIRE(store->create(test_credential(1), intent(Action::create)));
  CHECK_FALSE(store->check_new(test_credential(2)));
  CHECK_FALSE(store->get(test_id(2)));
  auth::Credential same_name = test_credential(2);
  same_name.name = test_credential(1).name;
  CHECK(store->check_new(same_name)->why == Refusal::conflict);
  CHECK(store->check_new(test_credential(1))->why == Refusal::conflict);
  auth::Credential invalid = test_credential(2);
  invalid.subjects = {"a..b"};
  CHECK(store->check_new(invalid)->why == Refusal::invalid);
}

}  // namespace
}  // namespace store
