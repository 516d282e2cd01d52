// Requests of the admin service as bytes, against a real store.

#include "gateway/admin/request_handler.h"

#include "auth/base/json.h"
#include "gateway/admin/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/make_gateway.h"
#include "tests/support/store_samples.h"

using auth::Json;
using gateway::AdminReply;
using gateway::AdminRequest;

namespace store {
namespace {

// An admin service without a connection: one client of account APP, and one admin.
class Asked {
 public:
  Asked() {
    gateway::Config config;
    config.admin_account = "ADMIN";
    config.callout_account = "AUTH";
    config.accounts = {"APP", "SHOP", "ADMIN"};
    config_.store(std::make_shared<const gateway::Config>(config));
    gateway_.set_policy({.accounts = config.accounts,
                         .reserved = {"AUTH"},
                         .scoped = {},
                         .region = "",
                         .mode = {},
                         .password_cost = auth::made::kCheap});
    REQUIRE_FALSE(create(store_, test_credential(1)));
    auth::Credential admin = test_credential(9);
    admin.account = "ADMIN";
    REQUIRE_FALSE(create(store_, admin));
  }

  AdminReply operate(const std::string& subject, const std::string& body) const {
    return operate({info("ADMIN", test_id(9))}, subject, body);
  }
  AdminReply operate(const std::vector<std::string>& callers, const std::string& subject,
                     const std::string& body) const {
    return handler_.operate({.subject = subject, .callers = callers, .body = body});
  }
  AdminReply admit(const std::vector<std::string>& callers, const std::string& subject,
                   const std::string& body) const {
    return handler_.admit({.subject = subject, .callers = callers, .body = body});
  }
  AdminReply verify(const std::vector<std::string>& callers, const std::string& body) const {
    return handler_.verify({.subject = gateway::kVerifySubject, .callers = callers, .body = body});
  }
  static std::string info(const std::string& account, const std::string& user) {
    return Json{{"acc", account}, {"user", user}, {"kind", "Client"}}.dump();
  }
  std::uint64_t faults() const { return gateway_.counters.faults; }

  TestStore store_;

 private:
  gateway::CurrentConfig config_;
  gateway::made::Gateway gateway_;
  gateway::SigV4Verifier verifier_{gateway_.decider, gateway_.hooks.rehash, gateway_.counters,
                                   gateway_.sink};
  gateway::RequestHandler handler_{config_, gateway_.rules, gateway_.keys,
                                   *store_, verifier_,      gateway_.counters};
};

const std::string kGet = "credgate.v1.credentials.get.";

std::string code_of(const AdminReply& reply) {
  const Json json = Json::parse(reply.text);
  CHECK(json.contains("error") == !reply.error.empty());
  if (!json.contains("error")) return "";
  CHECK(json["error"]["code"] == reply.error);
  CHECK_FALSE(json["error"]["message"].get<std::string>().empty());
  return reply.error;
}

std::string body_of(std::uint32_t n) {
  return Json{{"credential", test_id(n)}}.dump();
}

}  // namespace

TEST_CASE("request_handler: an active admin is answered, and named as the actor", "[admin]") {
  const Asked asked;
  const AdminReply reply = asked.operate(kGet + "APP", body_of(1));
  CHECK(code_of(reply).empty());
  CHECK(reply.actor == "nats:" + test_id(9));
  CHECK(reply.text.find(test_id(1)) != std::string::npos);
}

TEST_CASE(
    "request_handler: whoever is not one active admin is forbidden everything, whatever the "
    "request",
    "[admin]") {
  struct Row {
    const char* what;
    std::vector<std::string> callers;
  };
  const auto row = GENERATE(values<Row>({
      {"nobody", {}},
      {"a forged one before the server's",
       {Asked::info("ADMIN", test_id(9)), Asked::info("APP", test_id(1))}},
      {"a client's credential", {Asked::info("APP", test_id(1))}},
      {"a client's credential that claims the admin account", {Asked::info("ADMIN", test_id(1))}},
      {"an admin's id in another account", {Asked::info("APP", test_id(9))}},
      {"an id that is in no store", {Asked::info("ADMIN", test_id(7))}},
      {"a user that is not an id", {Asked::info("ADMIN", "root")}},
      {"not JSON", {"ADMIN"}},
  }));
  CAPTURE(row.what);
  const Asked asked;
  for (const char* operation : {"get", "revoke", "create", "list", "no-such-operation"}) {
    const AdminReply reply =
        asked.operate(row.callers, "credgate.v1.credentials." + std::string(operation), body_of(1));
    CHECK(code_of(reply) == "forbidden");
    CHECK(reply.actor.empty());
  }
  CHECK(code_of(asked.verify(row.callers, "{}")) == "forbidden");
}

TEST_CASE(
    "request_handler: an admin that is suspended or revoked is forbidden from the next request on",
    "[admin]") {
  Asked asked;
  CHECK(code_of(asked.operate(kGet + "APP", body_of(1))).empty());
  REQUIRE_FALSE(change(asked.store_, 9, Action::suspend, set_status(auth::Status::suspended)));
  CHECK(code_of(asked.operate(kGet + "APP", body_of(1))) == "forbidden");
  REQUIRE_FALSE(change(asked.store_, 9, Action::revoke, revocation()));
  CHECK(code_of(asked.operate(kGet + "APP", body_of(1))) == "forbidden");
}

TEST_CASE("request_handler: the account in the subject confines the request", "[admin]") {
  const Asked asked;
  CHECK(code_of(asked.operate(kGet + "SHOP", body_of(1))) == "not_found");
  CHECK(code_of(asked.operate("credgate.v1.credentials.get", body_of(1))).empty());
}

TEST_CASE("request_handler: a body that is not one JSON object of bounded size is refused",
          "[admin]") {
  struct Row {
    const char* what;
    std::string body;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"an array", "[]", "usage"},
      {"not JSON", "{", "usage"},
      {"a member twice", R"({"credential":"a","credential":"b"})", "usage"},
      {"an unknown member", R"({"credential":"a","who":"me"})", "usage"},
      {"too large", R"({"credential":")" + std::string(32 << 10, 'x') + "\"}", "usage"},
      {"nothing, which is an object without members", "", "not_found"},
      {"bytes that are not UTF-8", "{\"credential\":\"\xff\xfe\"}", "usage"},
  }));
  CAPTURE(row.what);
  const Asked asked;
  CHECK(code_of(asked.operate(kGet + "APP", row.body)) == row.code);
  CHECK(asked.faults() == 0);
}

