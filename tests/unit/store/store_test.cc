#include "store/store.h"

#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

using auth::Credential;
using auth::Kind;
using auth::Status;
using namespace std::chrono_literals;

TEST_CASE("store: a new credential is revision 1 and found by its id, its name and its login",
          "[store]") {
  TestStore store;
  const Credential c = test_credential(1, Kind::nkey, test_nkey(1));
  const auto made = store->create(c, intent(Action::create));
  REQUIRE(made);
  Credential expected = c;
  expected.revision = 1;
  expected.created_at = expected.updated_at = kNow;
  expected.created_by = expected.updated_by = "local:alice";
  CHECK(made->credential == expected);
  CHECK(store->get(c.id) == expected);
  CHECK(store->find(Kind::key, c.id).credential == expected);
  CHECK(store->find(Kind::nkey, test_nkey(1)).credential == expected);
  CHECK(store->ids_named("device-1") == std::vector{c.id});
}

TEST_CASE("store: what is not there is absent, however strange it was asked for", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1, Kind::nkey, test_nkey(1))));
  for (const std::string& login :
       {std::string{}, std::string(1, '\0'), std::string{"x"}, test_nkey(2), test_id(2),
        test_id(1) + "A", test_id(1) + '\0', std::string(510, 'x'), std::string(511, 'x'),
        std::string(100'000, 'x')}) {
    CAPTURE(login.size());
    for (const auto kind :
         {Kind::key, Kind::password, Kind::token, Kind::nkey, Kind::creds, Kind::cert}) {
      CHECK_FALSE(store->find(kind, login).credential);
    }
    CHECK_FALSE(store->get(login));
    CHECK(store->ids_named(login).empty());
  }
  // One key, whatever it was registered as; the verdict tells the kinds apart.
  CHECK(store->find(Kind::creds, test_nkey(1)).credential);
  CHECK_FALSE(store->find(Kind::cert, test_nkey(1)).credential);
}

TEST_CASE("store: a name is taken once in an account, among those that are not revoked",
          "[store]") {
  TestStore store;
  Credential second = test_credential(2);
  second.name = "device-1";
  REQUIRE_FALSE(create(store, test_credential(1)));
  CHECK(create(store, second) == Refusal::conflict);
  REQUIRE_FALSE(change(store, 1, Action::suspend, set_status(Status::suspended)));
  CHECK(create(store, second) == Refusal::conflict);
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  CHECK(store->ids_named("device-1").empty());
  CHECK_FALSE(create(store, second));
  CHECK(store->ids_named("device-1") == std::vector{second.id});
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("store: two accounts may use one name, and neither may move into the other's",
          "[store]") {
  TestStore store;
  Credential other = test_credential(2);
  other.name = "device-1";
  other.account = "OTHER";
  REQUIRE_FALSE(create(store, test_credential(1)));
  REQUIRE_FALSE(create(store, other));
  CHECK(store->ids_named("device-1") == std::vector{test_id(1), test_id(2)});
  const auto move = [](Credential& c) { c.account = "APP"; };
  CHECK(change(store, 2, Action::update, move) == Refusal::conflict);
  CHECK(store->get(test_id(2))->account == "OTHER");
}

TEST_CASE("store: a name that begins like another is another", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  REQUIRE_FALSE(create(store, test_credential(11)));
  CHECK(store->ids_named("device-1") == std::vector{test_id(1)});
  CHECK(store->ids_named("device-").empty());
}

TEST_CASE("store: a new name or account frees the old, for others and for itself", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  REQUIRE_FALSE(change(store, 1, Action::update, set_name("pump")));
  CHECK(store->ids_named("device-1").empty());
  CHECK(store->ids_named("pump") == std::vector{test_id(1)});
  Credential second = test_credential(2);
  second.name = "device-1";
  CHECK_FALSE(create(store, second));
  CHECK(change(store, 1, Action::update, set_name("device-1")) == Refusal::conflict);
  REQUIRE_FALSE(change(store, 2, Action::update, [](Credential& c) { c.account = "OTHER"; }));
  CHECK_FALSE(change(store, 1, Action::update, set_name("device-1")));
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("store: an id is taken once and for ever", "[store]") {
  TestStore store;
  Credential again = test_credential(1);
  again.name = "other";
  REQUIRE_FALSE(create(store, test_credential(1)));
  CHECK(create(store, again) == Refusal::conflict);
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  CHECK(create(store, again) == Refusal::conflict);
}

TEST_CASE("store: a sealed secret is kept where the credential signs with it, and nowhere else",
          "[store]") {
  TestStore store;
  const auto sealed_of = [&](std::uint32_t n) { return store->get(test_id(n))->secrets[0].sealed; };
  const auto sealed = [](Credential c) {
    c.secrets = {{.scheme = auth::Scheme::blake2b,
                  .key_id = "0123456789abcdef",
                  .hash = auth::Hash32{},
                  .created_at = kNow,
                  .password_hash = {},
                  .sealed = "sealed"}};
    return c;
  };
  Credential signs = sealed(test_credential(1));
  signs.sigv4 = true;
  REQUIRE_FALSE(create(store, signs));
  REQUIRE_FALSE(create(store, sealed(test_credential(2))));
  CHECK(sealed_of(1) == "sealed");
  CHECK(sealed_of(2).empty());

  REQUIRE_FALSE(change(store, 1, Action::update, [](Credential& c) { c.sigv4 = false; }));
  CHECK(sealed_of(1).empty());
  // One that was read before that, and is stored now.
  REQUIRE_FALSE(
      change(store, 1, Action::rehash, [](Credential& c) { c.secrets[0].sealed = "again"; }));
  CHECK(sealed_of(1).empty());

  REQUIRE_FALSE(change(store, 1, Action::rotate, [&](Credential& c) {
    c.sigv4 = true;
    c.secrets = signs.secrets;
  }));
  CHECK(sealed_of(1) == "sealed");
  REQUIRE_FALSE(change(store, 1, Action::update, [](Credential& c) {
    c.secrets[0].expires_at = kNow;
    c.secrets.push_back(c.secrets[0]);
    c.secrets[1].expires_at = kNow + 1s;
  }));
  CHECK(sealed_of(1).empty());
  CHECK(store->get(test_id(1))->secrets[1].sealed == "sealed");
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  CHECK(store->get(test_id(1))->secrets[1].sealed.empty());
}

TEST_CASE("store: a public key is registered once, and once revoked never again", "[store]") {
  TestStore store;
  const auto kind = GENERATE(Kind::nkey, Kind::creds, Kind::cert);
  REQUIRE_FALSE(create(store, test_credential(1, kind, test_nkey(1))));
  CHECK(create(store, test_credential(2, kind, test_nkey(1))) == Refusal::conflict);
  SECTION("with its secrets left in the record") {
    REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  }
  SECTION("with its secrets removed from the record") {
    REQUIRE_FALSE(change(store, 1, Action::revoke, [](Credential& c) {
      c.status = Status::revoked;
      c.secrets.clear();
    }));
  }
  CHECK(create(store, test_credential(2, kind, test_nkey(1))) == Refusal::conflict);
  CHECK(owner(store, kind, test_nkey(1)) == test_id(1));
  REQUIRE_FALSE(create(store, test_credential(2, kind, test_nkey(2))));
  const auto take = [](Credential& c) { c.secrets.push_back(login_secret(test_nkey(1))); };
  CHECK(change(store, 2, Action::update, take) == Refusal::conflict);
}

TEST_CASE("store: a password's login is free again after a revocation", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1, Kind::password, "bob")));
  CHECK(create(store, test_credential(2, Kind::password, "bob")) == Refusal::conflict);
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  CHECK_FALSE(owner(store, Kind::password, "bob"));
  REQUIRE_FALSE(create(store, test_credential(2, Kind::password, "bob")));
  CHECK(owner(store, Kind::password, "bob") == test_id(2));
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  CHECK(owner(store, Kind::password, "bob") == test_id(2));
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("store: a public key that was rotated away stays registered, and is never taken again",
          "[store]") {
  TestStore store;
  const auto kind = GENERATE(Kind::nkey, Kind::creds, Kind::cert, Kind::token);
  REQUIRE_FALSE(create(store, test_credential(1, kind, test_nkey(1))));
  REQUIRE_FALSE(change(store, 1, Action::rotate,
                       [](Credential& c) { c.secrets.push_back(login_secret(test_nkey(2))); }));
  CHECK(owner(store, kind, test_nkey(1)) == test_id(1));
  CHECK(owner(store, kind, test_nkey(2)) == test_id(1));
  REQUIRE_FALSE(
      change(store, 1, Action::rotate, [](Credential& c) { c.secrets.erase(c.secrets.begin()); }));
  CHECK(owner(store, kind, test_nkey(1)) == test_id(1));
  CHECK(owner(store, kind, test_nkey(2)) == test_id(1));
  CHECK(create(store, test_credential(2, kind, test_nkey(1))) == Refusal::conflict);
  SECTION("by whom it was either") {
    CHECK(change(store, 1, Action::rotate, [](Credential& c) {
            c.secrets.push_back(login_secret(test_nkey(1)));
          }) == Refusal::conflict);
  }
  SECTION("nor made to last once it is to end") {
    const auto lasting = [](Credential& c) { c.secrets = {login_secret(test_nkey(3))}; };
    const auto ending = [](Credential& c) {
      c.secrets.front().expires_at = kNow + std::chrono::hours{1};
      c.secrets.push_back(login_secret(test_nkey(4)));
    };
    const auto again = [](Credential& c) { c.secrets = {login_secret(test_nkey(3))}; };
    REQUIRE_FALSE(change(store, 1, Action::rotate, lasting));
    REQUIRE_FALSE(change(store, 1, Action::rotate, ending));
    CHECK(change(store, 1, Action::rotate, again) == Refusal::conflict);
  }
  SECTION("as another kind of public key") {
    const auto other = kind == Kind::nkey ? Kind::creds : Kind::nkey;
    const bool key = kind == Kind::nkey || kind == Kind::creds;
    CHECK(create(store, test_credential(2, other, test_nkey(1))) ==
          (key ? std::optional{Refusal::conflict} : std::nullopt));
  }
  SECTION("after a revocation too") {
    REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
    CHECK(create(store, test_credential(2, kind, test_nkey(1))) == Refusal::conflict);
    CHECK(create(store, test_credential(2, kind, test_nkey(2))) == Refusal::conflict);
  }
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("store: a password's login leads to the credential while it has it, and is then free",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1, Kind::password, "bob")));
  const auto rename = [](Credential& c) { c.secrets = {password_secret("robert")}; };
  REQUIRE_FALSE(change(store, 1, Action::rotate, rename));
  CHECK_FALSE(owner(store, Kind::password, "bob"));
  CHECK(owner(store, Kind::password, "robert") == test_id(1));
  CHECK_FALSE(create(store, test_credential(2, Kind::password, "bob")));
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("store: two secrets of a rotation may have one login", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1, Kind::password, "bob")));
  const auto add = [](Credential& c) { c.secrets.push_back(password_secret("bob")); };
  REQUIRE_FALSE(change(store, 1, Action::rotate, add));
  CHECK(owner(store, Kind::password, "bob") == test_id(1));
  REQUIRE_FALSE(change(store, 1, Action::rotate, [](Credential& c) { c.secrets.pop_back(); }));
  CHECK(owner(store, Kind::password, "bob") == test_id(1));
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("store: a token is found by its id, which it shares with no key", "[store]") {
  TestStore store;
  Credential token = test_credential(1);
  token.kind = Kind::token;
  REQUIRE_FALSE(create(store, token));
  CHECK(owner(store, Kind::token, test_id(1)) == test_id(1));
  CHECK_FALSE(owner(store, Kind::token, test_id(2)));
  Credential key = test_credential(1);
  key.name = "another";
  CHECK(create(store, key) == Refusal::conflict);
}

