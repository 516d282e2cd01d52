#include "gateway/doctor/live_checks.h"

#include <functional>

#include "tests/support/doctor_world.h"

using namespace doctor_world;  // NOLINT(google-build-using-namespace): it is these tests' own
using gateway::LiveAnswers;
using gateway::SeenByGateway;

namespace {

std::vector<Check> judged(const LiveAnswers& answers, const SeenByGateway& seen = {}) {
  return checks_in({.findings = judge_live(answers, seen), .unseen = {}});
}

// Everybody is refused, and credgate was asked.
const LiveAnswers kGood{.url = "nats://127.0.0.1:4222",
                        .ping_let_in = false,
                        .nobody_let_in = false,
                        .stranger = {"CGAAAAAAAAAAAAAAAAAA", false},
                        .asks_about_stranger = true,
                        .static_users = {{"bob", false}}};

bool all(const std::string& /*login*/) {
  return true;
}

bool none(const std::string& /*login*/) {
  return false;
}

}  // namespace

TEST_CASE("live_checks: a server that refuses whom it should has no finding", "[doctor]") {
  CHECK(judged(kGood).empty());
  CHECK(judged(kGood, all).empty());
}

TEST_CASE("live_checks: whoever is let in without being anybody is an error", "[doctor]") {
  struct Row {
    std::function<void(LiveAnswers&)> edit;
    Check check_id;
  };
  const auto row = GENERATE(values<Row>({
      {[](LiveAnswers& answers) { answers.ping_let_in = true; }, Check::anonymous_let_in},
      {[](LiveAnswers& answers) { answers.nobody_let_in = true; }, Check::anonymous_let_in},
      {[](LiveAnswers& answers) { answers.stranger.let_in = true; }, Check::stranger_let_in},
  }));
  LiveAnswers answers = kGood;
  row.edit(answers);
  const auto findings = judge_live(answers, {});
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().check_id == row.check_id);
  CHECK(findings.front().severity == Severity::error);
  CHECK(findings.front().at.file == kGood.url);
}

TEST_CASE("live_checks: a refusal of which credgate knows nothing is none of its own", "[doctor]") {
  CHECK(judged(kGood, none) == std::vector{Check::not_asked});
  LiveAnswers operator_mode = kGood;
  operator_mode.asks_about_stranger = false;
  CHECK(judged(operator_mode, none).empty());
}

TEST_CASE(
    "live_checks: a user of nats-server's that is let in is a warning unless credgate granted it",
    "[doctor]") {
  LiveAnswers answers = kGood;
  answers.static_users = {{"bob", true}, {"eve", false}};
  CHECK(judged(answers) == std::vector{Check::static_user_let_in});
  CHECK(judge_live(answers, {}).front().severity == Severity::warning);
  CHECK(judged(answers, all).empty());
  CHECK(judge_live(answers, {}).front().what.find("bob") != std::string::npos);
}
