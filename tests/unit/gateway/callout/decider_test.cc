#include "gateway/callout/decider.h"

#include "tests/support/catch.h"
#include "tests/support/make_gateway.h"
#include "tests/support/make_signed.h"

using auth::Kind;
using auth::made::World;
using gateway::RequestTask;
using gateway::made::Gateway;
using gateway::made::opened;
using gateway::made::request_jwt;
using gateway::made::sealed;
using gateway::made::Sent;
using gateway::made::xkey;

namespace {

namespace made = auth::made;

struct Answer {
  std::string text;
  bool granted = false;
};

// What comes of one request; absent where it is not answered.
std::optional<Answer> answer(Gateway& gateway, const Sent& sent) {
  auto decider = gateway.decider();
  const auto task = decider.open(sent.envelope());
  if (!task) return std::nullopt;
  std::optional<Answer> given;
  decider.decide(*task, [&](const RequestTask& decided, std::string text, bool granted) {
    CHECK_FALSE(given);
    CHECK(decided.reply == sent.reply);
    given = Answer{std::move(text), granted};
  });
  return given;
}

std::optional<Answer> answer(Gateway& gateway, const World& world) {
  return answer(gateway, sealed(request_jwt(world.connect), xkey(61)));
}

std::uint64_t dropped(const Gateway& gateway, auth::Drop why) {
  return gateway.counters.dropped.at(static_cast<std::size_t>(why));
}

}  // namespace

TEST_CASE("a request that is sealed for any of our xkeys is answered under that same one") {
  Gateway gateway;
  gateway.put(made::with_key());
  for (const auto fill : {std::uint8_t{61}, std::uint8_t{62}}) {
    const auto given = answer(gateway, sealed(request_jwt(made::with_key().connect), xkey(fill)));
    REQUIRE(given);
    CHECK(given->granted);
    CHECK(opened(given->text, xkey(fill))["nats"].contains("jwt"));
    const auto other = auth::SharedKey::between(gateway::made::server_xkey(),
                                                xkey(fill == 61 ? 62 : 61).public_key());
    CHECK_FALSE(other->open(given->text));
  }
  CHECK_FALSE(answer(gateway, sealed(request_jwt(made::with_key().connect), xkey(63))));
  CHECK(dropped(gateway, auth::Drop::bad_seal) == 1);
  CHECK_FALSE(answer(gateway, Sent{.data = request_jwt(made::with_key().connect)}));
  CHECK(dropped(gateway, auth::Drop::not_sealed) == 1);
}

TEST_CASE("the issuer that the server expects signs, and a request for another is dropped") {
  Gateway gateway;
  gateway.put(made::with_key());
  for (const auto fill : {std::uint8_t{2}, std::uint8_t{12}}) {
    const auto issuer = made::key(auth::Prefix::account, fill);
    const auto given =
        answer(gateway, sealed(request_jwt(made::with_key().connect, issuer), xkey(61)));
    REQUIRE(given);
    CHECK(opened(given->text, xkey(61))["iss"] == made::text(issuer));
  }
  const auto stranger = made::key(auth::Prefix::account, 13);
  CHECK_FALSE(answer(gateway, sealed(request_jwt(made::with_key().connect, stranger), xkey(61))));
  CHECK(dropped(gateway, auth::Drop::wrong_subject) == 1);
}

TEST_CASE("only a password is slow") {
  Gateway gateway;
  auto decider = gateway.decider();
  for (const World& world : made::every_world()) {
    if (world.what == std::string("a certificate")) continue;  // nothing of it is in its CONNECT
    CAPTURE(world.what);
    const Sent sent = sealed(request_jwt(world.connect), xkey(61));
    const auto task = decider.open(sent.envelope());
    REQUIRE(task);
    CHECK(task->slow() == (world.credential->kind == Kind::password));
  }
}

TEST_CASE("a refusal says nothing but that, and is no grant") {
  Gateway gateway;
  const auto given = answer(gateway, made::with_key());
  REQUIRE(given);
  CHECK_FALSE(given->granted);
  CHECK(opened(given->text, xkey(61))["nats"]["error"] == "denied");
  CHECK(gateway.counters.denied() == 1);
  CHECK(gateway.counters.granted() == 0);
}

