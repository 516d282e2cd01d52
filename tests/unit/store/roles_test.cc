#include "store/roles.h"

#include <algorithm>

#include "auth/credential/record_codec.h"
#include "store/integrity_check.h"
#include "tests/support/catch.h"
#include "tests/support/make_credential.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

using auth::Credential;
using auth::Kind;
using auth::Role;
using auth::Status;
using List = std::vector<std::string>;

Role test_role(const std::string& name, const std::string& account = "APP") {
  Role role;
  role.account = account;
  role.name = name;
  role.publish = true;
  role.subjects = {"of." + name};
  return role;
}

std::optional<Refusal> create_role(TestStore& store, const Role& role) {
  return refusal(store->create_role(role, intent(Action::update)));
}

std::optional<Refusal> delete_role(TestStore& store, const std::string& name) {
  return refusal(store->delete_role("APP", name, intent(Action::update)));
}

Credential with_roles(std::uint32_t n, const List& roles) {
  Credential c = test_credential(n);
  c.roles = roles;
  return c;
}

Store::Edit set_roles(const List& roles) {
  return [roles](Credential& c) { c.roles = roles; };
}

// What a login sees: the subjects of its roles, in order.
List given(TestStore& store, std::uint32_t n) {
  List subjects;
  for (const Role& role : store->find(Kind::key, test_id(n)).roles)
    subjects.push_back(role.subjects.at(0));
  return subjects;
}

bool whole(TestStore& store) {
  const auto faults = deep_check(*store);
  for (const auto& fault : faults)
    UNSCOPED_INFO(fault);
  return faults.empty() && store->check_pages().faults.empty();
}

bool finds(TestStore& store, const std::string& words) {
  return std::ranges::any_of(deep_check(*store), [&](const std::string& fault) {
    return fault.find(words) != std::string::npos;
  });
}

TEST_CASE("roles: a new role is revision 1, found in its account alone, and in the journal",
          "[store]") {
  TestStore store;
  Role role = auth::made::full_role();
  role.everything = false;
  role.ack_v2 = false;
  const auto made = store->create_role(role, intent(Action::create));
  REQUIRE(made);
  Role expected = role;
  expected.revision = 1;
  expected.created_at = expected.updated_at = kNow;
  expected.created_by = expected.updated_by = "local:alice";
  CHECK(made->role == expected);
  CHECK(store->role("APP", "ops") == expected);
  CHECK_FALSE(store->role("AP", "ops"));
  CHECK_FALSE(store->role("APP", "op"));
  CHECK_FALSE(store->role("", ""));
  CHECK_FALSE(store->role("APP", std::string(10'000, 'x')));
  CHECK_FALSE(store->role(std::string(10'000, 'x'), "ops"));
  CHECK(create_role(store, role) == Refusal::conflict);
  CHECK(create_role(store, test_role("a.b")) == Refusal::invalid);
  CHECK_FALSE(create_role(store, test_role("ops", "OTHER")));
  const auto entries = store->history(0, 10, {.id = "APP/ops"});
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].action == Action::create_role);
  CHECK(entries[0].revision == 1);
  CHECK(entries[0].sequence == made->sequence);
  CHECK(std::ranges::any_of(entries[0].fields,
                            [](const auto& field) { return field.field == "subjects"; }));
  CHECK(whole(store));
}

TEST_CASE("roles: whoever is found is found with the roles of the same moment", "[store]") {
  TestStore store;
  for (const char* name : {"a", "b", "c"})
    REQUIRE_FALSE(create_role(store, test_role(name)));
  Credential c = test_credential(1, Kind::nkey, test_nkey(1));
  c.roles = {"c", "a"};
  REQUIRE_FALSE(create(store, c));
  CHECK(given(store, 1) == List{"of.c", "of.a"});
  CHECK(store->find(Kind::nkey, test_nkey(1)).roles.size() == 2);
  CHECK(store->find_id(test_id(1)).roles.size() == 2);
  const auto changed = store->change_role("APP", "a", intent(Action::update),
                                          [](Role& role) { role.subjects = {"new"}; });
  REQUIRE(changed);
  CHECK(changed->role.revision == 2);
  CHECK(given(store, 1) == List{"of.c", "new"});
  CHECK(store->get(test_id(1))->revision == 1);
  const auto entries = store->history(0, 10, {.action = Action::update_role});
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].fields == std::vector<FieldChange>{{"subjects", "[\"of.a\"]", "[\"new\"]"}});
  CHECK(whole(store));
}

TEST_CASE("roles: a change that is none writes nothing, unless sessions are to be closed",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create_role(store, test_role("ops")));
  const auto change = [&](bool now, const Store::RoleEdit& edit) {
    Intent asked = intent(Action::update);
    asked.now = now;
    const auto made = store->change_role("APP", "ops", asked, edit);
    REQUIRE(made);
    return *made;
  };
  const auto none = change(false, [](Role&) {});
  CHECK_FALSE(none.changed);
  CHECK(none.sequence == 0);
  const auto kick = change(true, [](Role&) {});
  CHECK_FALSE(kick.changed);
  CHECK(kick.sequence == 2);
  const auto both = change(true, [](Role& role) { role.description = "x"; });
  CHECK(both.changed);
  CHECK(both.sequence == 4);
  const auto entries = store->history(1, 10, {});
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].action == Action::kick_role);
  CHECK(entries[1].action == Action::update_role);
  CHECK(entries[2].action == Action::kick_role);
  CHECK(entries[2].id == "APP/ops");
  CHECK(whole(store));
}