TEST_CASE("store: a change may demand the revision that was read", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  Intent demand = intent(Action::update);
  demand.revision = 1;
  const auto changed = store->change(test_id(1), demand, set_name("pump"));
  REQUIRE(changed);
  CHECK(changed->changed);
  CHECK(changed->credential.revision == 2);
  CHECK(refusal(store->change(test_id(1), demand, set_name("valve"))) == Refusal::conflict);
  demand.revision = 3;
  CHECK(refusal(store->change(test_id(1), demand, set_name("valve"))) == Refusal::conflict);
  CHECK(store->get(test_id(1))->name == "pump");
}

TEST_CASE("store: an unknown id is not found and the edit is never asked", "[store]") {
  TestStore store;
  const auto never = [](Credential&) { FAIL("there is nothing to edit"); };
  CHECK(change(store, 1, Action::update, never) == Refusal::not_found);
  for (const auto* id : {"", "x", "device-1"}) {
    CHECK(refusal(store->change(id, intent(Action::update), never)) == Refusal::not_found);
  }
}

TEST_CASE("store: a change that changes nothing writes nothing", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  const auto txn = store->last_txn();
  const auto same = store->change(test_id(1), intent(Action::update), set_name("device-1"));
  REQUIRE(same);
  CHECK_FALSE(same->changed);
  CHECK(same->credential == store->get(test_id(1)));
  CHECK(store->last_txn() == txn);
  CHECK(store->totals().sequence == 1);
}

