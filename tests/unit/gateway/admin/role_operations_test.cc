// The operations on roles, and what those on credentials do with roles.

#include <algorithm>

#include "auth/base/text.h"
#include "gateway/admin/operations/context.h"
#include "gateway/admin/operations/operations.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

using gateway::OperationContext;
using Json = nlohmann::json;
using nlohmann::ordered_json;

class Accounts {
 public:
  Accounts() {
    config_.accounts = {"APP", "SHOP", "ADMIN"};
    config_.admin_account = "ADMIN";
  }
  // Of somebody over NATS; an empty account is every account.
  OperationContext remote(const std::string& account = "") {
    OperationContext context = local();
    context.actor = "nats:CGA";
    context.local = false;
    if (!account.empty()) context.account = account;
    return context;
  }
  OperationContext local() {
    return {.config = config_,
            .master = store_.keys(),
            .keys = nullptr,
            .store = *store_,
            .actor = "local:alice",
            .local = true,
            .account = std::nullopt,
            .now = kNow};
  }
  ordered_json make(const std::string& account, const std::string& name, Json role = {}) {
    role["name"] = name;
    role["account"] = account;
    if (role.size() == 2) role["permissions"] = {{"publish", {{"allow", {name + ".>"}}}}};
    return perform(local(), "create_role", {{"role", role}});
  }
  ordered_json give(const std::string& account, const std::string& name, const Json& roles) {
    return perform(local(), "create",
                   {{"credential",
                     {{"name", name},
                      {"kind", "key"},
                      {"account", account},
                      {"roles", roles}}}})["credential"];
  }

  TestStore store_;
  gateway::Config config_;
};

// "code: message" of what is refused; empty where it is not.
std::string refused(const OperationContext& context, const char* operation, const Json& body) {
  try {
    gateway::perform(context, operation, body);
    return "";
  } catch (const gateway::OperationError& error) {
    return std::string(gateway::name(error.code())) + ": " + error.what();
  } catch (const Damaged& damaged) {
    return "damaged: " + damaged.id();
  }
}

std::string code_of(const OperationContext& context, const char* operation, const Json& body) {
  const std::string text = refused(context, operation, body);
  return text.substr(0, text.find(':'));
}

std::vector<std::string> ids_of(const ordered_json& list) {
  std::vector<std::string> ids;
  for (const auto& one : list)
    ids.push_back(one.at("id"));
  return ids;
}

}  // namespace

TEST_CASE("role_operations: a role is made, shown, listed, changed and deleted", "[admin]") {
  Accounts here;
  const auto made = here.make("APP", "ops",
                              {{"description", "who looks after it"},
                               {"capabilities", {"publish"}},
                               {"subjects", {"jobs.{id}.>"}}});
  CHECK(made.at("id") == "APP/ops");
  CHECK(made.at("revision") == 1);
  CHECK(made.at("created_by") == "local:alice");
  CHECK(made.at("subjects") == nlohmann::ordered_json{"jobs.{id}.>"});
  const std::string holder = here.give("APP", "device", {"ops"}).at("id");

  const auto got = perform(here.local(), "get_role", {{"role", "ops"}});
  CHECK(got.at("description") == "who looks after it");
  CHECK(got.at("members") == 1);
  CHECK_FALSE(got.contains("members_more"));
  CHECK(got.at("member_ids") == nlohmann::ordered_json{holder});
  // As it was written.
  CHECK(got.at("expanded").at("publish").at("allow").dump().find("jobs.{id}.>") !=
        std::string::npos);

  const auto list = perform(here.local(), "list_roles", Json::object());
  CHECK(ids_of(list.at("roles")) == std::vector<std::string>{"APP/ops"});
  CHECK(list.at("roles").at(0).at("members") == 1);
  CHECK(list.at("after") == "");

  std::optional<gateway::ClosingRequest> closing;
  OperationContext context = here.local();
  context.closing = &closing;
  here.config_.has_system = true;
  const Json set = {{"subjects", {"tasks.>"}}};
  const auto changed = perform(
      context, "update_role", {{"role", "APP/ops"}, {"revision", 1U}, {"now", true}, {"set", set}});
  CHECK(changed.at("changed") == true);
  CHECK(changed.at("revision") == 2);
  REQUIRE(closing);
  CHECK(closing->credential == "APP/ops");
  CHECK(closing->sequence == here.store_->totals().sequence);
  CHECK(code_of(context, "update_role", {{"role", "ops"}, {"revision", 1U}, {"set", set}}) ==
        "conflict");
  CHECK(perform(context, "update_role", {{"role", "ops"}, {"set", set}}).at("changed") == false);

  CHECK(code_of(context, "delete_role", {{"role", "ops"}}) == "conflict");
  perform(context, "revoke", {{"credential", holder}});
  CHECK(perform(context, "delete_role", {{"role", "ops"}, {"reason", "nobody has it"}}) ==
        ordered_json{{"id", "APP/ops"}, {"account", "APP"}, {"name", "ops"}, {"deleted", true}});
  CHECK(code_of(context, "get_role", {{"role", "ops"}}) == "not_found");
}