TEST_CASE("refuse answers without a look at any record") {
  Gateway gateway;
  gateway.put(made::with_password());
  auto decider = gateway.decider();
  const Sent sent = sealed(request_jwt(made::with_password().connect), xkey(62));
  const auto task = decider.open(sent.envelope());
  REQUIRE(task);
  int answers = 0;
  decider.refuse(*task, auth::Deny::overloaded,
                 [&](const RequestTask&, const std::string& text, bool granted) {
                   ++answers;
                   CHECK_FALSE(granted);
                   CHECK(opened(text, xkey(62))["nats"]["error"] == "denied");
                 });
  CHECK(answers == 1);
  CHECK(gateway.lookups.empty());
  CHECK(gateway.counters.denied() == 1);
}

TEST_CASE("the first of the logins that leads to a credential counts, and the rest is not asked") {
  Gateway gateway;
  World world = made::with_opaque_token();
  const auto logins = [](const char* token) {
    return std::vector<auth::Login>{{Kind::token, made::master(2).token_login(token)},
                                    {Kind::token, made::master(1).token_login(token)}};
  };
  SECTION("under the newest key") {
    gateway.put(world);
    CHECK(answer(gateway, world)->granted);
    CHECK(gateway.lookups == std::vector{logins("s3cr3t").front()});
    CHECK(gateway.rehashes.empty());
  }
  SECTION("under an older one, to be renewed") {
    world.credential->secrets = {made::opaque(made::master(1), "s3cr3t")};
    gateway.put(world);
    CHECK(answer(gateway, world)->granted);
    CHECK(gateway.lookups == logins("s3cr3t"));
    REQUIRE(gateway.rehashes.size() == 1);
    CHECK(gateway.rehashes[0].after.login == made::master(2).token_login("s3cr3t"));
  }
  SECTION("under none") {
    CHECK_FALSE(answer(gateway, world)->granted);
    CHECK(gateway.lookups == logins("s3cr3t"));
  }
}

TEST_CASE("a secret is renewed after a grant, and never after a refusal") {
  Gateway gateway;
  World world = made::with_bcrypt();
  gateway.put(world);
  CHECK(answer(gateway, world)->granted);
  REQUIRE(gateway.rehashes.size() == 1);
  CHECK(gateway.rehashes[0].before == world.credential->secrets[0]);
  CHECK(gateway.rehashes[0].after.scheme == auth::Scheme::argon2id);

  world.connect = world.wrong;
  CHECK_FALSE(answer(gateway, world)->granted);
  world = made::with_bcrypt();
  world.credential->status = auth::Status::suspended;
  gateway.put(world);
  CHECK_FALSE(answer(gateway, world)->granted);
  CHECK(gateway.rehashes.size() == 1);
}

TEST_CASE("what the store says after the answer closes the connection, if it would be judged so") {
  struct Row {
    const char* what;
    std::function<void(auth::Credential&)> change;
    bool kicked;
  };
  const auto row = GENERATE(values<Row>({
      {"another credential's affair", [](auth::Credential&) {}, false},
      {"another name", [](auth::Credential& c) { c.name = "pump"; }, false},
      {"suspended", [](auth::Credential& c) { c.status = auth::Status::suspended; }, true},
      {"other permissions", [](auth::Credential& c) { c.subjects = {"news"}; }, true},
      {"another secret", [](auth::Credential& c) { c.secrets.clear(); }, true},
      {"the same password in another form",
       [](auth::Credential& c) {
         c.secrets = {
             made::argon2id("bob", "hunter2", {.memory_bytes = 16 << 10, .iterations = 1})};
       },
       false},
  }));
  CAPTURE(row.what);
  Gateway gateway;
  const World world = made::with_password();
  gateway.put(world);
  auto decider = gateway.decider();
  const Sent sent = sealed(request_jwt(world.connect), xkey(61));
  const auto task = decider.open(sent.envelope());
  REQUIRE(task);
  decider.decide(*task, [&](const RequestTask&, const std::string&, bool granted) {
    CHECK(granted);
    ++gateway.txn;
    for (auto& [login, credential] : gateway.stored)
      row.change(credential);
  });
  CHECK(gateway.kicked.size() == (row.kicked ? 1 : 0));
}

