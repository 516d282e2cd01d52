// Who asks for sessions while a search runs.

#include "gateway/sessions/shared_search.h"

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include "gateway/platform/locked.h"
#include "tests/support/catch.h"

using gateway::Locked;
using gateway::ServerSessions;
using gateway::SharedSearch;

namespace {

using Round = std::set<std::string>;

// Searches that wait at a gate.
class Gated {
 public:
  SharedSearch search{[this](const Round& credentials) {
    rounds_.lock()->push_back(credentials);
    ++begun_;
    begun_.notify_all();
    open_.wait(false);
    if (credentials.contains("throws")) throw std::runtime_error("no server answered");
    SharedSearch::Found found;
    for (const std::string& credential : credentials)
      found[credential] = {{.server_name = "of " + credential, .sessions = {}, .complete = true}};
    return found;
  }};

  std::future<std::string> ask(const std::string& credential) {
    return std::async(std::launch::async, [this, credential]() -> std::string {
      ++asking_;
      asking_.notify_all();
      return search.find(credential).front().server_name;
    });
  }
  void until_begun(int count) { until(begun_, count); }
  // Until so many are about to call find().
  void until_asking(int count) { until(asking_, count); }
  void open() {
    open_ = true;
    open_.notify_all();
  }
  std::vector<Round> rounds() const { return *rounds_.lock(); }

 private:
  static void until(std::atomic<int>& value, int count) {
    for (int now = value; now < count; now = value)
      value.wait(now);
  }
  std::atomic<bool> open_ = false;
  std::atomic<int> begun_ = 0;
  std::atomic<int> asking_ = 0;
  Locked<std::vector<Round>> rounds_;
};

}  // namespace

TEST_CASE("shared_search: who asks while a search runs gets the next one, with all who do",
          "[sessions]") {
  // Whether all of them wait when the first search ends is up to the scheduler: often they do.
  const std::vector<Round> shared = {{"a"}, {"a", "b", "c"}};
  std::vector<Round> rounds;
  for (int tries = 0; tries < 1000 && rounds != shared; ++tries) {
    Gated gated;
    auto first = gated.ask("a");
    gated.until_begun(1);
    std::vector<std::future<std::string>> others;
    for (const char* credential : {"b", "c", "b", "a"})
      others.push_back(gated.ask(credential));
    gated.until_asking(5);
    REQUIRE(gated.rounds() == std::vector<Round>{{"a"}});  // never two at once
    gated.open();
    REQUIRE(first.get() == "of a");
    const std::vector<std::string> expected = {"of b", "of c", "of b", "of a"};
    for (std::size_t i = 0; i < others.size(); ++i)
      REQUIRE(others[i].get() == expected[i]);
    rounds = gated.rounds();
  }
  CHECK(rounds == shared);
}

TEST_CASE("shared_search: a search that fails fails for those who waited for it, and no others",
          "[sessions]") {
  Gated gated;
  gated.open();
  auto failing = gated.ask("throws");
  CHECK_THROWS_AS(failing.get(), std::runtime_error);
  CHECK(gated.ask("a").get() == "of a");
}
