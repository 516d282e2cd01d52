#include "gateway/callout/proved_passwords.h"

#include <thread>
#include <vector>

#include "tests/support/catch.h"

using namespace std::chrono_literals;
using gateway::ProvedPasswords;
using Time = ProvedPasswords::Clock::time_point;

namespace {

const ProvedPasswords::Proved kBob{.id = "CG", .revision = 7, .password_hash = "$argon2id$"};
constexpr Time kStart{1h};

}  // namespace

TEST_CASE("proved_passwords: only this login with this password is found, for a short time",
          "[callout]") {
  ProvedPasswords proved;
  CHECK_FALSE(proved.find("bob", "hunter2", kStart));
  proved.remember("bob", "hunter2", kBob, kStart);
  const auto found = proved.find("bob", "hunter2", kStart + ProvedPasswords::kKeptFor - 1ns);
  REQUIRE(found);
  CHECK(found->id == kBob.id);
  CHECK(found->revision == kBob.revision);
  CHECK(found->password_hash == kBob.password_hash);
  CHECK_FALSE(proved.find("bob", "hunter2", kStart + ProvedPasswords::kKeptFor));
  for (const auto& [login, password] : std::vector<std::pair<std::string, std::string>>{
           {"bob", "hunter3"},
           {"bob", "hunter"},
           {"bob", ""},
           {"bobh", "unter2"},
           {"bo", "bhunter2"},
           {"", "bobhunter2"},
           {std::string("bob\0hunter2", 11), ""},
           {"Bob", "hunter2"},
           {"hunter2", "bob"},
       }) {
    CAPTURE(login, password);
    CHECK_FALSE(proved.find(login, password, kStart));
  }
  // Another process has another key.
  CHECK_FALSE(ProvedPasswords{}.find("bob", "hunter2", kStart));
}

TEST_CASE("proved_passwords: two passwords of one login are both remembered", "[callout]") {
  ProvedPasswords proved;
  proved.remember("bob", "old", kBob, kStart);
  auto other = kBob;
  other.password_hash = "$2b$";
  proved.remember("bob", "new", other, kStart);
  CHECK(proved.find("bob", "old", kStart)->password_hash == kBob.password_hash);
  CHECK(proved.find("bob", "new", kStart)->password_hash == other.password_hash);
}

TEST_CASE("proved_passwords: memory is bounded, the oldest goes first, and so does what is over",
          "[callout]") {
  ProvedPasswords proved;
  constexpr std::size_t kMany = ProvedPasswords::kMaxEntries + 10;
  for (std::size_t i = 0; i < kMany; ++i) {
    proved.remember(std::to_string(i), "p", kBob,
                    kStart + std::chrono::microseconds{static_cast<std::int64_t>(i)});
  }
  CHECK(proved.size() == ProvedPasswords::kMaxEntries);
  CHECK_FALSE(proved.find("9", "p", kStart));
  CHECK(proved.find("10", "p", kStart));
  CHECK(proved.find(std::to_string(kMany - 1), "p", kStart));
  proved.remember("later", "p", kBob, kStart + 2 * ProvedPasswords::kKeptFor);
  CHECK(proved.size() == 1);
}

TEST_CASE("proved_passwords: they are used by several threads", "[callout]") {
  ProvedPasswords proved;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&proved, i] {
      for (int j = 0; j < 200; ++j) {
        proved.remember(std::to_string(i), std::to_string(j), kBob);
        static_cast<void>(proved.find(std::to_string(j % 4), std::to_string(j)));
      }
    });
  }
  threads.clear();
  CHECK(proved.size() == 800);
}
