#include <chrono>
#include <string>

#include "auth/base/typo.h"
#include "gateway/cli/error_words.h"
#include "gateway/cli/output/progress.h"
#include "gateway/cli/output/time_words.h"
#include "gateway/cli/output/value_text.h"
#include "tests/support/catch.h"

using namespace std::chrono_literals;
using gateway::cli::in_option_words;
using gateway::cli::progress_line;
using gateway::cli::says_nothing;
using gateway::cli::time_in_words;
using gateway::cli::value_text;
using Json = nlohmann::ordered_json;

TEST_CASE("error_words: an error of an operation names options, not members", "[gateway]") {
  struct Row {
    const char* operation;
    const char* message;
    const char* expected;
  };
  const Row rows[] = {
      {"create", "session_ttl: must be 10 seconds to 365 days",
       "--session-ttl: must be 10 seconds to 365 days"},
      {"create", "expires_at: must be later than `not_before`",
       "--expires: must be later than --not-before"},
      {"create", "name: must not begin or end with a space",
       "NAME: must not begin or end with a space"},
      {"update", "name: must not begin or end with a space",
       "--name: must not begin or end with a space"},
      {"create", "proof.login: must begin with \"x\"", "--login: must begin with \"x\""},
      {"create", "max_sessions: without `system` in the configuration …",
       "--max-sessions: without `system` in the configuration …"},
      {"create", "subjects: \"$JS.>\" matches `$JS.>`", "--subjects: \"$JS.>\" matches `$JS.>`"},
      {"create", "roles: there is no role \"ops\"", "--role: there is no role \"ops\""},
      {"update", "set.roles: must be an array", "--role: must be an array"},
      {"list", "role: there is none", "--role: there is none"},
      {"create_role", "role.name: must be 1 to 64", "ROLE: must be 1 to 64"},
      {"create_role", "name: must be 1 to 64", "ROLE: must be 1 to 64"},
      {"get_role", "role: in APP and OTHER", "ROLE: in APP and OTHER"},
      {"update_role", "set.kv_read: must be", "--kv-read: must be"},
      {"create", "no colon, an odd ` mark", "no colon, an odd ` mark"},
  };
  for (const Row& row : rows)
    CHECK(in_option_words(row.operation, row.message) == row.expected);
}

TEST_CASE("typo: the word that was probably meant", "[auth]") {
  struct Row {
    const char* word;
    const char* meant;
  };
  const std::vector<std::string> known = {"create", "list", "history", "sessions", "STANDARD"};
  const Row rows[] = {
      {"creat", "create"},  {"craete", "create"}, {"LIST", "list"}, {"standard", "STANDARD"},
      {"sess", "sessions"}, {"hi", ""},           {"zzz", ""},      {"", ""}};
  for (const Row& row : rows) {
    INFO(row.word);
    CHECK(auth::meant_by(row.word, known) == row.meant);
  }
  CHECK(auth::did_you_mean("creat", known) == "; did you mean create?");
  CHECK(auth::did_you_mean("zzz", known).empty());
}

TEST_CASE("times: in whole units of the size that matters", "[gateway]") {
  const auth::Time now{std::chrono::seconds{1'800'000'000}};
  CHECK(time_in_words(now, now) == "just now");
  CHECK(time_in_words(now + 30 * 24h - 1s, now) == "in 29 d");
  CHECK(time_in_words(now - 59s, now) == "just now");
  CHECK(time_in_words(now - 60s, now) == "60 s ago");
  CHECK(time_in_words(now + 59s, now) == "in 59 s");
  CHECK(time_in_words(now - 5min, now) == "5 min ago");
  CHECK(time_in_words(now + 47h, now) == "in 47 h");
  CHECK(time_in_words("not a time", now) == "not a time");
}

TEST_CASE("values: limits and secrets are said in words", "[gateway]") {
  CHECK(value_text("max_sessions", 0) == "unlimited");
  CHECK(value_text("max_sessions", 5) == "5");
  CHECK(value_text("session_ttl", nullptr) == "unlimited");
  CHECK(value_text("session_ttl", std::uint64_t{43200}) == "12h");
  CHECK(value_text("expires_at", nullptr) == "never");
  CHECK(value_text("subjects", Json::array({"a", "b.>"})) == "a, b.>");
  CHECK(value_text("subjects", Json::array()) == "none");
  CHECK(value_text("name",
                   "a\x1b"
                   "b") == "a?b");
  CHECK(value_text("secrets", Json::array({{{"scheme", "argon2id"},
                                            {"login", "alice"},
                                            {"created_at", "2026-11-28T20:00:00Z"},
                                            {"expires_at", nullptr}}})) ==
        "argon2id of alice, made 2026-11-28T20:00:00Z");
  CHECK(value_text("permissions", Json::parse(R"({"publish":{"allow":["a"],"deny":[]},
                   "subscribe":{"allow":[],"deny":["b","c"]},"responses":null})")) ==
        "publish allow a; subscribe deny b, c");
  CHECK(says_nothing("tags", Json::array()));
  CHECK(says_nothing("sigv4", false));
  CHECK_FALSE(says_nothing("max_sessions", 0));
  CHECK_FALSE(says_nothing("expires_at", nullptr));
}

TEST_CASE("progress: rate and time left, in the columns that there are", "[gateway]") {
  CHECK(progress_line("importing", 4000, 10000, 4s, 100) ==
        "importing  [########            ] 40 %  4000 of 10000  1000/s  6 s left");
  CHECK(progress_line("importing", 4000, 10000, 4s, 50) ==
        "importing  4000 of 10000  1000/s  6 s left");
  CHECK(progress_line("checking", 300, 0, 3s, 80) == "checking  300  100/s");
  CHECK(progress_line("x", 1, 100'000, 1s, 100).ends_with("1666 min left"));
  CHECK(progress_line("x", 0, 10, 0s, 100).ends_with("0 of 10"));
  CHECK(progress_line("checking", 1, 14'704, 10ms, 100) ==
        "checking  [                    ] 0 %  1 of 14704");
}