TEST_CASE("roles: a change that may not be made changes nothing", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create_role(store, test_role("ops")));
  const auto refused = [&](const std::string& name, const Store::RoleEdit& edit,
                           std::optional<std::uint64_t> revision = {}) {
    Intent asked = intent(Action::update);
    asked.revision = revision;
    return refusal(store->change_role("APP", name, asked, edit));
  };
  CHECK(refused("gone", [](Role&) {}) == Refusal::not_found);
  CHECK(refused("ops", [](Role& role) { role.subjects = {"b"}; }, 2) == Refusal::conflict);
  CHECK(refused("ops", [](Role& role) { role.subjects.clear(); }) == Refusal::invalid);
  CHECK(refused("ops", [](Role& role) { role.name = "b"; }) == Refusal::invalid);
  CHECK(refused("ops", [](Role& role) { role.account = "B"; }) == Refusal::invalid);
  CHECK(refused("ops", [](Role& role) { role.revision = 9; }) == Refusal::invalid);
  CHECK(store->role("APP", "ops")->revision == 1);
  CHECK(store->totals().sequence == 1);
}

TEST_CASE("roles: a credential gets only roles that its own account has", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create_role(store, test_role("ops", "OTHER")));
  CHECK(create(store, with_roles(1, {"ops"})) == Refusal::invalid);
  CHECK(store->check_new(with_roles(1, {"ops"})));
  REQUIRE_FALSE(create(store, test_credential(1)));
  const auto changed = store->change(test_id(1), intent(Action::update), set_roles({"ops"}));
  REQUIRE_FALSE(changed);
  CHECK(changed.error().why == Refusal::invalid);
  CHECK(changed.error().message.starts_with("roles: there is no role \"ops\" in account APP"));
  REQUIRE_FALSE(create_role(store, test_role("ops")));
  CHECK_FALSE(store->check_new(with_roles(2, {"ops"})));
  CHECK_FALSE(change(store, 1, Action::update, set_roles({"ops"})));
  // Nor does it take its role along into another account that has none of that name.
  CHECK(change(store, 1, Action::update, [](Credential& c) { c.account = "THIRD"; }) ==
        Refusal::invalid);
  CHECK_FALSE(change(store, 1, Action::update, [](Credential& c) { c.account = "OTHER"; }));
  CHECK(store->members("OTHER", "ops", "", 10).ids == List{test_id(1)});
  CHECK(store->members("APP", "ops", "", 10).ids.empty());
  CHECK(whole(store));
}

TEST_CASE("roles: rights that exclude each other are refused in one credential", "[store]") {
  TestStore store;
  Role all = test_role("all");
  all.subjects.clear();
  all.everything = true;
  Role reads = test_role("reads");
  reads.buckets.kv_read = {{.bucket = "cfg"}};
  REQUIRE_FALSE(create_role(store, all));
  REQUIRE_FALSE(create_role(store, reads));
  CHECK(create(store, with_roles(1, {"all", "reads"})) == Refusal::invalid);
  CHECK_FALSE(create(store, with_roles(1, {"all"})));
}

