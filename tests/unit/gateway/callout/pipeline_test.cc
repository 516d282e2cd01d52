#include "gateway/callout/pipeline.h"

#include <array>
#include <future>

#include "tests/support/catch.h"
#include "tests/support/make_gateway.h"
#include "tests/support/make_signed.h"

using auth::Kind;
using auth::made::World;
using gateway::RequestTask;
using gateway::Throttle;
using gateway::made::Gateway;
using gateway::made::opened;
using gateway::made::request_jwt;
using gateway::made::sealed;
using gateway::made::Sent;
using gateway::made::xkey;

namespace {

namespace made = auth::made;

Sent sent_by(const World& world) {
  return sealed(request_jwt(world.connect), xkey(61));
}

bool grants(const std::string& answer, std::uint8_t by = 61) {
  return opened(answer, xkey(by))["nats"].contains("jwt");
}

// Whether it is let in; false for a refusal.
bool let_in(Gateway& gateway, const World& world) {
  const auto answer = gateway.answer(sent_by(world));
  REQUIRE(answer);
  return grants(*answer);
}

constexpr std::uint64_t kCid = 9;  // of a made request

std::uint64_t dropped(const Gateway& gateway, auth::Drop why) {
  return gateway.counters.dropped.at(static_cast<std::size_t>(why));
}

}  // namespace

TEST_CASE("pipeline: a request that is sealed for any of our xkeys is answered under that same one",
          "[callout]") {
  Gateway gateway;
  gateway.put(made::with_key());
  for (const auto fill : {std::uint8_t{61}, std::uint8_t{62}}) {
    const auto answer = gateway.answer(sealed(request_jwt(made::with_key().connect), xkey(fill)));
    REQUIRE(answer);
    CHECK(grants(*answer, fill));
    const auto other = auth::SharedKey::between(gateway::made::server_xkey(),
                                                xkey(fill == 61 ? 62 : 61).public_key());
    CHECK_FALSE(other->open(*answer));
  }
  CHECK_FALSE(gateway.answer(sealed(request_jwt(made::with_key().connect), xkey(63))));
  CHECK(dropped(gateway, auth::Drop::bad_seal) == 1);
  CHECK_FALSE(gateway.answer(Sent{.data = request_jwt(made::with_key().connect)}));
  CHECK(dropped(gateway, auth::Drop::not_sealed) == 1);
}

TEST_CASE(
    "pipeline: the issuer that the server expects signs, and a request for another is dropped",
    "[callout]") {
  Gateway gateway;
  gateway.put(made::with_key());
  for (const auto fill : {std::uint8_t{2}, std::uint8_t{12}}) {
    const auto issuer = made::key(auth::Prefix::account, fill);
    const auto answer =
        gateway.answer(sealed(request_jwt(made::with_key().connect, issuer), xkey(61)));
    REQUIRE(answer);
    CHECK(opened(*answer, xkey(61))["iss"] == made::text(issuer));
  }
  const auto stranger = made::key(auth::Prefix::account, 13);
  CHECK_FALSE(gateway.answer(sealed(request_jwt(made::with_key().connect, stranger), xkey(61))));
  CHECK(dropped(gateway, auth::Drop::wrong_subject) == 1);
}

TEST_CASE("pipeline: only a password is slow", "[callout]") {
  Gateway gateway;
  for (const World& world : made::every_world()) {
    if (world.what == std::string("a certificate")) continue;  // nothing of it is in its CONNECT
    CAPTURE(world.what);
    CHECK(gateway.task(sent_by(world)).slow() == (world.credential->kind == Kind::password));
  }
}

TEST_CASE("pipeline: a refusal says nothing but that, and is not a grant", "[callout]") {
  Gateway gateway;
  const auto answer = gateway.answer(sent_by(made::with_key()));
  REQUIRE(answer);
  CHECK(opened(*answer, xkey(61))["nats"]["error"] == "denied");
  CHECK(gateway.counters.denied() == 1);
  CHECK(gateway.counters.granted() == 0);
}