TEST_CASE("request_handler: a body is as large as its operation needs", "[admin]") {
  const Asked asked;
  const std::string head = "credgate.v1.credentials.";
  const auto admitted = [&](const std::string& operation, std::size_t bytes) {
    const std::string body(bytes, ' ');
    const std::string subject = head + operation + ".APP";
    return asked.admit({Asked::info("ADMIN", test_id(9))}, subject, body).error;
  };
  for (const char* operation : {"create", "update", "rotate"}) {
    CHECK(admitted(operation, 256 << 10).empty());
    CHECK(admitted(operation, (256 << 10) + 1) == "usage");
  }
  for (const char* operation : {"get", "list", "history", "explain", "sessions", "kick", "suspend",
                                "resume", "revoke", "drop"}) {
    CHECK(admitted(operation, 32 << 10).empty());
    CHECK(admitted(operation, (32 << 10) + 1) == "usage");
  }
  for (const char* operation : {"create", "update", "get", "list", "delete"}) {
    const std::string subject = "credgate.v1.roles." + std::string(operation) + ".APP";
    const std::size_t most =
        operation == std::string("create") || operation == std::string("update") ? 256 << 10
                                                                                 : 32 << 10;
    const std::vector<std::string> admin = {Asked::info("ADMIN", test_id(9))};
    CHECK(asked.admit(admin, subject, std::string(most, ' ')).error.empty());
    CHECK(asked.admit(admin, subject, std::string(most + 1, ' ')).error == "usage");
  }
  CHECK(asked.admit({Asked::info("APP", test_id(1))}, head + "list", "").error == "forbidden");
  CHECK(asked.admit({Asked::info("ADMIN", test_id(9))}, head + "list", "").actor ==
        "nats:" + test_id(9));
}

TEST_CASE("request_handler: a subject without an operation, or with an unknown one, is refused",
          "[admin]") {
  const Asked asked;
  for (const char* subject :
       {"credgate.v1.credentials.", "credgate.v1.credentials.drop.APP",
        "credgate.v1.credentials.get.", "credgate.v1.other", "credgate.v1.roles.revoke.APP",
        "credgate.v1.credentials.list_roles"}) {
    CAPTURE(subject);
    CHECK(code_of(asked.operate(subject, body_of(1))) == "usage");
  }
}

TEST_CASE("request_handler: a fault of the store is told as a fault, and counted", "[admin]") {
  Asked asked;
  asked.store_.tamper([](WriteTxn& txn, const Tables& tables) {
    txn.put(tables.credentials, test_id(9), "damage");
  });
  CHECK(code_of(asked.operate(kGet + "APP", body_of(1))) == "fault");
  CHECK(asked.faults() == 1);
}

TEST_CASE(
    "request_handler: a question about a signed request that is malformed is refused as usage",
    "[admin]") {
  const Asked asked;
  const std::vector<std::string> admin = {Asked::info("ADMIN", test_id(9))};
  CHECK(code_of(asked.verify(admin, "[]")) == "usage");
  CHECK(code_of(asked.verify(admin, std::string((256 << 10) + 1, ' '))) == "usage");
}

}  // namespace store