TEST_CASE("roles: the members of a role are those who have it and are not revoked", "[store]") {
  TestStore store;
  for (const char* name : {"a", "ab"})
    REQUIRE_FALSE(create_role(store, test_role(name)));
  for (std::uint32_t n = 1; n <= 4; ++n)
    REQUIRE_FALSE(create(store, with_roles(n, {"a", "ab"})));
  REQUIRE_FALSE(change(store, 1, Action::update, set_roles({"ab"})));
  REQUIRE_FALSE(change(store, 2, Action::revoke, revocation()));
  REQUIRE_FALSE(change(store, 3, Action::suspend, set_status(Status::suspended)));
  CHECK(store->members("APP", "a", "", 10).ids == List{test_id(3), test_id(4)});
  CHECK(store->members("APP", "ab", "", 10).ids == List{test_id(1), test_id(3), test_id(4)});
  const auto first = store->members("APP", "ab", "", 2);
  CHECK(first.ids == List{test_id(1), test_id(3)});
  CHECK(first.last == test_id(3));
  const auto second = store->members("APP", "ab", first.last, 2);
  CHECK(second.ids == List{test_id(4)});
  CHECK(second.last.empty());
  CHECK(store->has_member("APP", "a", test_id(4)));
  CHECK_FALSE(store->has_member("APP", "a", test_id(1)));
  CHECK_FALSE(store->has_member("APP", "a", ""));
  Filter has_a;
  has_a.role = "a";
  CHECK(store->list(has_a, "", 10).credentials.size() == 3);  // the revoked one too
  CHECK(whole(store));
  static_cast<void>(store->withdraw(std::vector{test_id(4)}, intent(Action::withdraw)));
  CHECK(store->members("APP", "a", "", 10).ids == List{test_id(3)});
  CHECK(whole(store));
}

TEST_CASE("roles: a role that somebody has cannot be deleted, but when they are revoked",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create_role(store, test_role("ops")));
  REQUIRE_FALSE(create(store, with_roles(1, {"ops"})));
  CHECK(delete_role(store, "gone") == Refusal::not_found);
  const auto refused = store->delete_role("APP", "ops", intent(Action::update));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().why == Refusal::conflict);
  CHECK(refused.error().message.find(test_id(1)) != std::string::npos);
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  CHECK_FALSE(delete_role(store, "ops"));
  CHECK_FALSE(store->role("APP", "ops"));
  CHECK(store->history(0, 10, {.action = Action::delete_role}).size() == 1);
  CHECK(delete_role(store, "ops") == Refusal::not_found);
  CHECK(whole(store));
}

TEST_CASE("roles: a role that is missing or damaged is not found, and the check names it",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create_role(store, test_role("ops")));
  REQUIRE_FALSE(create_role(store, test_role("readers")));
  REQUIRE_FALSE(create(store, with_roles(1, {"ops", "readers"})));
  const bool removed = GENERATE(true, false);
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    const std::string key = role_key("APP", "ops");
    if (removed) return txn.remove(tables.roles, key);
    // A whole one, which belongs to another name.
    txn.put(tables.roles, key, auth::write_role(test_role("readers")));
  });
  CHECK(given(store, 1) == List{"of.readers"});
  CHECK(finds(store, test_id(1) + ": is refused, because its role ops in account APP"));
  if (!removed) {
    CHECK_THROWS_AS(store->role("APP", "ops"), Damaged);
    CHECK(store->list_roles("APP", "", 10).damaged == List{"APP/ops"});
    CHECK(finds(store, "the table roles has an entry that"));
  }
  // It can still be shut out, and be rotated, and be given other roles.
  CHECK_FALSE(change(store, 1, Action::rotate, set_name("other")));
  CHECK(change(store, 1, Action::update, set_name("third")) == Refusal::invalid);
  CHECK_FALSE(change(store, 1, Action::suspend, set_status(Status::suspended)));
  CHECK_FALSE(change(store, 1, Action::update, set_roles({"readers"})));
  CHECK(delete_role(store, "ops") == (removed ? std::optional{Refusal::not_found} : std::nullopt));
  CHECK_FALSE(create_role(store, test_role("ops")));
  CHECK(whole(store));
}