TEST_CASE("role_operations: a role in use is not deleted, and three who have it are named",
          "[admin]") {
  Accounts here;
  here.make("APP", "ops");
  std::vector<std::string> ids;
  for (const char* name : {"a", "b", "c", "d"})
    ids.push_back(here.give("APP", name, {"ops"}).at("id"));
  std::ranges::sort(ids);
  const std::string said = refused(here.local(), "delete_role", {{"role", "ops"}});
  CHECK(said.find("conflict: the role ops is in use, by " + ids[0] + " " + ids[1] + " " + ids[2] +
                  " and more;") == 0);
  CHECK(said.find("credgate update CREDENTIAL --no-role ops") != std::string::npos);
  CHECK(said.find(ids[3]) == std::string::npos);
}

TEST_CASE("role_operations: bodies that are wrong are refused, and make nothing", "[admin]") {
  struct Row {
    const char* operation;
    const char* body;
    const char* said;  // how it begins
  };
  const auto row = GENERATE(values<Row>({
      {"create_role", R"({})", "usage: "},
      {"create_role", R"({"role": []})", "usage: "},
      {"create_role", R"({"role": {"name": "n", "account": "APP"}, "who": 1})", "usage: "},
      {"create_role", R"({"role": {"name": "n", "account": "APP", "id": "APP/n"}})",
       "usage: role.id: can't be set"},
      {"create_role", R"({"role": {"name": "n", "account": "APP", "inbox": "shared"}})",
       "usage: inbox"},
      {"create_role", R"({"role": {"name": "a b", "account": "APP"}})", "usage: name"},
      {"create_role", R"({"role": {"name": "a/b", "account": "APP"}})", "usage: name"},
      {"create_role", R"({"role": {"name": "", "account": "APP"}})", "usage: name"},
      {"create_role", R"({"role": {"name": "n"}})", "usage: the account is missing"},
      {"create_role", R"({"role": {"name": "n", "account": "NONE"}})", "refused: account"},
      {"create_role", R"({"role": {"name": "ops", "account": "APP"}})", "conflict: "},
      {"create_role", R"({"role": {"name": "n", "account": "APP"}, "request_id": ""})",
       "usage: request_id"},
      {"get_role", R"({})", "not_found: "},
      {"get_role", R"({"role": "none"})", "not_found: there is no role \"none\""},
      {"get_role", R"({"role": "APP/"})", "not_found: "},
      {"get_role", R"({"role": "/ops"})", "not_found: "},
      {"get_role", R"({"role": "APP\u0000ops"})", "not_found: "},
      {"list_roles", R"({"limit": 0})", "usage: limit"},
      {"update_role", R"({"role": "ops"})", "usage: set: no change was given"},
      {"update_role", R"({"role": "ops", "set": {"name": "x"}})", "usage: set.name: can't be set"},
      {"update_role", R"({"role": "ops", "set": {"account": "SHOP"}})",
       "usage: set.account: can't be set"},
      {"update_role", R"({"role": "ops", "set": {"subjects": ["a b"]}})", "usage: subjects"},
      {"delete_role", R"({"role": "ops", "revision": 9})", "conflict: "},
  }));
  CAPTURE(row.operation, row.body);
  Accounts here;
  here.make("APP", "ops");
  const auto sequence = here.store_->totals().sequence;
  CHECK(refused(here.local(), row.operation, Json::parse(row.body)).find(row.said) == 0);
  CHECK(here.store_->totals().sequence == sequence);
}