TEST_CASE("pipeline: what is wrong with a malformed proof is told, but not to the client",
          "[callout]") {
  Gateway gateway;
  const auth::Json connect = {{"user", "bob"}, {"pass", std::string(1025, 'p')}};
  const auto answer = gateway.answer(sealed(request_jwt(connect), xkey(61)));
  REQUIRE(answer);
  CHECK(opened(*answer, xkey(61))["nats"]["error"] == "denied");
  const auto told = gateway.events();
  REQUIRE(told.size() == 1);
  CHECK(told.front().reason == "malformed");
  CHECK(told.front().detail == "password");
}

TEST_CASE("pipeline: who is throttled is answered without a look at any record", "[callout]") {
  Gateway gateway;
  gateway.put(made::with_password());
  gateway.throttle.set({.login = 1, .source = 0});
  const Sent sent = sealed(request_jwt(made::with_password().connect), xkey(62));
  gateway.throttle.failed(gateway.task(sent).guess().value());
  const auto answer = gateway.answer(sent);
  REQUIRE(answer);
  CHECK(opened(*answer, xkey(62))["nats"]["error"] == "denied");
  CHECK(gateway.lookups.empty());
  CHECK(gateway.denied(auth::Deny::throttled) == 1);
}

TEST_CASE("pipeline: every login of a proof is looked up, and the first credential is the one",
          "[callout]") {
  Gateway gateway;
  World world = made::with_opaque_token();
  const auto logins = [](const char* token) {
    return std::vector<auth::Login>{{Kind::token, made::master(2).token_login(token)},
                                    {Kind::token, made::master(1).token_login(token)}};
  };
  SECTION("under the newest key") {
    gateway.put(world);
    CHECK(let_in(gateway, world));
    CHECK(gateway.lookups == logins("s3cr3t"));
    CHECK(gateway.rehashes.empty());
  }
  SECTION("under an older one, to be renewed") {
    world.credential->secrets = {made::opaque(made::master(1), "s3cr3t")};
    gateway.put(world);
    CHECK(let_in(gateway, world));
    CHECK(gateway.lookups == logins("s3cr3t"));
    REQUIRE(gateway.rehashes.size() == 1);
    CHECK(gateway.rehashes[0].after.login == made::master(2).token_login("s3cr3t"));
  }
  SECTION("under none") {
    CHECK_FALSE(let_in(gateway, world));
    CHECK(gateway.lookups == logins("s3cr3t"));
  }
}

// An attack: whoever registers the other fingerprint of a certificate that is known by one takes
// its client over.
TEST_CASE("pipeline: a proof that leads to two credentials is denied", "[callout]") {
  Gateway gateway;
  World world = made::with_opaque_token();
  gateway.put(world);
  World second = world;
  second.credential->id = "CGBBBBBBBBBBBBBBBBBB";
  second.credential->secrets = {made::opaque(made::master(1), "s3cr3t")};
  gateway.put(second);
  CHECK_FALSE(let_in(gateway, world));
  CHECK(gateway.denied(auth::Deny::ambiguous) == 1);
  // Under both logins it may be one credential.
  second.credential->id = world.credential->id;
  second.credential->secrets = world.credential->secrets;
  second.credential->secrets.push_back(made::opaque(made::master(1), "s3cr3t"));
  gateway.stored.clear();
  gateway.put(second);
  CHECK(let_in(gateway, world));
}

TEST_CASE("pipeline: a secret is renewed after a grant, and never after a refusal", "[callout]") {
  Gateway gateway;
  World world = made::with_bcrypt();
  gateway.put(world);
  CHECK(let_in(gateway, world));
  REQUIRE(gateway.rehashes.size() == 1);
  CHECK(gateway.rehashes[0].before == world.credential->secrets[0]);
  CHECK(gateway.rehashes[0].after.scheme == auth::Scheme::argon2id);

  world.connect = world.wrong;
  CHECK_FALSE(let_in(gateway, world));
  world = made::with_bcrypt();
  world.credential->status = auth::Status::suspended;
  gateway.put(world);
  CHECK_FALSE(let_in(gateway, world));
  CHECK(gateway.rehashes.size() == 1);
}

TEST_CASE(
    "pipeline: what the store says after the answer closes the connection, if it would be judged "
    "so",
    "[callout]") {
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
  gateway.at_reply = [&] {
    ++gateway.txn;
    for (auto& [login, credential] : gateway.stored)
      row.change(credential);
  };
  CHECK(let_in(gateway, world));
  CHECK(gateway.kicked.size() == (row.kicked ? 1 : 0));
}

