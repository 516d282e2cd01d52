// What is said of a closing that is not done.

#include "gateway/admin/operations/closing.h"

#include "tests/support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

TEST_CASE("closing: servers that do not answer are named, and nobody says how many are open",
          "[admin]") {
  ClosingReport report{.connected = true};
  report.is.closed = 2;
  report.is.open = 1;
  CHECK(write_closing(report) ==
        OrderedJson({{"done", false},
                     {"closed", 2},
                     {"open", 1},
                     {"why", "they are being closed, or their servers have not answered yet"}}));
  report.is.silent = {{.name = "a", .silent_for = 119s, .sessions = 1},
                      {.name = "b", .silent_for = 34min, .sessions = 2}};
  const auto two = write_closing(report);
  CHECK(two.at("open").is_null());
  CHECK(two.at("why") ==
        "servers a, b have not answered for 34 min; if they still run, their sessions (3 known) "
        "are closed once they answer");
  CHECK(two.at("unanswered").at(0) ==
        OrderedJson({{"server", "a"}, {"seconds", 119}, {"sessions", 1}}));
  report.is.silent.pop_back();
  CHECK(write_closing(report).at("why") ==
        "server a has not answered for 119 s; if it still runs, its sessions (1 known) are closed "
        "once it answers");
  report.connected = false;  // what was open when the connection was lost
  CHECK(write_closing(report).at("open") == 2);
  report.is.done = true;
  CHECK(write_closing(report) == OrderedJson({{"done", true}, {"closed", 2}, {"open", 0}}));
}

TEST_CASE("closing: a change that was made before has closed nothing", "[admin]") {
  ClosingReport report{.connected = true, .is = {.done = true, .closed = 2}};
  CHECK(write_closing({.credential = "CGA", .sequence = 7}, report).at("closed") == 2);
  CHECK(
      write_closing({.credential = "CGA", .sequence = 7, .repeated = true}, report).at("closed") ==
      0);
}