TEST_CASE("role_operations: who answers for one account sees and changes its roles alone",
          "[admin]") {
  Accounts here;
  here.make("APP", "ops");
  here.make("SHOP", "ops");
  here.make("SHOP", "till");
  const OperationContext app = here.remote("APP");
  CHECK(ids_of(perform(app, "list_roles", Json::object()).at("roles")) ==
        std::vector<std::string>{"APP/ops"});
  CHECK(perform(app, "get_role", {{"role", "ops"}}).at("id") == "APP/ops");
  const Json set = {{"description", "mine"}};
  for (const char* name : {"till", "SHOP/till", "SHOP/ops"}) {
    CAPTURE(name);
    // In the same words as of one that is nowhere.
    const std::string none = "not_found: there is no role \"" + std::string(name) + "\"";
    CHECK(refused(app, "get_role", {{"role", name}}).find(none) == 0);
    CHECK(refused(app, "update_role", {{"role", name}, {"set", set}}).find(none) == 0);
    CHECK(refused(app, "delete_role", {{"role", name}}).find(none) == 0);
    CHECK(refused(app, "list", {{"role", name}}).find(none) == 0);
  }
  const Json other = {{"role", {{"name", "new"}, {"account", "SHOP"}}}};
  CHECK(code_of(app, "create_role", other) == "refused");
  CHECK(perform(app, "create_role", {{"role", {{"name", "new"}}}}).at("id") == "APP/new");
  const Json theirs = {{"name", "x"}, {"kind", "key"}, {"roles", {"till"}}};
  CHECK(code_of(app, "create", {{"credential", theirs}}) == "usage");
  CHECK(ids_of(perform(app, "history", {{"role", "ops"}}).at("entries")) ==
        std::vector<std::string>{"APP/ops"});
  CHECK(code_of(app, "history", {{"role", "SHOP/ops"}}) == "not_found");
  const auto seen = ids_of(perform(app, "history", Json::object()).at("entries"));
  CHECK(seen == std::vector<std::string>{"APP/ops", "APP/new"});
}

TEST_CASE("role_operations: roles of the admin account are changed on the machine alone",
          "[admin]") {
  Accounts here;
  here.make("ADMIN", "ops");
  const Json role = {{"name", "new"}, {"account", "ADMIN"}};
  for (const auto& context : {here.remote(), here.remote("ADMIN")}) {
    CHECK(code_of(context, "create_role", {{"role", role}}) == "refused");
    CHECK(code_of(context, "update_role",
                  {{"role", "ADMIN/ops"}, {"set", {{"description", "x"}}}}) == "refused");
    CHECK(code_of(context, "delete_role", {{"role", "ADMIN/ops"}}) == "refused");
    CHECK(perform(context, "get_role", {{"role", "ADMIN/ops"}}).at("name") == "ops");
  }
}

TEST_CASE("role_operations: a name that several accounts have is not guessed", "[admin]") {
  Accounts here;
  here.make("APP", "ops");
  here.make("SHOP", "ops");
  CHECK(refused(here.local(), "get_role", {{"role", "ops"}})
            .find("usage: more than one account has a role \"ops\"; use one of: APP/ops "
                  "SHOP/ops") == 0);
  CHECK(perform(here.remote(), "get_role", {{"role", "SHOP/ops"}}).at("account") == "SHOP");
}

TEST_CASE("role_operations: a page of roles ends where it says, and the next begins there",
          "[admin]") {
  Accounts here;
  std::vector<std::string> made;
  for (int n = 10; n < 33; ++n)
    made.push_back(here.make("APP", "r" + std::to_string(n)).at("id"));
  here.make("SHOP", "till");
  for (const auto& context : {here.remote("APP"), here.local()}) {
    std::vector<std::string> seen;
    std::string after;
    int pages = 0;
    do {
      const auto page = perform(context, "list_roles", {{"after", after}, {"limit", 7U}});
      for (const auto& id : ids_of(page.at("roles")))
        seen.push_back(id);
      after = page.at("after");
    } while (!after.empty() && ++pages < 9);
    auto all = made;
    if (!context.account) all.emplace_back("SHOP/till");
    CHECK(seen == all);
  }
  CHECK(code_of(here.remote("APP"), "list_roles", {{"after", "APP/r10"}}) == "usage");
}

