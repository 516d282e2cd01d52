#include "gateway/doctor/store_answers.h"

#include <array>
#include <functional>

#include "auth/credential/password_hash.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace gateway {
namespace {

using store::test_credential;
using store::TestStore;

constexpr auth::PasswordCost kCost{.memory_bytes = 8 << 10, .iterations = 1};

auth::Judge judge_of(const TestStore& store) {
  return auth::Judge{{.accounts = {"APP"},
                      .reserved = {},
                      .scoped = {},
                      .region = {},
                      .mode = {},
                      .password_cost = kCost},
                     store.keys(),
                     [](std::string_view, auth::Time) { return std::chrono::seconds{0}; }};
}

auth::Credential bob() {
  auth::Credential c = test_credential(1, auth::Kind::password, "bob");
  c.secrets.front().password_hash =
      auth::hash_password("wonderland", kCost, std::array<std::uint8_t, 16>{});
  return c;
}

void put(TestStore& store, const auth::Credential& credential) {
  REQUIRE(store->create(credential, store::intent(store::Action::create)));
}

}  // namespace

TEST_CASE("store_answers: a login is let in by its own password, while its credential is good",
          "[doctor]") {
  struct Row {
    const char* what;
    std::string user;
    std::string password;
    std::function<void(auth::Credential&)> edit;
    bool let_in;
  };
  const auto nothing = [](auth::Credential&) {};
  const auto row = GENERATE_COPY(values<Row>({
      {"its own", "bob", "wonderland", nothing, true},
      {"from elsewhere", "bob", "wonderland",
       [](auth::Credential& c) { c.sources = {auth::read_cidr("192.0.2.0/24").value()}; }, true},
      {"over another connection type", "bob", "wonderland",
       [](auth::Credential& c) { c.connection_types = {auth::ConnectionType::mqtt}; }, true},
      {"another password", "bob", "looking-glass", nothing, false},
      {"another user", "eve", "wonderland", nothing, false},
      {"no user", "", "wonderland", nothing, false},
      {"suspended", "bob", "wonderland",
       [](auth::Credential& c) { c.status = auth::Status::suspended; }, false},
      {"expired", "bob", "wonderland",
       [](auth::Credential& c) { c.expires_at = store::kNow - std::chrono::hours{1}; }, false},
      {"of an account that is not granted", "bob", "wonderland",
       [](auth::Credential& c) { c.account = "OTHER"; }, false},
  }));
  CAPTURE(row.what);
  TestStore store;
  auth::Credential credential = bob();
  row.edit(credential);
  put(store, credential);
  const auth::Judge judge = judge_of(store);
  const auto answer = answers_of(*store, judge, store::kNow).let_in_as(row.user, row.password);
  REQUIRE(answer.has_value() == row.let_in);
  if (answer) CHECK(*answer == credential.id + " \"" + credential.name + "\"");
}

TEST_CASE("store_answers: five of the credentials that list LEAFNODE are named", "[doctor]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 8; ++n) {
    auth::Credential c = test_credential(n);
    if (n != 2) c.connection_types = {auth::ConnectionType::leafnode};
    put(store, c);
  }
  const auth::Judge judge = judge_of(store);
  const auto names = answers_of(*store, judge, store::kNow).leafnodes();
  REQUIRE(names);
  CHECK(names->count == 7);
  REQUIRE(names->first.size() == 5);
  CHECK(names->first.front() == store::test_id(1) + " \"device-1\"");
}

}  // namespace gateway
