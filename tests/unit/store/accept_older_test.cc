// A store that lacks the noted head, and is accepted as it is.

#include "store/accept_older.h"

#include <fstream>
#include <iterator>

#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

using auth::Status;

std::vector<std::string> ids(const std::vector<Lost>& lost) {
  std::vector<std::string> all;
  for (const Lost& one : lost)
    all.push_back(one.id);
  return all;
}

std::string data_file(const TestStore& store) {
  return store.place().directory / "data.mdb";
}

std::string copy_of(const TestStore& store) {
  std::ifstream in{data_file(store), std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void put(TestStore& store, const std::string& copy) {
  store.close();
  std::ofstream{data_file(store), std::ios::binary} << copy;
  store.open();
}

void rotate(TestStore& store, std::uint32_t n, std::uint8_t fill = 0xee) {
  REQUIRE_FALSE(change(store, n, Action::rotate, [fill](auth::Credential& c) {
    c.secrets.front().hash.emplace().fill(fill);
  }));
}

TEST_CASE("accept_older: the last state of each credential counts", "[store]") {
  const auto shut = by_credential({{1, Action::suspend, "a"},
                                   {2, Action::resume, "a"},
                                   {3, Action::suspend, "b"},
                                   {4, Action::rotate, "a"},
                                   {5, Action::rotate, "a"},
                                   {6, Action::revoke, "b"}});
  REQUIRE(shut.size() == 2);
  CHECK(shut[0].id == "a");
  CHECK(shut[0].revoked == 0);
  CHECK(shut[0].suspended == 0);
  CHECK(shut[0].rotated == 5);
  CHECK(shut[1].id == "b");
  CHECK(shut[1].revoked == 6);
  CHECK(shut[1].suspended == 3);
}

TEST_CASE("accept_older: who was shut out since is shut out again, and the head is noted",
          "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 5; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  store->note_head();
  const std::string copy = copy_of(store);
  REQUIRE_FALSE(create(store, test_credential(6)));
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  REQUIRE_FALSE(change(store, 2, Action::suspend, set_status(Status::suspended)));
  REQUIRE_FALSE(change(store, 3, Action::suspend, set_status(Status::suspended)));
  REQUIRE_FALSE(change(store, 3, Action::resume, set_status(Status::active)));
  rotate(store, 4);
  REQUIRE_FALSE(change(store, 6, Action::revoke, revocation()));
  store->note_head();

  put(store, copy);
  REQUIRE(store->went_back());
  const Accepted accepted = store->accept_older(intent(Action::revoke));
  CHECK(accepted.sequence == 5);
  CHECK(accepted.noted == 12);
  CHECK(accepted.complete);
  CHECK(ids(accepted.revoked) == std::vector{test_id(1)});
  CHECK(accepted.revoked.front().name == "device-1");
  CHECK(accepted.revoked.front().sequence == 7);
  CHECK(ids(accepted.suspended) == std::vector{test_id(2)});
  CHECK(ids(accepted.rotated) == std::vector{test_id(4)});
  CHECK(ids(accepted.absent) == std::vector{test_id(6)});
  CHECK(store->get(test_id(1))->status == Status::revoked);
  CHECK(store->get(test_id(2))->status == Status::suspended);
  CHECK(store->get(test_id(3))->status == Status::active);
  CHECK(store->get(test_id(1))->revoke_reason.find("lacked entry 7") != std::string::npos);
  CHECK(wrong_with(*store, store.key()).empty());

  store.close();
  store.open();
  CHECK_FALSE(store->went_back());
  CHECK_FALSE(create(store, test_credential(7)));
  store->note_head();
}

TEST_CASE("accept_older: interrupted, it is still to be accepted, and then goes on", "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 3; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  store->note_head();
  const std::string copy = copy_of(store);
  for (std::uint32_t n = 1; n <= 3; ++n)
    REQUIRE_FALSE(change(store, n, Action::revoke, revocation()));
  store->note_head();
  put(store, copy);
  // As far as one that was killed had come: more entries than the noted head has.
  const auto hidden = store.place().head_directory.string() + ".away";
  store.close();
  std::filesystem::rename(store.place().head_directory, hidden);
  store.tamper([](WriteTxn& txn, const Tables& tables) { txn.remove(tables.meta, "head_noted"); });
  for (std::uint32_t n = 4; n <= 6; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  store.close();
  std::filesystem::rename(hidden, store.place().head_directory);
  store.open();
  REQUIRE(store->went_back());
  const Accepted accepted = store->accept_older(intent(Action::revoke));
  CHECK(ids(accepted.revoked) == std::vector{test_id(2), test_id(3)});
  CHECK(store->totals().revoked == 3);
  store.close();
  store.open();
  CHECK_FALSE(store->went_back());
}

TEST_CASE("accept_older: done again after its last write failed, it says the same", "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 3; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  store->note_head();
  const std::string copy = copy_of(store);
  rotate(store, 1);                                               // 4
  REQUIRE_FALSE(change(store, 2, Action::revoke, revocation()));  // 5
  REQUIRE_FALSE(change(store, 3, Action::revoke, revocation()));  // 6
  store->note_head();
  put(store, copy);
  const auto in_the_way = store.place().head_directory / "head.new";
  std::filesystem::remove(in_the_way);
  std::filesystem::create_directory(in_the_way);
  const auto check = [](const Accepted& accepted) {
    CHECK(accepted.sequence == 3);
    CHECK(accepted.noted == 6);
    CHECK(accepted.complete);
    CHECK(ids(accepted.rotated) == std::vector{test_id(1)});
  };
  for (int round = 0; round < 3; ++round) {
    int told = 0;
    CHECK_THROWS_AS(store->accept_older(intent(Action::revoke),
                                        [&](const Accepted& accepted) {
                                          check(accepted);
                                          ++told;
                                        }),
                    Fault);
    CHECK(told == 1);
    store.close();
    store.open();
    REQUIRE(store->went_back());
  }
  std::filesystem::remove(in_the_way);
  check(store->accept_older(intent(Action::revoke)));
  CHECK(store->totals().revoked == 2);
  store.close();
  store.open();
  CHECK_FALSE(store->went_back());
}

TEST_CASE("accept_older: of a copy that was changed since, no more is trusted than is as noted",
          "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 3; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  store->note_head();
  const std::string copy = copy_of(store);
  rotate(store, 1);  // 4
  store->note_head();
  const auto hidden = store.place().head_directory.string() + ".away";
  std::filesystem::rename(store.place().head_directory, hidden);
  put(store, copy);
  store.tamper([](WriteTxn& txn, const Tables& tables) { txn.remove(tables.meta, "head_noted"); });
  for (std::uint32_t n = 4; n <= 8; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  store.close();
  std::filesystem::rename(hidden, store.place().head_directory);
  store.open();
  REQUIRE(store->went_back());
  const Accepted accepted = store->accept_older(intent(Action::revoke));
  CHECK(ids(accepted.rotated) == std::vector{test_id(1)});
  CHECK_FALSE(accepted.complete);
}

TEST_CASE("accept_older: what is not known is said not to be complete", "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 3; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  const std::string copy = copy_of(store);
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));

  SECTION("the note began after the copy") {
    store->note_head();
    put(store, copy);
    const Accepted accepted = store->accept_older(intent(Action::revoke));
    CHECK(accepted.noted == 4);
    CHECK_FALSE(accepted.complete);
    CHECK(accepted.revoked.empty());
  }
  SECTION("the note is missing") {
    store->note_head();
    store.close();
    std::filesystem::remove_all(store.place().head_directory);
    store.open();
    REQUIRE(store->went_back());
    const Accepted accepted = store->accept_older(intent(Action::revoke));
    CHECK_FALSE(accepted.noted);
    CHECK_FALSE(accepted.complete);
  }
  store.close();
  store.open();
  CHECK_FALSE(store->went_back());
  CHECK_FALSE(create(store, test_credential(9)));
}

TEST_CASE("accept_older: done twice, the second copy is known by the first's revocations",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  REQUIRE_FALSE(create(store, test_credential(2)));
  store->note_head();
  const std::string copy = copy_of(store);
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  store->note_head();
  for (int round = 0; round < 2; ++round) {
    CAPTURE(round);
    put(store, copy);
    REQUIRE(store->went_back());
    CHECK(ids(store->accept_older(intent(Action::revoke)).revoked) == std::vector{test_id(1)});
    CHECK(store->get(test_id(1))->status == Status::revoked);
  }
}

// Accepts the copy, of which it is asked that it is not taken for the newest.
Accepted accept(TestStore& store, const std::string& copy) {
  put(store, copy);
  REQUIRE(store->went_back());
  const Accepted accepted = store->accept_older(intent(Action::revoke));
  store.close();
  store.open();
  CHECK_FALSE(store->went_back());
  store->note_head();
  return accepted;
}

TEST_CASE("accept_older: after one copy was accepted, no other one passes, in either order",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  store->note_head();
  const std::string without = copy_of(store);
  REQUIRE_FALSE(create(store, test_credential(2)));  // 2
  rotate(store, 1);                                  // 3
  const std::string with = copy_of(store);
  REQUIRE_FALSE(change(store, 2, Action::revoke, revocation()));  // 4
  rotate(store, 1, 0xdd);                                         // 5
  store->note_head();

  const bool first = GENERATE(true, false);
  for (int round = 0; round < 4; ++round) {
    CAPTURE(first, round);
    const bool lacks = first == (round % 2 == 0);
    const Accepted accepted = accept(store, lacks ? without : with);
    CHECK(ids(lacks ? accepted.absent : accepted.revoked) == std::vector{test_id(2)});
    CHECK(ids(accepted.rotated) == std::vector{test_id(1)});
    CHECK(accepted.complete == (round == 0));
    if (!lacks) CHECK(store->get(test_id(2))->status == Status::revoked);
  }
}

TEST_CASE("accept_older: each acceptance is an entry of the journal", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  store->note_head();
  const std::string copy = copy_of(store);
  REQUIRE_FALSE(create(store, test_credential(2)));
  store->note_head();
  static_cast<void>(accept(store, copy));
  const auto entries = store->history(0, 10, {});
  REQUIRE(entries.size() == 2);
  CHECK(name(entries.back().action) == "restore");
  CHECK(entries.back().actor == "local:alice");
  CHECK(entries.back().id.empty());
  CHECK(entries.back().reason == "an older copy of the store was accepted, which lacked entry 2");
  CHECK(wrong_with(*store, store.key()).empty());
  // A copy of the store that was accepted is an older copy like any other.
  const std::string later = copy_of(store);
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  store->note_head();
  const Accepted accepted = accept(store, later);
  CHECK(accepted.sequence == 2);
  CHECK(accepted.complete);
  CHECK(ids(accepted.revoked) == std::vector{test_id(1)});
}

TEST_CASE("accept_older: another copy whose journal was pruned does not pass either", "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 3; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  store->note_head();
  const std::string copy = copy_of(store);
  for (std::uint32_t n = 4; n <= 9; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  REQUIRE(store->prune_some(8, std::nullopt) == 9);
  const std::string pruned = copy_of(store);
  REQUIRE_FALSE(change(store, 9, Action::revoke, revocation()));
  store->note_head();
  static_cast<void>(accept(store, copy));
  CHECK(ids(accept(store, pruned).revoked) == std::vector{test_id(9)});
}

TEST_CASE("accept_older: what the journal no longer has is carried over", "[store]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 4; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  REQUIRE_FALSE(change(store, 3, Action::suspend, set_status(Status::suspended)));  // 5
  store->note_head();
  const std::string first = copy_of(store);
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));                    // 6
  REQUIRE_FALSE(change(store, 2, Action::suspend, set_status(Status::suspended)));  // 7
  store->note_head();
  REQUIRE_FALSE(change(store, 4, Action::update, set_name("other")));  // 8
  REQUIRE(store->prune_some(7, std::nullopt) == 8);
  const std::string second = copy_of(store);
  REQUIRE_FALSE(change(store, 2, Action::resume, set_status(Status::active)));  // 9
  store->note_head();
  // The resumption is lost with it.
  CHECK(ids(accept(store, second).suspended).empty());
  CHECK(store->get(test_id(2))->status == Status::suspended);
  const Accepted accepted = accept(store, first);
  CHECK(ids(accepted.revoked) == std::vector{test_id(1)});
  CHECK(ids(accepted.suspended) == std::vector{test_id(2)});
}

}  // namespace
}  // namespace store
