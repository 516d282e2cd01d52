// What a signed request is worth: verified for a proxy, and as the proof of a connection.

#include <functional>

#include "tests/support/catch.h"
#include "tests/support/make_signed.h"

namespace auth {
namespace {

using namespace std::chrono_literals;
using made::kNow;
using made::kSecret;
using made::master;
using made::Signed;
using made::with_signed;
using made::World;

// The reason, or "granted".
std::string verified(const World& world, const Signed& request) {
  auto read = read_sigv4_request(request.json().dump());
  REQUIRE(read);
  const auto shown = identify(std::move(*read));
  if (!shown) return std::string(name(shown.error().reason));
  const auto decision = world.judge().decide(*shown, request.source, world.credential, world.now);
  return decision.verdict ? "granted" : std::string(name(decision.verdict.error()));
}

std::string connected(World world, const Signed& request) {
  world.connect = {{"user", request.access_key}, {"pass", request.password()}};
  const auto denied = world.denied();
  return denied ? std::string(name(*denied)) : "granted";
}

TEST_CASE("judge_sigv4: a signed request is good as what it is, and as a connection",
          "[decision]") {
  struct Row {
    const char* what;
    std::function<void(World&, Signed&)> change;
    const char* verified;
    const char* connected;
  };
  const auto credential = [](auto change) {
    return [change](World& world, Signed&) { change(*world.credential); };
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"nothing wrong", [](World&, Signed&) {}, "granted", "granted"},
      {"another secret", [](World&, Signed& s) { s.secret += "x"; }, "bad_proof", "bad_proof"},
      {"an unknown credential", [](World& w, Signed&) { w.credential.reset(); },
       "unknown_credential", "unknown_credential"},
      {"one that is not an id", [](World& w, Signed& s) { w.credential.reset(); s.access_key = "AKIA"; },
       "unknown_credential", "unknown_credential"},
      {"revoked, and its secrets destroyed",
       credential([](Credential& c) { c.status = Status::revoked; c.secrets[0].sealed.clear(); }),
       "revoked", "revoked"},
      {"suspended", credential([](Credential& c) { c.status = Status::suspended; }), "suspended",
       "suspended"},
      {"expired", credential([](Credential& c) { c.expires_at = kNow; }), "expired", "expired"},
      {"not yet valid", credential([](Credential& c) { c.not_before = kNow + 1s; }),
       "not_yet_valid", "not_yet_valid"},
      {"of another region", credential([](Credential& c) { c.regions = {"us"}; }), "wrong_region",
       "wrong_region"},
      {"in an account that is not granted", credential([](Credential& c) { c.account = "SYS"; }),
       "account_not_allowed", "account_not_allowed"},
      {"from its own addresses",
       credential([](Credential& c) { c.sources = {*read_cidr("192.0.2.0/24")}; }), "granted",
       "granted"},
      {"from elsewhere",
       credential([](Credential& c) { c.sources = {*read_cidr("10.0.0.0/8")}; }),
       "source_not_allowed", "source_not_allowed"},
      {"from nowhere", [](World& w, Signed& s) {
         w.credential->sources = {*read_cidr("192.0.2.0/24")};
         s.source.clear();
       }, "source_not_allowed", "granted"},
      {"from an address that it says itself", [](World& w, Signed& s) {
         w.credential->sources = {*read_cidr("10.0.0.0/8")};
         s.source = "10.0.0.1";
       }, "granted", "source_not_allowed"},
      {"for connections of one type",
       credential([](Credential& c) { c.connection_types = {ConnectionType::standard}; }),
       "connection_type_not_allowed", "granted"},
      {"at another time of day", credential([](Credential& c) {
         c.times = {{9h, 10h}};
       }), "outside_times", "outside_times"},
      {"not made for it", credential([](Credential& c) {
         c.sigv4 = c.sigv4_connect = false;
         c.secrets[0].sealed.clear();
       }), "not_for_sigv4", "not_for_sigv4"},
      {"not made for connections", credential([](Credential& c) { c.sigv4_connect = false; }),
       "granted", "not_for_sigv4"},
      {"sealed for another credential", credential([](Credential& c) {
         c.secrets[0].sealed = master(1).seal("CGBBBBBBBBBBBBBBBBBB", kSecret, made::kFresh);
       }), "bad_proof", "bad_proof"},
      {"sealed under a key that is not held",
       credential([](Credential& c) { c.secrets[0].key_id = "0123456789abcdef"; }), "bad_proof",
       "bad_proof"},
      {"a secret whose overlap is over",
       credential([](Credential& c) { c.secrets[0].expires_at = kNow; }), "bad_proof", "bad_proof"},
      {"14 minutes old", [](World&, Signed& s) { s.at = kNow - 14min; }, "granted", "granted"},
      {"15 minutes and a second old", [](World&, Signed& s) { s.at = kNow - 15min - 1s; }, "skewed",
       "skewed"},
      {"5 seconds ahead", [](World&, Signed& s) { s.at = kNow + 5s; }, "granted", "granted"},
      {"6 seconds ahead", [](World&, Signed& s) { s.at = kNow + 6s; }, "granted", "skewed"},
      {"16 minutes ahead", [](World&, Signed& s) { s.at = kNow + 16min; }, "skewed", "skewed"},
      {"for a host that is not configured", [](World&, Signed& s) { s.host = "s3.example.com"; },
       "granted", "wrong_host"},
      {"for a host in capitals", [](World&, Signed& s) { s.host = "SQS.Example.com"; }, "granted",
       "granted"},
      {"for a host with a port", [](World&, Signed& s) { s.host += ":80"; }, "granted",
       "wrong_host"},
      {"with no host configured", [](World& w, Signed&) { w.policy.sigv4_hosts.clear(); },
       "granted", "wrong_host"},
      {"a presigned URL", [](World&, Signed& s) { s.presign = true; }, "granted", "presigned"},
      {"a presigned URL whose time is over", [](World&, Signed& s) {
         s.presign = true;
         s.at = kNow - 1h - 1s;
       }, "url_expired", "presigned"},
  }));
  Signed request;
  World world = with_signed();
  row.change(world, request);
  CAPTURE(row.what);
  CHECK(verified(world, request) == row.verified);
  CHECK(connected(world, request) == row.connected);
}

