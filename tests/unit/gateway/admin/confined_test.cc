// What a caller who answers for one account may register, and what it learns of the others.

#include "gateway/admin/operations/confined.h"

#include "auth/base/base64.h"
#include "gateway/admin/operations/operations.h"
#include "tests/support/catch.h"
#include "tests/support/make_request.h"
#include "tests/support/store_samples.h"

using gateway::OperationContext;
using Json = nlohmann::json;

namespace store {
namespace {

// The operators of SHOP and of every account, beside a client of account APP.
class Operators {
 public:
  Operators() {
    config_.accounts = {"APP", "SHOP"};
    config_.passwords.cost = {.memory_bytes = std::size_t{8} << 20, .iterations = 1};
    REQUIRE_FALSE(create(store_, test_credential(1)));
  }
  OperationContext confined() {
    OperationContext context = all();
    context.account = "SHOP";
    return context;
  }
  OperationContext all() {
    return {.config = config_,
            .master = store_.keys(),
            .keys = nullptr,
            .store = *store_,
            .actor = "nats:CGA",
            .local = false,
            .account = std::nullopt,
            .now = kNow};
  }
  // The error's code and message; else the result.
  static Json answer(const OperationContext& context, const char* operation, const Json& body) {
    try {
      // As bytes have it, in which numbers have no sign.
      return Json::parse(gateway::perform(context, operation, Json::parse(body.dump())).dump());
    } catch (const gateway::OperationError& error) {
      return {{"code", gateway::name(error.code())}, {"message", error.what()}};
    }
  }
  Json create_as(const OperationContext& context, const char* kind, const Json& proof,
                 const std::string& account = "SHOP", const std::string& name = "new") {
    Json body = {{"credential",
                  {{"name", name},
                   {"kind", kind},
                   {"account", account},
                   {"capabilities", {"publish"}},
                   {"subjects", {"a"}}}}};
    if (!proof.is_null()) body["proof"] = proof;
    return answer(context, "create", body);
  }
  TestStore& store() { return store_; }

