// Whoever fills the store must not make suspending and revoking impossible.

#include "store/room.h"

#include "store/integrity_check.h"
#include "store/store.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

using auth::Status;

// Makes the record `bytes` long, and another one each time.
Store::Edit fat(std::size_t bytes, std::uint32_t seed) {
  return [=](auth::Credential& c) {
    c.subjects.clear();
    for (std::size_t i = 0; i < bytes / 64; ++i) {
      std::string subject = std::to_string(seed) + "." + std::to_string(i) + ".";
      subject.resize(60, 's');
      c.subjects.push_back(subject);
    }
  };
}

// Full goes through, which a REQUIRE would take for a failure.
void must(const std::optional<Refusal>& refused) {
  REQUIRE_FALSE(refused);
}

// Absent where the store takes it.
std::optional<std::string> full(const std::function<void()>& act) {
  try {
    act();
  } catch (const Full& full) {
    return full.what();
  }
  return std::nullopt;
}

void act_until_full(const std::function<void(std::uint32_t)>& act) {
  for (std::uint32_t n = 0; n < 200'000; ++n) {
    if (full([&] { act(n); })) return;
  }
  FAIL("it never was full");
}

std::uint32_t create_until_full(TestStore& store, std::uint32_t most) {
  std::uint32_t n = 0;
  while (n < most && !full([&] { must(create(store, test_credential(n))); }))
    ++n;
  return n;
}

// With the smallest change that there is.
void kick_until_full(TestStore& store) {
  act_until_full(
      [&](std::uint32_t) { must(change(store, 0, Action::kick, [](auth::Credential&) {})); });
}

void check_that_all_can_be_revoked(TestStore& store, std::uint32_t count) {
  Intent suspend = intent(Action::suspend);
  suspend.reason = std::string(1024, 'r');
  for (std::uint32_t n = 0; n < count; ++n) {
    CAPTURE(n);
    if (store->get(test_id(n))->status == Status::active)
      REQUIRE(store->change(test_id(n), suspend, set_status(Status::suspended)));
  }
  Intent revoke = intent(Action::revoke);
  revoke.reason = "left the company";
  for (std::uint32_t n = 0; n < count; ++n) {
    CAPTURE(n);
    REQUIRE(store->change(test_id(n), revoke, revocation()));
  }
  CHECK(store->totals().revoked == count);
  CHECK(deep_check(*store).empty());
  CHECK(store->verify({}).empty());
}