TEST_CASE(
    "judge_sigv4: either secret of a rotation signs, and the older one until its overlap ends",
    "[decision]") {
  World world = with_signed();
  auto& secrets = world.credential->secrets;
  secrets.push_back(made::sealed(made::master_keys().current(), made::kId, "the second one"));
  secrets[0].expires_at = kNow + 10min;
  CHECK(verified(world, {}) == "granted");
  CHECK(verified(world, {.secret = "the second one"}) == "granted");
  world.now = kNow + 10min;
  CHECK(verified(world, {}) == "bad_proof");
  CHECK(verified(world, {.secret = "the second one"}) == "granted");
}

TEST_CASE("judge_sigv4: a connection that a request opened lasts a quarter of an hour at most",
          "[decision]") {
  World world = with_signed();
  REQUIRE(world.verdict());
  CHECK(world.verdict()->until == kNow + 15min);
  world.credential->session_ttl = 1h;
  CHECK(world.verdict()->until == kNow + 15min);
  world.credential->session_ttl = 1min;
  CHECK(world.verdict()->until == kNow + 1min);
}

TEST_CASE("judge_sigv4: a password that begins like a signed request is nothing else",
          "[decision]") {
  const World good = with_signed();
  const std::string pass = good.connect["pass"];
  const auto row = GENERATE_COPY(table<const char*, std::string, std::string, Detail>({
      {"another user beside it", made::kOtherId, pass, Detail::request_user},
      {"no request", made::kId, std::string(kSigV4Password), Detail::request_json},
      {"no base64url", made::kId, std::string(kSigV4Password) + "=", Detail::request_encoding},
      {"a letter more", made::kId, pass + "A", Detail::request_json},
      {"no JSON", made::kId, std::string(kSigV4Password) + "eA", Detail::request_json},
      {"a user name of a password", "bob", pass, Detail::request_user},
  }));
  World world = good;
  world.connect = {{"user", std::get<1>(row)}, {"pass", std::get<2>(row)}};
  CAPTURE(std::get<0>(row));
  const Request request = world.request();
  const auto identity = world.judge().identify(request);
  REQUIRE_FALSE(identity);
  CHECK(identity.error().reason == Deny::malformed);
  CHECK(identity.error().detail == std::get<3>(row));
}

TEST_CASE(
    "judge_sigv4: what a credential with a sealed secret may do, its secret may still do by itself",
    "[decision]") {
  World world = with_signed();
  world.connect = made::with_key().connect;
  REQUIRE(world.verdict());
  CHECK_FALSE(world.verdict()->until);
}

TEST_CASE(
    "judge_sigv4: a sealed secret moves to the newest master key with its hash, whatever proved it",
    "[decision]") {
  for (const bool by_signature : {true, false}) {
    CAPTURE(by_signature);
    World world = with_signed();
    if (!by_signature) world.connect = made::with_key().connect;
    CHECK_FALSE(world.rehash());
    const MasterKey& older = made::master_keys().all().back();
    world.credential->secrets = {made::sealed(older, made::kId, kSecret)};
    const auto rehash = world.rehash();
    REQUIRE(rehash);
    const MasterKey& now = made::master_keys().current();
    CHECK(rehash->after.key_id == now.key_id());
    CHECK(rehash->after.hash == now.hash_secret(made::kId, kSecret));
    const auto opened = now.open(made::kId, rehash->after.sealed);
    REQUIRE(opened);
    CHECK(opened->view() == kSecret);
    world.credential->secrets = {rehash->after};
    CHECK_FALSE(world.denied());
    CHECK_FALSE(world.rehash());
  }
}

TEST_CASE(
    "judge_sigv4: a secret that is not sealed stays so when it moves to the newest master key",
    "[decision]") {
  World world = made::with_key();
  world.credential->secrets = {made::hashed(made::master_keys().all().back(), made::kId, kSecret)};
  const auto rehash = world.rehash();
  REQUIRE(rehash);
  CHECK(rehash->after.sealed.empty());
}

}  // namespace
}  // namespace auth
