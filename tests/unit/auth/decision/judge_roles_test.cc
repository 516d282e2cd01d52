#include "auth/credential/capabilities.h"
#include "tests/support/catch.h"
#include "tests/support/decide_world.h"

namespace auth {
namespace {

using made::with_key;
using made::World;

Role role(const std::string& name, const std::string& subject) {
  Role made;
  made.account = "APP";
  made.name = name;
  made.publish = true;
  made.subjects = {subject};
  return made;
}

Result<Grant, Deny> verdict(const World& world, const std::vector<Role>& roles) {
  const auto request = world.request();
  const Judge judge = world.judge();
  const auto identity = judge.identify(request);
  return judge.decide(request, *identity, world.credential, world.now, roles).verdict;
}

TEST_CASE("judge: a login gets what its roles give, as they are at that moment", "[decision]") {
  World world = with_key();
  world.credential->roles = {"ops"};
  const auto granted = verdict(world, {role("ops", "a")});
  REQUIRE(granted);
  CHECK(granted->permissions == expand(*world.credential, std::vector{role("ops", "a")}));
  CHECK(granted->permissions != verdict(world, {role("ops", "b")})->permissions);
}

TEST_CASE("judge: a role that is not there keeps out who names it, and no role comes uncalled",
          "[decision]") {
  World world = with_key();
  world.credential->roles = {"ops", "readers"};
  const auto ops = role("ops", "a");
  const auto readers = role("readers", "b");
  auto foreign = readers;
  foreign.account = "OTHER";
  CHECK(verdict(world, {ops, readers}));
  CHECK(verdict(world, {}).error() == Deny::role_missing);
  CHECK(verdict(world, {ops}).error() == Deny::role_missing);
  CHECK(verdict(world, {ops, foreign}).error() == Deny::role_missing);
  CHECK(verdict(world, {ops, readers, role("x", ">")}).error() == Deny::role_missing);
  world.credential->roles.clear();
  CHECK(verdict(world, {ops}).error() == Deny::role_missing);
  // Who has not proved anything learns nothing of roles.
  world.connect["pass"] = "x";
  CHECK(verdict(world, {}).error() == Deny::bad_proof);
}

TEST_CASE("judge: a role gives nothing where the account's signing key is scoped", "[decision]") {
  World world = with_key();
  world.policy.scoped = {"APP"};
  static_cast<Rights&>(*world.credential) = {};
  world.credential->roles = {"ops"};
  CHECK(verdict(world, {role("ops", "a")}).error() == Deny::account_not_allowed);
  auto none = role("ops", "a");
  static_cast<Rights&>(none) = {};
  CHECK(verdict(world, {none}));
}

TEST_CASE("judge: sessions are known by the roles of their credential", "[decision]") {
  World world = with_key();
  world.credential->roles = {"ops", "readers"};
  CHECK(world.judge().session_rules(*world.credential, world.now).roles ==
        std::vector<std::string>{"APP/ops", "APP/readers"});
}

TEST_CASE("judge: a grant says which entries gave nothing, and why", "[decision]") {
  World world = with_key();
  world.credential->roles = {"ops"};
  world.credential->tags = {"site=a.b"};
  CHECK(verdict(world, {role("ops", "a.{id}")})->dropped.empty());
  const auto granted = verdict(world, {role("ops", "a.{tag.site}")});
  REQUIRE(granted);
  REQUIRE(granted->dropped.size() == 1);
  CHECK(granted->dropped[0].starts_with("a.{tag.site} (the tag site "));
}

}  // namespace
}  // namespace auth