TEST_CASE("store: a revocation destroys the hashes, says who and why, and is final", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  Intent why = intent(Action::revoke);
  why.reason = "lost";
  REQUIRE(store->change(test_id(1), why, revocation()));
  const Credential revoked = store->get(test_id(1)).value();
  CHECK(revoked.status == Status::revoked);
  CHECK_FALSE(revoked.secrets.at(0).hash);
  CHECK(revoked.revoked_at == kNow);
  CHECK(revoked.revoked_by == "local:alice");
  CHECK(revoked.revoke_reason == "lost");

  for (const auto action : {Action::update, Action::suspend, Action::resume, Action::rotate,
                            Action::rehash, Action::withdraw}) {
    CHECK(change(store, 1, action, set_status(Status::active)) == Refusal::revoked);
  }
  const auto again = store->change(test_id(1), intent(Action::revoke), set_status(Status::active));
  REQUIRE(again);
  CHECK_FALSE(again->changed);
  CHECK(store->get(test_id(1)) == revoked);
}

TEST_CASE(
    "store: a revocation destroys the hash of a password too, by whichever word it is revoked",
    "[store]") {
  TestStore store;
  const auto action = GENERATE(Action::revoke, Action::withdraw);
  Credential c = test_credential(1, Kind::password, "bob");
  c.secrets.push_back(password_secret("bob"));
  REQUIRE_FALSE(create(store, c));
  REQUIRE_FALSE(change(store, 1, action, revocation()));
  const Credential revoked = store->get(test_id(1)).value();
  REQUIRE(revoked.secrets.size() == 2);
  for (const auto& secret : revoked.secrets) {
    CHECK(secret.password_hash.empty());
    CHECK(secret.login == "bob");
  }
}

