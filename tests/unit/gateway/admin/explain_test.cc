// What `explain` says of a leafnode, of which nats-server does not check everything.

#include <string>

#include "gateway/admin/operations/context.h"
#include "gateway/admin/operations/operations.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

using namespace store;
using Json = nlohmann::json;

namespace {

class ExplainWorld {
 public:
  ExplainWorld() {
    config_.accounts = {"APP"};
    auth::Credential c = test_credential(1);  // publishes telemetry.>
    c.connection_types = {auth::ConnectionType::standard, auth::ConnectionType::leafnode};
    REQUIRE_FALSE(create(store_, c));
    REQUIRE_FALSE(create(store_, test_credential(2)));
  }

  TestStore& store() { return store_; }

  gateway::OrderedJson explain(std::uint32_t n, const char* type, const Json& publish,
                               const Json& subscribe) {
    const gateway::OperationContext context{.config = config_,
                                            .master = store_.keys(),
                                            .keys = nullptr,
                                            .store = *store_,
                                            .actor = "local:alice",
                                            .account = std::nullopt,
                                            .now = kNow};
    return gateway::perform(context, "explain",
                            {{"credential", test_id(n)},
                             {"type", type},
                             {"publish", publish},
                             {"subscribe", subscribe}});
  }

 private:
  TestStore store_;
  gateway::Config config_;
};

std::string said(const gateway::OrderedJson& answer) {
  return answer.at("verdict").get<std::string>() + ": " + answer.at("reason").get<std::string>();
}

}  // namespace

TEST_CASE("explain: a leafnode is not checked on every subject, and that is said", "[admin]") {
  ExplainWorld world;
  const auto leaf =
      world.explain(1, "LEAFNODE", {"$JS.ACK.S.C.1", "_R_.x", "$MQTT.x", "telemetry.1", "other"},
                    {"_R_.x", "$MQTT.>", "other"});
  const std::string unchecked = "allowed: nats-server does not check a leafnode there";
  const auto& answers = leaf.at("subjects");
  CHECK(said(answers[0]) == unchecked);
  CHECK(said(answers[1]) == unchecked);
  CHECK(said(answers[2]) == "refused: deny $MQTT.>");
  CHECK(said(answers[3]) == "allowed: allow telemetry.>, from subjects");
  CHECK(answers[4].at("verdict") == "refused");
  CHECK(answers[5].at("verdict") == "refused");
  CHECK(said(answers[6]) == "refused: deny $MQTT.>");
  CHECK(answers[7].at("verdict") == "refused");
  CHECK(leaf.at("warnings").at(0).get<std::string>().find("2.11.16") != std::string::npos);

  const auto client = world.explain(1, "STANDARD", {"$JS.ACK.S.C.1", "_R_.x"}, {"_R_.x"});
  for (const auto& answer : client.at("subjects"))
    CHECK(answer.at("verdict") == "refused");
  CHECK_FALSE(client.contains("warnings"));
}

TEST_CASE("explain: without a list a leafnode is refused, and a client is not", "[admin]") {
  ExplainWorld world;
  const Json none = Json::array();
  CHECK(world.explain(2, "LEAFNODE", none, none).at("reason") == "connection_type_not_allowed");
  for (const char* type : {"STANDARD", "WEBSOCKET", "MQTT"})
    CHECK(world.explain(2, type, none, none).at("granted") == true);
}

namespace {

// device-3, with the role `ops` and rights of its own.
void add_member(TestStore& store) {
  auth::Role ops;
  ops.account = "APP";
  ops.name = "ops";
  ops.publish = true;
  ops.subjects = {"ops.{name}.>", "telemetry.>"};
  ops.permissions.publish.deny = {"ops.*.secret"};
  REQUIRE(store->create_role(ops, intent(Action::create_role)));
  auth::Credential c = test_credential(3);
  c.roles = {"ops"};
  REQUIRE_FALSE(create(store, c));
}

}  // namespace

TEST_CASE("explain: which role gives and denies a subject is said", "[admin]") {
  ExplainWorld world;
  add_member(world.store());
  const auto answers =
      world
          .explain(3, "STANDARD", {"ops.device-3.x", "telemetry.1", "ops.device-3.secret", "other"},
                   Json::array())
          .at("subjects");
  CHECK(said(answers[0]) == "allowed: allow ops.device-3.>, from subjects of role ops");
  CHECK(said(answers[1]) == "allowed: allow telemetry.>, from subjects and subjects of role ops");
  CHECK(said(answers[2]) == "refused: deny ops.*.secret, from permissions of role ops");
  CHECK(answers[2].at("needed") ==
        nlohmann::ordered_json{"without --deny-pub 'ops.*.secret' of role ops"});
  CHECK(answers[3].at("needed").at(0) == "--publish --subjects other");
}

TEST_CASE("explain: a role that is missing refuses, and is named", "[admin]") {
  ExplainWorld world;
  add_member(world.store());
  world.store().tamper([](WriteTxn& txn, const Tables& tables) {
    txn.remove(tables.roles, role_key("APP", "ops"));
  });
  const auto json = world.explain(3, "STANDARD", {"telemetry.1"}, Json::array());
  CHECK(json.at("granted") == false);
  CHECK(json.at("reason") == "role_missing");
  CHECK(json.at("role") == "ops");
}