TEST_CASE("a lookup that fails is silence, and lets nobody in") {
  Gateway gateway;
  gateway.put(made::with_key());
  gateway.at_lookup = [] { throw std::runtime_error("the disk is gone"); };
  CHECK_FALSE(answer(gateway, made::with_key()));
  CHECK(gateway.counters.faults == 1);
  CHECK(gateway.counters.granted() == 0);
}

TEST_CASE("a task waits as long as its server does") {
  using namespace std::chrono_literals;
  Gateway gateway;
  auto decider = gateway.decider();
  const Sent sent = sealed(request_jwt(made::with_key().connect), xkey(61));
  const auto task = decider.open(sent.envelope());
  REQUIRE(task);
  CHECK(task->patience() == 2s);
}

TEST_CASE("a signed request opens one connection, and what is refused uses no signature up") {
  Gateway gateway;
  World world = made::with_signed();
  made::Signed request;
  request.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto connect = [&](const made::Signed& with) {
    world.connect = {{"user", with.access_key}, {"pass", with.password()}};
    const auto given = answer(gateway, world);
    REQUIRE(given);
    return given->granted;
  };
  gateway.set_policy(world.policy);
  world.credential->status = auth::Status::suspended;
  gateway.put(world);
  CHECK_FALSE(connect(request));
  CHECK(gateway.spent.empty());
  world.credential->status = auth::Status::active;
  gateway.put(world);
  CHECK(connect(request));
  CHECK_FALSE(connect(request));
  CHECK(gateway.opened.size() == 1);
  request.secret = "another";
  CHECK_FALSE(connect(request));
  CHECK(gateway.spent.size() == 1);
}

TEST_CASE("what can be guessed is told with how it ended, and nothing else is") {
  const auto guesses_of = [](World world, bool stored, const char* member, const char* wrong) {
    Gateway gateway;
    if (stored) gateway.put(world);
    if (member != nullptr) world.connect[member] = wrong;
    REQUIRE(answer(gateway, world));
    return gateway.guesses;
  };
  const auto source = auth::read_address("192.0.2.7").value();
  for (const bool stored : {true, false}) {
    const auto right = guesses_of(made::with_password(), stored, nullptr, "");
    REQUIRE(right.size() == 1);
    CHECK(right[0].first.login == made::with_password().connect["user"]);
    CHECK(right[0].first.source == source);
    CHECK_FALSE(right[0].first.token);
    CHECK(right[0].second == stored);
    const auto wrong = guesses_of(made::with_password(), stored, "pass", "wrong");
    REQUIRE(wrong.size() == 1);
    CHECK_FALSE(wrong[0].second);
    const auto token = guesses_of(made::with_opaque_token(), stored, nullptr, "");
    REQUIRE(token.size() == 1);
    CHECK(token[0].first.token);
    CHECK(token[0].second == stored);
  }
  for (const World& world :
       {made::with_key(), made::with_token(), made::with_nkey(), made::with_certificate()})
    CHECK(guesses_of(world, true, nullptr, "").empty());
  CHECK(guesses_of(made::with_key(), true, "pass", "wrong").empty());
  CHECK(guesses_of(made::with_password(), true, "pass", "").size() == 1);  // a token by itself
}

TEST_CASE(
    "a right password of one that is not let in is no failure and no success, a revoked one's is "
    "one") {
  Gateway gateway;
  World world = made::with_password();
  world.credential->status = auth::Status::suspended;
  gateway.put(world);
  REQUIRE_FALSE(answer(gateway, world)->granted);
  CHECK(gateway.guesses.empty());
  world.credential->status = auth::Status::revoked;
  world.credential->secrets[0].password_hash.clear();
  gateway.put(world);
  REQUIRE_FALSE(answer(gateway, world)->granted);
  REQUIRE(gateway.guesses.size() == 1);
  CHECK_FALSE(gateway.guesses[0].second);
}

TEST_CASE("a record that can't be read says nothing of the proof") {
  Gateway gateway;
  gateway.put(made::with_password());
  gateway.at_lookup = [] { throw store::Damaged{"CG"}; };
  REQUIRE_FALSE(answer(gateway, made::with_password())->granted);
  CHECK(gateway.guesses.empty());
}