TEST_CASE("store: an edit that would make the credential invalid changes nothing", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  const auto before = store->get(test_id(1));
  const auto txn = store->last_txn();
  const std::vector<Store::Edit> edits = {
      set_name(""),
      set_name("two\nlines"),
      [](Credential& c) { c.subjects = {">"}; },
      [](Credential& c) { c.subjects.clear(); },
      [](Credential& c) { c.id = test_id(2); },
      [](Credential& c) { c.kind = Kind::nkey; },
      [](Credential& c) { c.revision = 7; },
      [](Credential& c) { c.not_before = auth::Time{-1s}; },
      [](Credential& c) { c.secrets[0].login = std::string(511, 'x'); }};
  for (std::size_t i = 0; i < edits.size(); ++i) {
    CAPTURE(i);
    for (const auto action : {Action::update, Action::rotate}) {
      CHECK(change(store, 1, action, edits[i]) == Refusal::invalid);
    }
  }
  CHECK(store->get(test_id(1)) == before);
  CHECK(store->last_txn() == txn);
}

TEST_CASE("store: an edit that throws changes nothing and blocks nobody", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, test_credential(1)));
  const auto fail = [](Credential& c) {
    c.name = "half";
    throw std::runtime_error("no");
  };
  CHECK_THROWS_AS(store->change(test_id(1), intent(Action::update), fail), std::runtime_error);
  CHECK(store->get(test_id(1))->name == "device-1");
  CHECK_FALSE(change(store, 1, Action::update, set_name("pump")));
}

TEST_CASE("store: what cannot be stored as it is, is not created", "[store]") {
  TestStore store;
  Credential c = test_credential(1);
  SECTION("an id that is none") {
    c.id = "_INBOX.>";
  }
  SECTION("an id that is none, of the right length") {
    c.id = "CG.>AAAAAAAAAAAAAAAA";
  }
  SECTION("no id") {
    c.id = "";
  }
  SECTION("a moment before 1970") {
    c.expires_at = auth::Time{-1s};
  }
  SECTION("a login that no key can hold") {
    c.secrets[0].login = std::string(511, 'x');
  }
  SECTION("a name that would forge a line of the log") {
    c.name = "a\nb";
  }
  CHECK(create(store, c) == Refusal::invalid);
  CHECK(store->totals().active == 0);
  CHECK(store->totals().sequence == 0);
}

}  // namespace
}  // namespace store