 private:
  gateway::Config config_;
  TestStore store_;
};

std::string pem() {
  return "-----BEGIN CERTIFICATE-----";
}

std::string signature(const auth::KeyPair& by, const std::string& text) {
  return auth::write_base64url(by.sign(text));
}

}  // namespace

TEST_CASE("confined: a login that could be another account's client's is refused", "[admin]") {
  const auth::KeyPair& client = auth::made::client();
  const std::string key = auth::made::text(client);
  const std::string other = auth::made::text(auth::made::key(auth::Prefix::user, 9));
  const auto text = [&](const char* account) {
    return gateway::operations::registration_text(account, key);
  };
  struct Row {
    const char* what;
    const char* kind;
    Json proof;
    const char* code;  // empty: it is registered
  };
  const std::vector<Row> rows = {
      {"a generated key", "nkey", nullptr, ""},
      {"a key without a signature", "nkey", {{"public_key", key}}, "refused"},
      {"a key with its signature",
       "nkey",
       {{"public_key", key}, {"signature", signature(client, text("SHOP"))}},
       ""},
      {"its signature for another account",
       "nkey",
       {{"public_key", key}, {"signature", signature(client, text("BANK"))}},
       "refused"},
      {"its signature for another key",
       "nkey",
       {{"public_key", other}, {"signature", signature(client, text("SHOP"))}},
       "refused"},
      {"another's signature",
       "nkey",
       {{"public_key", key},
        {"signature", signature(auth::made::key(auth::Prefix::user, 9), text("SHOP"))}},
       "refused"},
      {"half a signature", "nkey", {{"public_key", key}, {"signature", "AAAA"}}, "refused"},
      {"a seed", "nkey", {{"public_key", std::string(client.seed().view())}}, "usage"},
      {"a fingerprint", "cert", {{"fingerprint", "sha256:" + std::string(64, '1')}}, "refused"},
      {"a key's fingerprint",
       "cert",
       {{"fingerprint", "spki-sha256:" + std::string(64, '1')}},
       "refused"},
      {"a certificate", "cert", {{"certificate", pem()}}, "refused"},
      {"a user name of anybody", "password", {{"login", "till"}}, "refused"},
      {"one that begins like the account", "password", {{"login", "SHOP-till"}}, "refused"},
      {"one of the account's own", "password", {{"login", "SHOP.till"}}, ""},
      {"a signature of a password", "password", {{"signature", "AAAA"}}, "usage"},
      {"no user name", "password", nullptr, ""},
      {"a generated secret", "key", nullptr, ""},
      {"a generated token", "token", nullptr, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Operators operators;
    const Json answer = operators.create_as(operators.confined(), row.kind, row.proof);
    CAPTURE(answer.dump());
    CHECK(answer.value("code", "") == row.code);
  }
}

TEST_CASE("confined: whoever is trusted with every account registers any login", "[admin]") {
  const std::vector<std::pair<const char*, Json>> rows = {
      {"nkey", {{"public_key", auth::made::text(auth::made::client())}}},
      {"cert", {{"fingerprint", "sha256:" + std::string(64, '1')}}},
      {"password", {{"login", "till"}}}};
  for (const auto& [kind, proof] : rows) {
    CAPTURE(kind);
    Operators operators;
    CHECK_FALSE(operators.create_as(operators.all(), kind, proof).contains("code"));
  }
  Operators operators;
  OperationContext local = operators.confined();
  local.local = true;
  CHECK(operators.create_as(local, "password", {{"login", "till"}})["login"] == "till");
}

TEST_CASE("confined: a user name that is not given begins with the account", "[admin]") {
  Operators operators;
  CHECK(operators.create_as(operators.confined(), "password", nullptr)["login"] == "SHOP.new");
  CHECK(operators.create_as(operators.confined(), "password", nullptr, "SHOP",
                            "SHOP.two")["login"] == "SHOP.two");
}

TEST_CASE("confined: a rotation keeps the user name that the credential has, and takes no other's",
          "[admin]") {
  Operators operators;
  const Json made = operators.create_as(operators.all(), "password", {{"login", "till"}});
  const std::string id = made["credential"]["id"];
  const auto rotate = [&](const Json& proof) {
    return Operators::answer(operators.confined(), "rotate",
                             {{"credential", id}, {"overlap", 0}, {"proof", proof}});
  };
  CHECK(rotate({{"login", "till"}})["login"] == "till");
  CHECK(rotate(Json::object())["login"] == "till");
  CHECK(rotate({{"login", "alice"}})["code"] == "refused");
  CHECK(rotate({{"login", "SHOP.alice"}})["login"] == "SHOP.alice");

  const Json cert = operators.create_as(
      operators.all(), "cert", {{"fingerprint", "sha256:" + std::string(64, '1')}}, "SHOP", "cert");
  CHECK(Operators::answer(
            operators.confined(), "rotate",
            {{"credential", cert["credential"]["id"]},
             {"proof", {{"fingerprint", "sha256:" + std::string(64, '2')}}}})["code"] == "refused");
}

TEST_CASE("confined: a conflict does not name another account's credential", "[admin]") {
  Operators operators;
  const Json of_app =
      operators.create_as(operators.all(), "password", {{"login", "SHOP.till"}}, "APP", "a");
  const std::string id = of_app["credential"]["id"];
  const Json hidden =
      operators.create_as(operators.confined(), "password", {{"login", "SHOP.till"}});
  CHECK(hidden["code"] == "conflict");
  CHECK(hidden.dump().find(id) == std::string::npos);
  const Json told = operators.create_as(operators.all(), "password", {{"login", "SHOP.till"}});
  CHECK(told.dump().find(id) != std::string::npos);
  const Json own = operators.create_as(operators.confined(), "password", {{"login", "SHOP.own"}});
  const std::string own_id = own["credential"]["id"];
  const Json again =
      operators.create_as(operators.confined(), "password", {{"login", "SHOP.own"}}, "SHOP", "b");
  CHECK(again.dump().find(own_id) != std::string::npos);
}

TEST_CASE("confined: pages tell no ids, numbers or volume of other accounts", "[admin]") {
  Operators operators;
  for (std::uint32_t n = 2; n <= 30; ++n) {
    auth::Credential c = test_credential(n);
    if (n % 10 == 0) c.account = "SHOP";
    REQUIRE_FALSE(create(operators.store(), c));
  }
  for (const char* operation : {"list", "history"}) {
    CAPTURE(operation);
    Json body = {{"limit", 1}};
    std::vector<std::string> ids;
    std::string told;
    std::size_t cursor_bytes = 0;
    for (bool more = true; more;) {
      const Json page = Operators::answer(operators.confined(), operation, body);
      CAPTURE(page.dump());
      REQUIRE(page.contains("after"));
      const std::string after = page["after"];
      told += page.dump();
      if (cursor_bytes == 0) cursor_bytes = after.size();
      CHECK((after.empty() || after.size() == cursor_bytes));
      for (const Json& one : page.value("credentials", page.value("entries", Json::array()))) {
        ids.push_back(one["id"]);
        CHECK((!one.contains("sequence") || one["sequence"].is_null()));
      }
      CHECK(page.value("newest", Json()).is_null());
      more = page.contains("more") ? page["more"].get<bool>() : !after.empty();
      body["after"] = after;
    }
    CHECK(ids == std::vector{test_id(10), test_id(20), test_id(30)});
    for (std::uint32_t n = 1; n <= 29; ++n) {
      if (n % 10 != 0) CHECK(told.find(test_id(n)) == std::string::npos);
    }
  }
}

TEST_CASE("confined: a cursor is good for its operation and its account, and no other", "[admin]") {
  Operators operators;
  auth::Credential c = test_credential(2);
  c.account = "SHOP";
  REQUIRE_FALSE(create(operators.store(), c));
  const std::string cursor =
      Operators::answer(operators.confined(), "history", {{"limit", 1}})["after"];
  CHECK_FALSE(
      Operators::answer(operators.confined(), "history", {{"after", cursor}}).contains("code"));
  OperationContext app = operators.confined();
  app.account = "APP";
  CHECK(Operators::answer(app, "history", {{"after", cursor}})["code"] == "usage");
  CHECK(Operators::answer(operators.confined(), "list", {{"after", cursor}})["code"] == "usage");
  CHECK(Operators::answer(operators.confined(), "history", {{"after", 1}})["code"] == "usage");
  CHECK(Operators::answer(operators.confined(), "list", {{"after", test_id(1)}})["code"] ==
        "usage");
  CHECK(Operators::answer(operators.all(), "history", {{"after", 1}})["after"] == 2);
  CHECK(Operators::answer(operators.all(), "list", {{"after", test_id(1)}})["credentials"].size() ==
        1);
}

TEST_CASE("confined: what a request may name and compare is bounded", "[admin]") {
  Operators operators;
  const auto subjects = [](std::size_t count) {
    return Json(std::vector<std::string>(count, "a"));
  };
  const auto explain = [&](std::size_t publish, std::size_t subscribe) {
    return Operators::answer(operators.all(), "explain",
                             {{"credential", test_id(1)},
                              {"publish", subjects(publish)},
                              {"subscribe", subjects(subscribe)}})
        .value("code", "");
  };
  CHECK(explain(50, 50).empty());
  CHECK(explain(101, 0) == "usage");
  CHECK(explain(51, 50) == "usage");
  CHECK(Operators::answer(operators.all(), "list", {{"tags", subjects(65)}})["code"] == "usage");
  CHECK_FALSE(
      Operators::answer(operators.all(), "list", {{"tags", subjects(64)}}).contains("code"));
}

}  // namespace store
