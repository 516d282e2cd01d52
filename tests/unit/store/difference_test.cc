#include "store/difference.h"

#include "store/apply_change.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

std::vector<std::string> numbered(const std::string& prefix, int from, int to) {
  std::vector<std::string> list;
  for (int i = from; i < to; ++i)
    list.push_back(prefix + std::to_string(i));
  return list;
}

TEST_CASE("difference: of a long list it is what was added and removed", "[store]") {
  auth::Credential before = test_credential(1);
  before.subjects = numbered("orders.", 0, 1000);
  auth::Credential after = before;
  after.subjects.erase(after.subjects.begin() + 7);
  after.subjects.emplace_back("invoices");
  CHECK(difference(&before, after) ==
        std::vector<FieldChange>{
            {"subjects", R"({"removed":["orders.7"]})", R"({"added":["invoices"]})"}});
}

TEST_CASE("difference: an item that is in a list twice counts twice", "[store]") {
  auth::Credential before = test_credential(1);
  before.subjects = numbered("orders.", 0, 100);
  before.subjects.emplace_back("orders.1");
  auth::Credential after = before;
  after.subjects.emplace_back("orders.1");
  CHECK(difference(&before, after) ==
        std::vector<FieldChange>{{"subjects", R"({"removed":[]})", R"({"added":["orders.1"]})"}});
  CHECK(difference(&after, before) ==
        std::vector<FieldChange>{{"subjects", R"({"removed":["orders.1"]})", R"({"added":[]})"}});
}

TEST_CASE("difference: short lists, and lists with nothing in common, are given whole", "[store]") {
  auth::Credential before = test_credential(1);
  auth::Credential after = before;
  after.subjects = {"orders.>"};
  CHECK(difference(&before, after) ==
        std::vector<FieldChange>{{"subjects", R"(["telemetry.>"])", R"(["orders.>"])"}});
  before.subjects = numbered("orders.", 0, 100);
  after.subjects = numbered("invoices.", 0, 100);
  const auto changes = difference(&before, after);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].before.starts_with(R"(["orders.0",)"));
  CHECK(changes[0].after.starts_with(R"(["invoices.0",)"));
}

TEST_CASE("difference: a member of the permissions is a field of its own", "[store]") {
  auth::Credential before = test_credential(1);
  before.permissions.publish.allow = numbered("a.", 0, 1000);
  auth::Credential after = before;
  after.permissions.publish.allow.emplace_back("b");
  after.permissions.subscribe.deny = {"c"};
  CHECK(difference(&before, after) ==
        std::vector<FieldChange>{
            {"permissions.publish.allow", R"({"removed":[]})", R"({"added":["b"]})"},
            {"permissions.subscribe.deny", "[]", R"(["c"])"}});
}

TEST_CASE("difference: a new credential has each field whole", "[store]") {
  auth::Credential made = test_credential(1);
  made.permissions.publish.allow = numbered("a.", 0, 1000);
  for (const auto& change : difference(nullptr, made)) {
    CHECK(change.before == "null");
    CHECK(change.after.find("added") == std::string::npos);
  }
}

TEST_CASE("difference: an entry is as large as the change, whatever the record has", "[store]") {
  TestStore store;
  auth::Credential large = test_credential(1);
  large.subjects = numbered("orders.", 0, 1000);
  large.permissions.publish.deny = numbered("private.", 0, 1000);
  REQUIRE_FALSE(create(store, large));
  for (int i = 0; i < 3; ++i) {
    REQUIRE_FALSE(change(store, 1, Action::update, [&](auth::Credential& c) {
      c.subjects.at(0) = "invoices." + std::to_string(i);
      c.permissions.publish.deny.at(0) = "secret." + std::to_string(i);
    }));
    const Entry entry = store->history(store->totals().sequence - 1, 1, {}).at(0);
    CHECK(write_entry(entry).size() < 500);
  }
}

}  // namespace
}  // namespace store
