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