TEST_CASE("roles: an index of members that does not fit the records is found", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create_role(store, test_role("ops")));
  REQUIRE_FALSE(create(store, with_roles(1, {"ops"})));
  REQUIRE_FALSE(create(store, test_credential(2)));
  const auto tampered = [&](const std::string& key, bool put) {
    store.tamper([&](WriteTxn& txn, const Tables& tables) {
      if (put) return txn.put(tables.members, key, "");
      txn.remove(tables.members, key);
    });
  };
  const std::string prefix = members_prefix("APP", "ops");
  tampered(prefix + test_id(1), false);
  CHECK(finds(store, test_id(1) + ": is not among the members of its role ops"));
  tampered(prefix + test_id(1), true);
  CHECK(whole(store));
  tampered(prefix + test_id(2), true);
  CHECK(finds(store, "leads to " + test_id(2) + ", which does not have that role"));
  tampered(prefix + test_id(2), false);
  tampered(prefix + test_id(3), true);
  CHECK(finds(store, "leads to no record"));
}

TEST_CASE("roles: an older role that was put back is found, and one that was deleted", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create_role(store, test_role("ops")));
  const auto put_back = [&](const Role& role) {
    store.tamper([&](WriteTxn& txn, const Tables& tables) {
      txn.put(tables.roles, role_key(role.account, role.name), auth::write_role(role));
    });
  };
  const auto old = store->role("APP", "ops");
  REQUIRE(old);
  const auto change = [](Role& role) { role.subjects = {"less"}; };
  REQUIRE(store->change_role("APP", "ops", intent(Action::update), change));
  CHECK(whole(store));
  put_back(*old);
  CHECK(finds(store, "APP/ops: its record is revision 1, but entry 2 of the journal made it"));
  REQUIRE_FALSE(delete_role(store, "ops"));
  CHECK(whole(store));
  put_back(*old);
  CHECK(finds(store, "APP/ops: has a record, which entry 3 of the journal took back"));
  REQUIRE_FALSE(delete_role(store, "ops"));
  REQUIRE_FALSE(create_role(store, test_role("ops")));
  CHECK(whole(store));
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    txn.remove(tables.roles, role_key("APP", "ops"));
  });
  CHECK(finds(store, "APP/ops: has no record, but entry 5 of the journal says that it has one"));
}

TEST_CASE("roles: roles are listed by account and name, a page at a time", "[store]") {
  TestStore store;
  for (const char* name : {"b", "a"}) {
    REQUIRE_FALSE(create_role(store, test_role(name)));
    REQUIRE_FALSE(create_role(store, test_role(name, "AP")));
  }
  const auto names = [](const RolePage& page) {
    List list;
    for (const Role& role : page.roles)
      list.push_back(auth::role_id(role.account, role.name));
    return list;
  };
  CHECK(names(store->list_roles("", "", 10)) == List{"AP/a", "AP/b", "APP/a", "APP/b"});
  CHECK(names(store->list_roles("AP", "", 10)) == List{"AP/a", "AP/b"});
  const auto first = store->list_roles("APP", "", 1);
  CHECK(names(first) == List{"APP/a"});
  const auto second = store->list_roles("APP", first.last, 1);
  CHECK(names(second) == List{"APP/b"});
  CHECK(second.last.empty());
}

TEST_CASE("roles: a row of a member that is revoked keeps no role from being deleted", "[store]") {
  TestStore store;
  REQUIRE_FALSE(create_role(store, test_role("ops")));
  Credential c = test_credential(1);
  c.roles = {"ops"};
  REQUIRE_FALSE(create(store, c));
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  store.tamper([&](WriteTxn& txn, const Tables& tables) {
    txn.put(tables.members, members_prefix("APP", "ops") + c.id, "");
  });
  CHECK(store->has_member("APP", "ops", c.id));
  CHECK(store->delete_role("APP", "ops", intent(Action::update)));
  CHECK_FALSE(store->has_member("APP", "ops", c.id));
  CHECK(check_all(*store).empty());
}

TEST_CASE("roles: the revision of one that is made again is above those of the old one",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create_role(store, test_role("ops")));
  for (int i = 0; i < 3; ++i) {
    REQUIRE(store->change_role("APP", "ops", intent(Action::update),
                               [&](Role& role) { role.description = std::to_string(i); }));
  }
  const auto before = store->role("APP", "ops")->revision;
  REQUIRE(store->delete_role("APP", "ops", intent(Action::update)));
  REQUIRE_FALSE(create_role(store, test_role("ops")));
  CHECK(store->role("APP", "ops")->revision > before);
  CHECK(check_all(*store).empty());
}

}  // namespace
}  // namespace store