TEST_CASE("role_operations: a credential may have its rights from roles alone", "[admin]") {
  Accounts here;
  here.make("APP", "ops");
  here.make("APP", "idle", {{"description", "gives nothing"}});
  here.make("SHOP", "till");
  const std::string id = here.give("APP", "device", {"ops"}).at("id");
  const auto got = perform(here.local(), "get", {{"credential", id}});
  CHECK(got.at("roles") == nlohmann::ordered_json{"ops"});
  CHECK(got.at("expanded").at("publish").at("allow").dump().find("ops.>") != std::string::npos);
  CHECK_FALSE(got.contains("missing_role"));
  const auto create = [&](const Json& roles) {
    const Json fields = {{"name", "x"}, {"kind", "key"}, {"account", "APP"}, {"roles", roles}};
    return refused(here.local(), "create", {{"credential", fields}});
  };
  const auto update = [&](const Json& roles) {
    return refused(here.local(), "update", {{"credential", id}, {"set", {{"roles", roles}}}});
  };
  const std::string missing = "in account APP that can be read; see: credgate role list";
  for (const auto& said : {create({"ops", "none"}), update({"ops", "none"}), create({"till"}),
                           update({"till"}), create({"APP/ops"})}) {
    CHECK(said.find("usage: roles: there is no role \"") == 0);
    CHECK(said.find(missing) != std::string::npos);
  }
  CHECK(create(Json::array()).find("usage: capabilities: must include") == 0);
  CHECK(update(Json::array()).find("usage: capabilities: must include") == 0);
  CHECK(create({"idle"}).find("usage: capabilities: must include") == 0);
  Json nine;
  for (int n = 0; n < 9; ++n)
    nine.push_back(here.make("APP", "r" + std::to_string(n)).at("name").get<std::string>());
  CHECK(update(nine).find("usage: roles: ") == 0);
  CHECK(create(nine).find("usage: roles: ") == 0);
  here.config_.account_keys["APP"].scoped = true;
  CHECK(create({"ops"}).find("usage: capabilities: must be empty") == 0);
  CHECK(code_of(here.local(), "create_role", {{"role", {{"name", "n"}, {"account", "APP"}}}}) ==
        "usage");
}

TEST_CASE("role_operations: a list is of those who have a role", "[admin]") {
  Accounts here;
  for (const char* account : {"APP", "SHOP"}) {
    here.make(account, "ops");
    here.make(account, account);
    here.give(account, "one", {"ops"});
    here.give(account, "other", {account});
  }
  const auto names = [](const OperationContext& context, const std::string& role) {
    const auto list = perform(context, "list", {{"role", role}});
    return auth::join(list.at("credentials"), " ", [](const ordered_json& one) {
      return one.at("account").get<std::string>() + "/" + one.at("name").get<std::string>();
    });
  };
  CHECK(names(here.remote("APP"), "ops") == "APP/one");
  CHECK(names(here.local(), "SHOP") == "SHOP/other");
  CHECK(names(here.local(), "SHOP/ops") == "SHOP/one");
  CHECK(perform(here.local(), "list", {{"role", "ops"}}).at("credentials").size() == 2);
  CHECK(code_of(here.local(), "list", {{"role", "none"}}) == "not_found");
}

TEST_CASE("role_operations: a role is made once for one request", "[admin]") {
  Accounts here;
  const OperationContext app = here.remote("APP");
  const Json body = {
      {"role", {{"name", "ops"}, {"subjects", {"a.>"}}, {"capabilities", {"publish"}}}},
      {"request_id", "r1"}};
  CHECK_FALSE(perform(app, "create_role", body).contains("replayed"));
  const auto sequence = here.store_->totals().sequence;
  CHECK(perform(app, "create_role", body).at("replayed") == true);
  Json other = body;
  other["role"]["subjects"] = {"b.>"};
  CHECK(code_of(app, "create_role", other) == "conflict");
  OperationContext another = here.remote("APP");
  another.actor = "nats:CGB";
  CHECK(code_of(another, "create_role", body) == "conflict");
  CHECK(here.store_->totals().sequence == sequence);
}

TEST_CASE("role_operations: a damaged role is said to be, and can be deleted", "[admin]") {
  Accounts here;
  here.make("APP", "ops");
  here.store_.tamper([](WriteTxn& txn, const Tables& tables) {
    txn.put(tables.roles, std::string("APP\0ops", 7), "damage");
  });
  const OperationContext app = here.remote("APP");
  CHECK(refused(app, "get_role", {{"role", "ops"}}) == "damaged: APP/ops");
  CHECK(refused(app, "update_role", {{"role", "ops"}, {"set", {{"description", "x"}}}}) ==
        "damaged: APP/ops");
  CHECK(perform(app, "list_roles", Json::object()).at("damaged") ==
        nlohmann::ordered_json{"APP/ops"});
  CHECK(code_of(here.remote("SHOP"), "get_role", {{"role", "APP/ops"}}) == "not_found");
  CHECK(perform(app, "delete_role", {{"role", "ops"}}).at("deleted") == true);
}

TEST_CASE("role_operations: a role that is dangerous is warned of as a credential is", "[admin]") {
  Accounts here;
  const auto made = here.make("APP", "all", {{"capabilities", {"manage"}}, {"streams", {"S"}}});
  CHECK(made.at("warnings").dump().find("manage: one stream gives access") != std::string::npos);
  // What a member's values would come to is not the role's.
  const auto fleet = here.make(
      "APP", "fleet", {{"capabilities", {"publish"}}, {"subjects", {"site.{tag.site}.{name}"}}});
  CHECK_FALSE(fleet.contains("warnings"));
}

}  // namespace store