TEST_CASE("pipeline: a lookup that fails is silence, and lets nobody in", "[callout]") {
  Gateway gateway;
  gateway.put(made::with_key());
  gateway.at_lookup = [] { throw std::runtime_error("the disk is gone"); };
  CHECK_FALSE(gateway.answer(sent_by(made::with_key())));
  CHECK(gateway.counters.faults == 1);
  CHECK(gateway.counters.granted() == 0);
}

TEST_CASE("pipeline: a task waits as long as its server does", "[callout]") {
  using namespace std::chrono_literals;
  Gateway gateway;
  CHECK(gateway.task(sent_by(made::with_key())).timeout() == 2s);
}

TEST_CASE(
    "pipeline: a signed request opens one connection, and what is refused uses no signature up",
    "[callout]") {
  Gateway gateway;
  World world = made::with_signed();
  made::Signed request;
  request.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto connect = [&](const made::Signed& with) {
    world.connect = {{"user", with.access_key}, {"pass", with.password()}};
    return let_in(gateway, world);
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

namespace {

// What the throttle knows of a world's login after one attempt.
struct Charged {
  Throttle::Verdict verdict;
  std::size_t failures;
};
Charged charged(World world, bool stored, const char* member = nullptr, const char* value = "") {
  Gateway gateway;
  if (stored) gateway.put(world);
  if (member != nullptr) world.connect[member] = value;
  const auto guess = gateway.task(sent_by(world)).guess();
  static_cast<void>(let_in(gateway, world));
  return {guess ? gateway.throttle.check(*guess) : Throttle::Verdict::allowed_unknown,
          gateway.throttle.list().size()};
}

}  // namespace

TEST_CASE("pipeline: what can be guessed is charged when it fails and known when it is let in",
          "[callout]") {
  for (const World& world : {made::with_password(), made::with_opaque_token()}) {
    CAPTURE(world.what);
    const auto guess = Gateway{}.task(sent_by(world)).guess();
    REQUIRE(guess);
    CHECK(guess->source == auth::read_address("192.0.2.7").value());
    CHECK(guess->token == (world.credential->kind == Kind::token));
    const Charged right = charged(world, true);
    CHECK(right.verdict == Throttle::Verdict::allowed_known);
    CHECK(right.failures == 0);
    const Charged unknown = charged(world, false);
    CHECK(unknown.verdict == Throttle::Verdict::allowed_unknown);
    CHECK(unknown.failures == 2);  // the login's and the source's
  }
  const Charged wrong = charged(made::with_password(), true, "pass", "wrong");
  CHECK(wrong.verdict == Throttle::Verdict::allowed_unknown);
  CHECK(wrong.failures == 2);
  CHECK(charged(made::with_password(), true, "pass", "").failures == 2);  // a token by itself
}

TEST_CASE("pipeline: what cannot be guessed is neither charged nor known", "[callout]") {
  for (const World& world :
       {made::with_key(), made::with_token(), made::with_nkey(), made::with_certificate()}) {
    CAPTURE(world.what);
    CHECK_FALSE(Gateway{}.task(sent_by(world)).guess());
    CHECK(charged(world, true).failures == 0);
  }
  CHECK(charged(made::with_key(), true, "pass", "wrong").failures == 0);
}

TEST_CASE(
    "pipeline: a right password of one that is not let in is not a failure and no success, a "
    "revoked "
    "one's is one",
    "[callout]") {
  Gateway gateway;
  World world = made::with_password();
  const auto guess = gateway.task(sent_by(world)).guess().value();
  world.credential->status = auth::Status::suspended;
  gateway.put(world);
  REQUIRE_FALSE(let_in(gateway, world));
  CHECK(gateway.throttle.list().empty());
  CHECK(gateway.throttle.check(guess) == Throttle::Verdict::allowed_unknown);
  world.credential->status = auth::Status::revoked;
  world.credential->secrets[0].password_hash.clear();
  gateway.put(world);
  REQUIRE_FALSE(let_in(gateway, world));
  CHECK(gateway.throttle.list().size() == 2);
}

TEST_CASE("pipeline: a record that can't be read says nothing of the proof", "[callout]") {
  Gateway gateway;
  gateway.put(made::with_password());
  gateway.at_lookup = [] { throw store::Damaged{"CG"}; };
  REQUIRE_FALSE(let_in(gateway, made::with_password()));
  CHECK(gateway.throttle.list().empty());
}

TEST_CASE("pipeline: a grant is noted before its answer goes out, and a refusal never",
          "[callout]") {
  Gateway gateway;
  const auto noted = [&] {
    return gateway.grants.find(made::text(made::server()), kCid).has_value();
  };
  REQUIRE_FALSE(let_in(gateway, made::with_key()));
  CHECK_FALSE(noted());
  gateway.put(made::with_key());
  bool in_time = false;
  gateway.at_reply = [&] { in_time = noted(); };
  REQUIRE(let_in(gateway, made::with_key()));
  CHECK(in_time);
}

TEST_CASE("pipeline: a probe is let in and told to readiness, and to nobody else", "[callout]") {
  Gateway gateway;
  const auto probe = gateway.probe_logins.key_now();
  const auto connect = [&](const auth::KeyPair& signer) {
    return sealed(request_jwt({{"nkey", made::text(probe)}, {"sig", made::url_form(signer)}},
                              made::issuer(), std::chrono::seconds{2}, std::string(made::kNonce)),
                  xkey(61));
  };
  const auto answer = gateway.answer(connect(probe));
  REQUIRE(answer);
  CHECK(grants(*answer));
  const auto granted = gateway.grants.take(made::text(made::server()), kCid);
  REQUIRE(granted);
  CHECK(granted->probed == "APP");
  CHECK(gateway.events().empty());
  gateway.readiness.came_through("APP");
  CHECK(gateway.readiness.get().ready);
  CHECK(gateway.opened.empty());
  CHECK(gateway.counters.granted() == 0);

  // Its key is public: whoever shows it without the proof is denied and told of like others.
  const auto refused = gateway.answer(connect(made::client()));
  REQUIRE(refused);
  CHECK_FALSE(grants(*refused));
  CHECK(gateway.denied(auth::Deny::bad_proof) == 1);
  CHECK(gateway.events().size() == 1);
}

namespace {

constexpr std::chrono::seconds kTimeout{60};

// A request with a password, whose server waits for a minute.
Sent password_sent(const std::string& reply) {
  Sent sent =
      sealed(request_jwt(made::with_password().connect, made::issuer(), kTimeout), xkey(61));
  sent.reply = "$SYS._INBOX." + reply;
  return sent;
}

}  // namespace

TEST_CASE("pipeline: a login that has failed too often while it waited costs no hash",
          "[callout]") {
  Gateway gateway;
  gateway.put(made::with_password());
  gateway.throttle.set({.login = 2, .source = 0, .window = std::chrono::hours{1}});
  const auto guess = gateway.task(password_sent("2")).guess().value();
  // While the first is judged, and the second waits, others fail at its login.
  std::promise<void> second_waits;
  gateway.at_lookup = [&, waits = second_waits.get_future().share()] {
    waits.wait();
    for (int i = 0; i < 2; ++i)
      gateway.throttle.failed(guess);
  };
  const auto pipeline = gateway.pipeline();
  auto codec = pipeline->make_codec();
  for (const char* reply : {"1", "2"})
    pipeline->take(password_sent(reply).message(), codec, [](const auto&, const auto&) { FAIL(); });
  CHECK(gateway.denied(auth::Deny::throttled) == 0);
  second_waits.set_value();
  pipeline->drain();
  CHECK(gateway.lookups.size() == 1);
  CHECK(gateway.counters.granted() == 1);
  CHECK(gateway.denied(auth::Deny::throttled) == 1);
  CHECK(gateway.answered() == std::vector<std::string>{"1", "2"});
}

namespace {

// A pipeline whose password queue has no thread: what needs a hash stays in it.
class NoHash {
 public:
  explicit NoHash(Gateway& gateway) : gateway_(gateway) {}
  // Whether the password was judged without a hash; then, what became of it.
  std::optional<bool> let_in(const Sent& sent) {
    const auto pipeline = gateway_.pipeline({.cost = made::kCheap, .threads = 0, .queue = 8});
    auto codec = pipeline->make_codec();
    std::optional<bool> granted;
    const std::uint64_t before = gateway_.counters.denied();
    pipeline->take(sent.message(), codec,
                   [&](const auto&, const std::string& answer) { granted = grants(answer); });
    if (gateway_.counters.denied() > before) granted = false;  // it is told later
    return granted;
  }

 private:
  Gateway& gateway_;
};

}  // namespace

TEST_CASE("pipeline: a password that was proved lately is let in without a hash", "[callout]") {
  Gateway gateway;
  const World world = made::with_password();
  gateway.put(world);
  NoHash no_hash{gateway};
  CHECK(no_hash.let_in(sent_by(world)) == std::nullopt);
  REQUIRE(let_in(gateway, world));
  CHECK(no_hash.let_in(sent_by(world)) == true);
  CHECK(gateway.events().back().granted);

  World wrong = world;
  wrong.connect["pass"] = "wrong";
  CHECK(no_hash.let_in(sent_by(wrong)) == std::nullopt);
  REQUIRE_FALSE(let_in(gateway, wrong));
  CHECK(no_hash.let_in(sent_by(wrong)) == std::nullopt);
  // Whoever has failed too often is refused all the same.
  gateway.throttle.set({.login = 1, .source = 0});
  gateway.throttle.failed(gateway.task(sent_by(world)).guess().value());
  CHECK(no_hash.let_in(sent_by(world)) == false);
  CHECK(gateway.denied(auth::Deny::throttled) == 1);
}

TEST_CASE("pipeline: a password that was proved lately is hashed again once its record has changed",
          "[callout]") {
  struct Row {
    const char* what;
    std::function<void(auth::Credential&)> change;
  };
  const auto row = GENERATE(values<Row>({
      {"another revision", [](auth::Credential& c) { ++c.revision; }},
      {"another credential under this login",
       [](auth::Credential& c) { c.id = auth::make_id(std::array<std::uint8_t, 12>{1}); }},
      {"another password, under the same revision",
       [](auth::Credential& c) { c.secrets = {made::argon2id("bob", "other", made::kCheap)}; }},
      {"the same password in another form, under the same revision",
       [](auth::Credential& c) {
         c.secrets = {
             made::argon2id("bob", "hunter2", {.memory_bytes = 16 << 10, .iterations = 1})};
       }},
      {"no secret", [](auth::Credential& c) { c.secrets.clear(); }},
      {"a secret that has expired",
       [](auth::Credential& c) { c.secrets[0].expires_at = auth::Time{}; }},
      {"another login", [](auth::Credential& c) { c.secrets[0].login = "alice"; }},
      {"another kind", [](auth::Credential& c) { c.kind = Kind::key; }},
      {"revoked", [](auth::Credential& c) { c.status = auth::Status::revoked; }},
  }));
  CAPTURE(row.what);
  Gateway gateway;
  const World world = made::with_password();
  gateway.put(world);
  REQUIRE(let_in(gateway, world));
  REQUIRE(NoHash{gateway}.let_in(sent_by(world)) == true);
  for (auto& [login, credential] : gateway.stored)
    row.change(credential);
  CHECK(NoHash{gateway}.let_in(sent_by(world)) == std::nullopt);
  gateway.stored.clear();
  CHECK(NoHash{gateway}.let_in(sent_by(world)) == std::nullopt);
}

TEST_CASE("pipeline: who was let in without a hash is closed if its record changed meanwhile",
          "[callout]") {
  Gateway gateway;
  const World world = made::with_password();
  gateway.put(world);
  REQUIRE(let_in(gateway, world));
  // What it may do stays the same, but to see that takes a hash.
  const auto pipeline = gateway.pipeline({.cost = made::kCheap, .threads = 0, .queue = 8});
  auto codec = pipeline->make_codec();
  pipeline->take(sent_by(world).message(), codec, [&](const auto&, const std::string& answer) {
    CHECK(grants(answer));
    ++gateway.txn;
    for (auto& [login, credential] : gateway.stored)
      credential.tags = {"site=other"};
  });
  CHECK(gateway.kicked.size() == 1);
}

TEST_CASE("pipeline: a password that was proved lately spares the hash alone", "[callout]") {
  struct Row {
    auth::Deny why;
    std::function<void(auth::Credential&)> change;
  };
  // Even if the revision stayed as it was.
  const auto row = GENERATE(values<Row>({
      {auth::Deny::suspended, [](auth::Credential& c) { c.status = auth::Status::suspended; }},
      {auth::Deny::expired, [](auth::Credential& c) { c.expires_at = auth::Time{}; }},
      {auth::Deny::wrong_region, [](auth::Credential& c) { c.regions = {"elsewhere"}; }},
      {auth::Deny::account_not_allowed, [](auth::Credential& c) { c.account = "OTHER"; }},
      {auth::Deny::source_not_allowed,
       [](auth::Credential& c) { c.sources = {auth::read_cidr("198.51.100.1").value()}; }},
      {auth::Deny::connection_type_not_allowed,
       [](auth::Credential& c) { c.connection_types = {auth::ConnectionType::mqtt}; }},
  }));
  CAPTURE(static_cast<int>(row.why));
  Gateway gateway;
  const World world = made::with_password();
  gateway.put(world);
  REQUIRE(let_in(gateway, world));
  for (auto& [login, credential] : gateway.stored)
    row.change(credential);
  CHECK(NoHash{gateway}.let_in(sent_by(world)) == false);
  CHECK(gateway.denied(row.why) == 1);
}

TEST_CASE("pipeline: what is not let in is not remembered", "[callout]") {
  Gateway gateway;
  const World world = made::with_password();
  World suspended = world;
  suspended.credential->status = auth::Status::suspended;
  gateway.put(suspended);
  REQUIRE_FALSE(let_in(gateway, world));
  gateway.put(world);
  CHECK(NoHash{gateway}.let_in(sent_by(world)) == std::nullopt);
}

TEST_CASE(
    "pipeline: a login for which the queue has no place gets no answer, and the oldest goes first",
    "[callout]") {
  Gateway gateway;
  gateway.put(made::with_password());
  const auto pipeline = gateway.pipeline({.cost = made::kCheap, .threads = 0, .queue = 2});
  auto codec = pipeline->make_codec();
  for (const char* reply : {"1", "2"})
    pipeline->take(password_sent(reply).message(), codec, [](const auto&, const auto&) { FAIL(); });
  pipeline->drain();
  CHECK(gateway.answered().empty());
  CHECK(gateway.denied(auth::Deny::overloaded) == 1);
  // Its next attempt goes first.
  CHECK(gateway.missed.since(gateway.missed.key(*gateway.task(password_sent("1")).request)));
}

TEST_CASE("pipeline: who was answered too late goes first until it is answered in time",
          "[callout]") {
  Gateway gateway;
  gateway.put(made::with_key());
  const auto pipeline = gateway.pipeline();
  auto codec = pipeline->make_codec();
  RequestTask late = gateway.task(sent_by(made::with_key()));
  const auto key = gateway.missed.key(*late.request);
  late.arrived -= std::chrono::seconds{2};
  pipeline->process(std::move(late), codec, [](const auto&, const auto&) { FAIL(); });
  const auto since = gateway.missed.since(key);
  REQUIRE(since);
  CHECK(let_in(gateway, made::with_key()));
  CHECK(gateway.missed.since(key) > since);
}

TEST_CASE("pipeline: what its server waits for no longer costs no hash and gets no answer",
          "[callout]") {
  Gateway gateway;
  gateway.put(made::with_password());
  const auto pipeline = gateway.pipeline();
  auto codec = pipeline->make_codec();
  RequestTask late = gateway.task(password_sent("late"));
  late.arrived -= kTimeout;
  const auto fail = [](const auto&, const auto&) { FAIL(); };
  pipeline->process(std::move(late), codec, fail);
  pipeline->process(gateway.task(password_sent("timely")), codec, fail);
  pipeline->drain();
  CHECK(gateway.answered() == std::vector<std::string>{"timely"});
  CHECK(gateway.counters.granted() == 1);
  CHECK(gateway.lookups.size() == 1);
  CHECK(gateway.counters.late == 1);
  CHECK(gateway.counters.denied() == 1);
}

TEST_CASE(
    "pipeline: a password that was hashed too late is not logged as granted, and gets no answer",
    "[callout]") {
  Gateway gateway;
  gateway.put(made::with_password());
  const auto pipeline = gateway.pipeline();
  auto codec = pipeline->make_codec();
  RequestTask task = gateway.task(password_sent("late"));
  task.arrived -= kTimeout - std::chrono::seconds{2};
  const auto deadline = task.arrived + kTimeout;
  gateway.at_lookup = [deadline] { std::this_thread::sleep_until(deadline); };
  pipeline->process(std::move(task), codec, [](const auto&, const auto&) { FAIL(); });
  pipeline->drain();
  CHECK(gateway.answered().empty());
  CHECK(gateway.counters.granted() == 0);
  CHECK(gateway.denied(auth::Deny::overloaded) == 1);
  CHECK_FALSE(gateway.events().at(0).granted);
}

TEST_CASE(
    "pipeline: a refusal of a password is seen at whole ticks after its request, however it was "
    "made",
    "[callout]") {
  Gateway gateway;
  gateway.put(made::with_password());
  const auto pipeline = gateway.pipeline();
  auto codec = pipeline->make_codec();
  World world = made::with_password();
  world.connect["pass"] = "wrong";
  Sent sent = sealed(request_jwt(world.connect, made::issuer(), kTimeout), xkey(61));
  const auto began = std::chrono::steady_clock::now();
  pipeline->take(sent.message(), codec, [](const auto&, const auto&) { FAIL(); });
  while (gateway.answered().empty())
    std::this_thread::yield();
  CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds{840});
}

TEST_CASE(
    "pipeline: a copy that is another's to answer costs no decision, and is known from then on",
    "[callout]") {
  Gateway gateway;
  gateway.put(made::with_key());
  const std::string server = made::text(made::server());
  const auto joining = gateway::RequestFilter::kJoining;
  gateway.filter.add_link(server, gateway::RequestFilter::Clock::now() - 4 * joining);
  const Sent sent = sent_by(made::with_key());
  const auto pipeline = gateway.pipeline();
  auto codec = pipeline->make_codec();
  int answers = 0;
  const auto take = [&](const std::string& link, gateway::Group group) {
    gateway::CalloutMessage message = sent.message();
    message.path = std::make_shared<const gateway::made::Path>(link, group);
    pipeline->take(message, codec, [&](const auto&, const auto&) { ++answers; });
    return gateway.filter.drops(message.data, message.server_xkey, *message.path);
  };
  CHECK(take("NOTHER", gateway::Group::server));
  CHECK(take(server, gateway::Group::shared));
  CHECK(gateway.lookups.empty());
  CHECK(answers == 0);
  CHECK_FALSE(take(server, gateway::Group::server));
  CHECK(answers == 1);
}

TEST_CASE("pipeline: a request whose connection was lost meanwhile is not decided", "[callout]") {
  Gateway gateway;
  gateway.put(made::with_password());
  const auto pipeline = gateway.pipeline();
  auto codec = pipeline->make_codec();
  const auto path = std::make_shared<gateway::made::Path>("N", gateway::Group::shared);
  RequestTask task = gateway.task(password_sent("lost"));
  task.reply.path = path;
  path->is_alive = false;
  pipeline->process(std::move(task), codec, [](const auto&, const auto&) { FAIL(); });
  pipeline->drain();
  CHECK(gateway.lookups.empty());
  CHECK(gateway.counters.granted() + gateway.counters.denied() == 0);
}

TEST_CASE("pipeline: a role that changes while a login is answered closes what was let in by it",
          "[callout]") {
  Gateway gateway;
  World world = made::with_key();
  world.credential->roles = {"ops"};
  gateway.put(world);
  CHECK_FALSE(let_in(gateway, world));
  const auto reason = static_cast<std::size_t>(auth::Deny::role_missing);
  CHECK(gateway::Counters::sum(gateway.counters.denied_for.at(reason)) == 1);
  auth::Role ops;
  ops.account = "APP";
  ops.name = "ops";
  ops.publish = true;
  ops.subjects = {"a"};
  gateway.roles = {ops};
  gateway.at_reply = [&] { ++gateway.txn; };
  CHECK(let_in(gateway, world));
  CHECK(gateway.kicked.empty());
  gateway.at_reply = [&] {
    ++gateway.txn;
    gateway.roles.at(0).subjects = {"b"};
  };
  CHECK(let_in(gateway, world));
  CHECK(gateway.kicked.size() == 1);
}
