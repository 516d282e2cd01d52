#include "gateway/monitor/control_commands.h"

#include <stdexcept>

#include "gateway/callout/throttle.h"
#include "gateway/monitor/health.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

using namespace gateway;
using Question = nlohmann::json;

namespace {

// A daemon of which nothing but its parts is there.
class Asked {
 public:
  nlohmann::ordered_json operator()(const Question& question) {
    return answer_control(question, view_, throttle);
  }
  std::string complaint(const Question& question) {
    try {
      return (*this)(question).dump();
    } catch (const std::runtime_error& fault) {
      return fault.what();
    }
  }
  void fail(const std::string& login, const char* source) {
    throttle.failed({auth::read_address(source).value(), false, login});
  }

  Throttle throttle{{.login = 1}};

 private:
  CurrentConfig config_{std::make_shared<const Config>()};
  store::TestStore store_;
  Counters counters_;
  ConnectionStates connections_;
  StallDetectors stalls_;
  RecentDecisions recent_;
  SessionTable sessions_;
  ReloadState reload_;
  HeadState head_;
  DaemonView view_{.config = config_,
                   .instance = "one",
                   .started = {},
                   .counters = counters_,
                   .connections = connections_,
                   .store = *store_,
                   .stalls = stalls_,
                   .recent = recent_,
                   .sessions = sessions_,
                   .throttle = throttle,
                   .reload = reload_,
                   .head = head_,
                   .master_keys = {"0123456789abcdef"}};
};

}  // namespace

TEST_CASE("control_commands: what is held back is told, the first of it where there is much",
          "[monitor]") {
  Asked ask;
  ask.fail("alice", "192.0.2.1");
  auto answer = ask({{"ask", "throttle"}});
  CHECK(answer.at("instance") == "one");
  CHECK(answer.at("all") == 2);
  CHECK(answer.at("failures").at(0).at("login") == "alice");
  CHECK(answer.at("failures").at(0).at("source") == "192.0.2.1");
  CHECK(answer.at("failures").at(0).at("wait") == 600);
  CHECK_FALSE(answer.at("failures").at(1).contains("login"));
  CHECK(answer.at("failures").at(1).at("wait") == 0);
  CHECK(ask({{"ask", "status"}}).at("throttled").dump() == R"({"sources":0,"logins":1})");
  for (std::size_t i = 0; i < kMaxFailures; ++i)
    ask.fail(std::string(255, 'x') + std::to_string(i), "192.0.2.1");
  answer = ask({{"ask", "throttle"}});
  CHECK(answer.at("all") == kMaxFailures + 2);
  CHECK(answer.at("failures").size() == kMaxFailures);
  CHECK(answer.dump().size() < std::size_t{1} << 20);
}

TEST_CASE("control_commands: what is not a range of sources clears nothing", "[monitor]") {
  Asked ask;
  ask.fail("alice", "192.0.2.1");
  for (const Question& sources : {Question(""), Question("192.0.2.1/8"), Question("x"), Question(7),
                                  Question(nullptr), Question::array({"192.0.2.1"})}) {
    CAPTURE(sources.dump());
    CHECK(ask.complaint({{"ask", "throttle_clear"}, {"sources", sources}}) ==
          "`sources` must be an address or an address range");
  }
  CHECK(ask.throttle.list().size() == 2);
  CHECK(ask({{"ask", "throttle_clear"}, {"sources", "192.0.2.0/24"}}).at("cleared") == 2);
  ask.fail("alice", "192.0.2.1");
  CHECK(ask({{"ask", "throttle_clear"}}).at("cleared") == 2);
  CHECK(ask.throttle.list().empty());
}

TEST_CASE("control_commands: a question that there is not is named with those that there are",
          "[monitor]") {
  Asked ask;
  for (const Question& question : {Question::object(), Question({{"ask", 7}}),
                                   Question({{"ask", "stop"}}), Question({{"ask", ""}})})
    CHECK(ask.complaint(question) == "\"ask\" must be status, throttle, throttle_clear or closing");
}

TEST_CASE("control_commands: a closing is asked for by an id and a number", "[monitor]") {
  Asked ask;
  const Question good = {
      {"ask", "closing"}, {"credential", "CGAAAAAAAAAAAAAAAAAA"}, {"sequence", 7}};
  CHECK(ask(good).at("system") == false);  // it closes nothing, and says so
  for (const auto& [member, value] : {std::pair{"credential", Question("")},
                                      {"credential", Question(7)},
                                      {"sequence", Question("7")},
                                      {"sequence", Question(-1)},
                                      {"sequence", Question(1.5)},
                                      {"sequence", Question(nullptr)}}) {
    CAPTURE(member, value.dump());
    Question wrong = good;
    wrong[member] = value;
    CHECK(ask.complaint(wrong) == "`credential` must be an id, and `sequence` a number");
  }
}
