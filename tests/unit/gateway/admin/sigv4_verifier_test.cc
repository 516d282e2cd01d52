#include "gateway/admin/sigv4_verifier.h"

#include <deque>

#include "gateway/admin/operation_error.h"
#include "tests/support/catch.h"
#include "tests/support/make_gateway.h"
#include "tests/support/make_signed.h"

using auth::Json;
using auth::made::Signed;
using auth::made::with_signed;
using auth::made::World;
using gateway::DecisionEvent;
using gateway::made::Gateway;

namespace {

using namespace std::chrono_literals;

struct Asked {
  Gateway gateway;
  std::vector<DecisionEvent> told;
  gateway::SigV4Verifier verifier{gateway.decider, gateway.hooks.rehash, gateway.counters,
                                  gateway.sink};

  explicit Asked(const World& world) { gateway.put(world); }
  Json answer(const std::string& question) {
    Json answer = Json::parse(verifier.answer(question, "CGPROXY"));
    for (DecisionEvent& event : gateway.events())
      told.push_back(std::move(event));
    return answer;
  }
};

Signed signed_now() {
  Signed request;
  request.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return request;
}

}  // namespace

TEST_CASE("sigv4_verifier: an answer says who may do what, for how long", "[admin]") {
  Asked asked{with_signed()};
  const Json answer = asked.answer(signed_now().json().dump());
  CHECK(answer["allow"] == true);
  CHECK(answer["credential"] == auth::made::kId);
  CHECK(answer["account"] == "APP");
  CHECK(answer["capabilities"] == Json{"publish"});
  CHECK(answer["permissions"]["publish"]["allow"] == Json{"orders.>"});
  CHECK(answer["connect"] == true);
  CHECK(answer["valid_for"] == 60);
  REQUIRE(asked.told.size() == 1);
  CHECK(asked.told[0].granted);
  CHECK(asked.told[0].type == "sigv4");
  CHECK(asked.told[0].client == "CGPROXY");
  CHECK(asked.told[0].source == "192.0.2.7");
  CHECK(asked.gateway.counters.sigv4_allowed == 1);
}

TEST_CASE("sigv4_verifier: an answer is good no longer than what it was made of", "[admin]") {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto valid_for = [&](const World& world, const Signed& request) {
    Asked asked{world};
    return asked.answer(request.json().dump())["valid_for"].get<int>();
  };
  World world = with_signed();
  world.credential->expires_at = now + 20s;
  CHECK(valid_for(world, signed_now()) <= 20);
  world = with_signed();
  world.credential->session_ttl = 10s;
  CHECK(valid_for(world, signed_now()) <= 10);
  world = with_signed();
  world.credential->secrets[0].expires_at = now + 30s;
  CHECK(valid_for(world, signed_now()) <= 30);
  Signed old = signed_now();
  old.at -= 14min + 50s;
  CHECK(valid_for(with_signed(), old) <= 10);
}

TEST_CASE(
    "sigv4_verifier: a refusal has its reason, and a wrong signature what should have been signed",
    "[admin]") {
  Asked asked{with_signed()};
  Signed request = signed_now();
  request.secret = "another";
  const Json wrong = asked.answer(request.json().dump());
  CHECK(wrong["allow"] == false);
  CHECK(wrong["reason"] == "bad_proof");
  CHECK(wrong["string_to_sign"].get<std::string>().find("AWS4-HMAC-SHA256\n") == 0);
  CHECK(wrong["canonical_request"].get<std::string>().find("POST\n/\n") == 0);
  request = signed_now();
  request.access_key = "CGBBBBBBBBBBBBBBBBBB";
  CHECK(asked.answer(request.json().dump()) ==
        Json{{"allow", false}, {"reason", "unknown_credential"}});
  Json unsigned_one = signed_now().json();
  unsigned_one["headers"] = Json::array();
  CHECK(asked.answer(unsigned_one.dump()) == Json{{"allow", false}, {"reason", "no_proof"}});
  Json two_signatures = signed_now().json();
  two_signatures["headers"].push_back(two_signatures["headers"].back());
  CHECK(asked.answer(two_signatures.dump()) == Json{{"allow", false}, {"reason", "malformed"}});
  REQUIRE(asked.told.size() == 4);
  CHECK_FALSE(asked.told[0].granted);
  CHECK(asked.told[0].reason == "bad_proof");
  CHECK(asked.told[0].detail.empty());
  CHECK(asked.told[2].id.empty());
  CHECK(asked.told[3].detail == "two_signatures");
}

TEST_CASE("sigv4_verifier: bytes that are not text come back as text", "[admin]") {
  Asked asked{with_signed()};
  Json json = signed_now().json();
  json["path"] = "/%FF\x7F\x01";
  CHECK(asked.answer(json.dump())["reason"] == "bad_proof");
}

TEST_CASE("sigv4_verifier: a question that is none is the proxy's fault", "[admin]") {
  Asked asked{with_signed()};
  CHECK_THROWS_AS(asked.answer("{}"), gateway::OperationError);
  CHECK_THROWS_AS(asked.answer("\xFF"), gateway::OperationError);
  CHECK(asked.told.empty());
}

TEST_CASE("sigv4_verifier: a secret under an older master key is stored anew when it signs",
          "[admin]") {
  World world = with_signed();
  world.credential->secrets = {auth::made::sealed(auth::made::master_keys().all().back(),
                                                  auth::made::kId, auth::made::kSecret)};
  Asked asked{world};
  CHECK(asked.answer(signed_now().json().dump())["allow"] == true);
  CHECK(asked.gateway.rehashes.size() == 1);
}