// Fails of the first that is taken.
void check_that_nothing_else_is_taken(TestStore& store) {
  const auto taken = [&](const std::function<void()>& act) { return !full(act); };
  const auto change_of = [&](Action action, const Store::Edit& edit) {
    return taken([&] { static_cast<void>(change(store, 0, action, edit)); });
  };
  const auto add_secret = [](auth::Credential& c) { c.secrets.push_back(c.secrets.front()); };
  CHECK_FALSE(change_of(Action::update, set_name("another")));
  CHECK_FALSE(change_of(Action::rotate, add_secret));
  CHECK_FALSE(change_of(Action::rehash, add_secret));
  CHECK_FALSE(change_of(Action::kick, [](auth::Credential&) {}));
  CHECK_FALSE(taken([&] { static_cast<void>(create(store, test_credential(70'000))); }));
  const CreateRequest request{.id = "r", .body = {}};
  CHECK_FALSE(taken([&] {
    static_cast<void>(store->create(test_credential(70'000), intent(Action::create), request));
  }));
  const std::vector<auth::Credential> more = {test_credential(70'000), test_credential(70'001)};
  CHECK_FALSE(taken([&] { store->create_some(more, intent(Action::create)); }));
  const std::vector<std::pair<std::string, Usage>> uses = {
      {test_id(0), {.last_used_at = kNow, .last_used_from = "10.0.0.1", .uses = 1}}};
  CHECK_FALSE(taken([&] { store->add_uses(uses); }));
}

TEST_CASE("room: where all else is refused, every credential can be suspended and then revoked",
          "[store]") {
  SECTION("filled by creating") {
    TestStore store{std::size_t{1} << 20};
    const std::uint32_t count = create_until_full(store, 100'000);
    CHECK(count > 100);
    kick_until_full(store);
    check_that_nothing_else_is_taken(store);
    check_that_all_can_be_revoked(store, count);
  }
  SECTION("filled by changing a few, large and small, and by kicking") {
    TestStore store{std::size_t{2} << 20};
    const std::uint32_t count = create_until_full(store, 20);
    REQUIRE(count == 20);
    for (const std::size_t bytes : {60'000U, 10'000U, 5'000U, 100U}) {
      act_until_full(
          [&](std::uint32_t n) { must(change(store, n % count, Action::update, fat(bytes, n))); });
    }
    kick_until_full(store);
    check_that_nothing_else_is_taken(store);
    check_that_all_can_be_revoked(store, count);
  }
}

TEST_CASE("room: what is too large for a small map is refused, so that it can be revoked",
          "[store]") {
  TestStore store{std::size_t{1} << 20};
  create_until_full(store, 1);
  const auto refused =
      full([&] { static_cast<void>(change(store, 0, Action::update, fat(20'000, 1))); });
  CHECK(refused.value_or("").find("is too large for a map of 1 MiB") != std::string::npos);
}

TEST_CASE("room: resuming is not what the reserve is for", "[store]") {
  TestStore store{std::size_t{1} << 20};
  create_until_full(store, 100'000);
  kick_until_full(store);
  REQUIRE_FALSE(change(store, 0, Action::suspend, set_status(Status::suspended)));
  CHECK(full(
      [&] { static_cast<void>(change(store, 0, Action::resume, set_status(Status::active))); }));
  CHECK(store->get(test_id(0))->status == Status::suspended);
}

TEST_CASE("room: a kick that goes with a revocation passes with it", "[store]") {
  TestStore store{std::size_t{1} << 20};
  create_until_full(store, 100'000);
  Intent now = intent(Action::revoke);
  now.now = true;
  REQUIRE(store->change(test_id(0), now, revocation()));
  const auto newest = store->history(store->totals().sequence - 1, 1, {});
  CHECK(newest.at(0).action == Action::kick);
}

TEST_CASE("room: the refusal says what is full, how much is left, and what to do", "[store]") {
  TestStore store{std::size_t{1} << 20};
  create_until_full(store, 100'000);
  const std::string why =
      full([&] { static_cast<void>(create(store, test_credential(70'000))); }).value();
  CAPTURE(why);
  CHECK(why.starts_with("store: the map is nearly full: "));
  CHECK(why.find(" KiB of 1 MiB (store.map_size) are left") != std::string::npos);
  CHECK(why.find("credgate history --prune") != std::string::npos);
  CHECK(store->space().left_bytes < std::size_t{128} << 10);
}

TEST_CASE("room: an import is stored as far as there is room, and can be taken back", "[store]") {
  TestStore store{std::size_t{1} << 20};
  std::vector<auth::Credential> many;
  for (std::uint32_t n = 0; n < 5000; ++n)
    many.push_back(test_credential(n));
  std::vector<std::string> made;
  std::span<const auth::Credential> rest{many};
  const auto all = [&] {
    while (!rest.empty()) {
      const auto created = store->create_some(rest, intent(Action::create));
      REQUIRE(created.count > 0);
      for (const auto& c : rest.first(created.count))
        made.push_back(c.id);
      rest = rest.subspan(created.count);
    }
  };
  CHECK(full(all));
  CHECK(made.size() > 100);
  CHECK(store->totals().active == made.size());
  for (std::span<const std::string> left{made}; !left.empty();)
    left = left.subspan(store->withdraw(left, intent(Action::withdraw)).count);
  CHECK(store->totals().active == 0);
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("room: what a prune frees is used again, and the file does not grow", "[store]") {
  TestStore store{std::size_t{1} << 20};
  const std::uint32_t count = create_until_full(store, 20);
  const auto update = [&](std::uint32_t n) {
    must(change(store, n % count, Action::update, fat(1000, n)));
  };
  act_until_full(update);
  const Space before = store->space();
  const auto found = store->prunable(kNow + std::chrono::hours{1});
  std::optional<Intent> note = intent(Action::prune);
  while (store->prune_some(found.through, note) <= found.through)
    note.reset();
  CHECK(store->space().left_bytes > before.left_bytes + (std::size_t{400} << 10));
  for (std::uint32_t n = 0; n < 100; ++n)
    CHECK_FALSE(full([&] { update(n); }));
  act_until_full(update);
  CHECK(store->space().used_bytes <= before.used_bytes + (std::size_t{64} << 10));
  check_that_all_can_be_revoked(store, count);
}

}  // namespace
}  // namespace store
