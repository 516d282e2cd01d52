#include "gateway/cli/closing.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace gateway;
using nlohmann::json;

namespace {

struct Says {
  bool connected = true, done = false, settled = false, silent = false;
};

json answer(const Says& says) {
  json unanswered = json::array();
  if (says.silent) unanswered.push_back({{"server", "s2"}, {"seconds", 12}, {"sessions", 1}});
  return {{"system", true},
          {"connected", says.connected},
          {"done", says.done},
          {"settled", says.settled},
          {"closed", 0},
          {"open", 0},
          {"unanswered", unanswered}};
}

}  // namespace

TEST_CASE("closing: it is done only where every daemon that could close sessions has done it",
          "[cli]") {
  const Says done{.done = true, .settled = true};
  const Says given_up{.settled = true, .silent = true};
  const Says lost{.connected = false};
  const Says lost_done{.connected = false, .done = true, .settled = true};
  struct Row {
    std::string name;
    std::vector<Says> says;
    bool done, settled;
  };
  const Row row = GENERATE_COPY(from_range(std::vector<Row>{
      {"one daemon", {done}, true, true},
      {"two daemons", {done, done}, true, true},
      {"one waits for a server that the other does not know", {done, {}}, false, false},
      {"in the other order", {{}, done}, false, false},
      {"one calls it silent", {done, {.silent = true}}, false, false},
      {"one has given it up", {given_up, done}, false, true},
      {"one could not close anything", {done, lost}, true, true},
      {"it had closed them, and the other has not", {lost_done, {}}, false, false},
      {"it had closed them, and is alone", {lost_done}, true, true},
      {"none", {}, false, false},
  }));
  CAPTURE(row.name);
  std::vector<json> answers;
  for (const Says& says : row.says)
    answers.push_back(answer(says));
  const ClosingReport report = cli::join_closing_answers(answers);
  CHECK(report.is.done == row.done);
  CHECK(report.is.settled == row.settled);
}

TEST_CASE("closing: whoever is told that sessions are open is told where to look", "[cli]") {
  const nlohmann::ordered_json closing = {
      {"done", false}, {"closed", 1U}, {"open", 2U}, {"why", "x"}};
  const cli::ClosingWords credential{{{"id", "CG1"}, {"name", "shop"}, {"closing", closing}}};
  CHECK(credential.problem() ==
        "no gateway could close all of its sessions: 2 sessions are still open (x). Look: credgate "
        "sessions CG1");
  const cli::ClosingWords role{{{"id", "APP/ops"}, {"name", "ops"}, {"closing", closing}}};
  CHECK(role.problem() ==
        "not all sessions of its members are closed yet: 2 sessions are still open (x). "
        "Look: credgate list --role APP/ops");
}
