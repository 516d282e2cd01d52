#include "auth/decision/judge.h"

#include <functional>

#include "auth/credential/capabilities.h"
#include "tests/support/catch.h"
#include "tests/support/decide_world.h"

namespace auth {
namespace {

using namespace std::chrono_literals;
using made::hashed;
using made::kId;
using made::kNonce;
using made::kNow;
using made::kOtherId;
using made::kSecret;
using made::master;
using made::registered;
using made::with_key;
using made::with_nkey;
using made::World;

const MasterKeys& keys() {
  return made::master_keys();
}

struct Row {
  const char* what;
  std::function<void(World&, Credential&)> change;
  std::optional<Deny> deny;
};

void check(World world, const Row& row) {
  CAPTURE(row.what);
  row.change(world, *world.credential);
  CHECK(world.denied() == row.deny);
}

TimeRange range(std::chrono::seconds start, std::chrono::seconds end) {
  return {start, end};
}

// kNow is 08:00:00 UTC on a Friday.
constexpr std::chrono::seconds kClock = kNow - std::chrono::floor<std::chrono::days>(kNow);
static_assert(kClock == 8h);

TEST_CASE("judge: a secret proves only the record that it was stored for", "[decision]") {
  check(
      with_key(),
      GENERATE(values<Row>({
          {"another secret", [](World& w, Credential&) { w.connect["pass"] = "x"; },
           Deny::bad_proof},
          {"the secret cut short",
           [](World& w, Credential&) { w.connect["pass"] = std::string{kSecret}.substr(0, 38); },
           Deny::bad_proof},
          {"something after the secret",
           [](World& w, Credential&) { w.connect["pass"] = kSecret + std::string(1, '\0'); },
           Deny::bad_proof},
          {"the hash itself",
           [](World& w, Credential& c) { w.connect["pass"] = write_base64url(*c.secrets[0].hash); },
           Deny::bad_proof},
          {"half a signed request in place of the secret",
           [](World& w, Credential&) { w.connect["pass"] = "AWS4-HMAC-SHA256 Credential=x"; },
           Deny::malformed},
          {"a hash that was made for another id",
           [](World&, Credential& c) { c.secrets = {hashed(keys().current(), kOtherId, kSecret)}; },
           Deny::bad_proof},
          {"another id that was given this record",
           [](World& w, Credential&) { w.connect["user"] = kOtherId; }, Deny::bad_proof},
          {"a hash of an older key that is still held",
           [](World&, Credential& c) { c.secrets = {hashed(master(1), kId, kSecret)}; },
           std::nullopt},
          {"a hash of a key that is not held",
           [](World&, Credential& c) { c.secrets = {hashed(master(9), kId, kSecret)}; },
           Deny::bad_proof},
          {"a hash under the id of another key",
           [](World&, Credential& c) { c.secrets[0].key_id = master(1).key_id(); },
           Deny::bad_proof},
          {"a hash under no key's id", [](World&, Credential& c) { c.secrets[0].key_id = ""; },
           Deny::bad_proof},
          {"a destroyed hash", [](World&, Credential& c) { c.secrets[0].hash.reset(); },
           Deny::bad_proof},
          {"a hash of zeros, as the decoy is",
           [](World&, Credential& c) { c.secrets[0].hash = Hash32{}; }, Deny::bad_proof},
          {"a hash that counts as a public key",
           [](World&, Credential& c) { c.secrets[0].scheme = Scheme::public_key; },
           Deny::bad_proof},
          {"no secret", [](World&, Credential& c) { c.secrets.clear(); }, Deny::bad_proof},
          {"a record of another kind", [](World&, Credential& c) { c.kind = Kind::nkey; },
           Deny::bad_proof},
          {"a record whose secret is a password",
           [](World&, Credential& c) { c.kind = Kind::password; }, Deny::bad_proof},
      })));
}

TEST_CASE(
    "judge: a signature proves only the key that is registered, over the nonce of this server",
    "[decision]") {
  check(with_nkey(),
        GENERATE(values<Row>({
            {"another nonce", [](World& w, Credential&) { w.client["nonce"] = "l0rCcd3X3Vzsg-R"; },
             Deny::bad_proof},
            {"a signature over nothing",
             [](World& w, Credential&) {
               w.connect["sig"] = write_base64url(made::client().sign(""));
             },
             Deny::bad_proof},
            {"a signature of zeros",
             [](World& w, Credential&) { w.connect["sig"] = write_base64url(Signature{}); },
             Deny::bad_proof},
            {"another key's signature",
             [](World& w, Credential&) {
               w.connect["sig"] = write_base64url(made::key(Prefix::user, 9).sign(kNonce));
             },
             Deny::bad_proof},
            {"another key and its signature",
             [](World& w, Credential&) {
               w.connect["nkey"] = made::text(made::key(Prefix::user, 9));
               w.connect["sig"] = write_base64url(made::key(Prefix::user, 9).sign(kNonce));
             },
             Deny::bad_proof},
            {"a record with another key",
             [](World&, Credential& c) { c.secrets = {registered(made::key(Prefix::user, 9))}; },
             Deny::bad_proof},
            {"a record with no key", [](World&, Credential& c) { c.secrets.clear(); },
             Deny::bad_proof},
            {"a login that counts as a hash",
             [](World&, Credential& c) { c.secrets[0].scheme = Scheme::blake2b; }, Deny::bad_proof},
            {"a record of another kind", [](World&, Credential& c) { c.kind = Kind::key; },
             Deny::bad_proof},
            {"a record of issued creds, which some clients present by their nkey",
             [](World&, Credential& c) { c.kind = Kind::creds; }, std::nullopt},
        })));
}

TEST_CASE("judge: during a rotation each of two secrets proves, until its own end", "[decision]") {
  const auto rotating = [](std::string_view shown, std::optional<Time> old_ends) {
    return [=](World& w, Credential& c) {
      StoredSecret old = hashed(master(1), kId, "the old one");
      old.expires_at = old_ends;
      c.secrets = {old, hashed(keys().current(), kId, "the new one")};
      w.connect["pass"] = shown;
    };
  };
  check(with_key(),
        GENERATE_COPY(values<Row>({
            {"the old one", rotating("the old one", kNow + 1h), std::nullopt},
            {"the new one", rotating("the new one", kNow + 1h), std::nullopt},
            {"neither", rotating("a third one", kNow + 1h), Deny::bad_proof},
            {"the old one before its end", rotating("the old one", kNow + 2s), std::nullopt},
            {"the old one in its last second", rotating("the old one", kNow + 1s), Deny::bad_proof},
            {"the old one at its end", rotating("the old one", kNow), Deny::bad_proof},
            {"the old one after it", rotating("the old one", kNow - 1s), Deny::bad_proof},
            {"the new one after the old one's end", rotating("the new one", kNow), std::nullopt},
        })));
}

TEST_CASE("judge: during a rotation each of two public keys proves, until its own end",
          "[decision]") {
  const auto rotating = [](std::optional<Time> old_ends) {
    return [=](World&, Credential& c) {
      c.secrets[0].expires_at = old_ends;
      c.secrets.push_back(registered(made::key(Prefix::user, 9)));
    };
  };
  check(with_nkey(), GENERATE_COPY(values<Row>({
                         {"the old one", rotating(kNow + 2s), std::nullopt},
                         {"the old one at its end", rotating(kNow), Deny::bad_proof},
                     })));
}

TEST_CASE("judge: a credential is refused for what its record says", "[decision]") {
  const auto row = GENERATE(values<Row>({
      {"suspended", [](World&, Credential& c) { c.status = Status::suspended; }, Deny::suspended},
      {"revoked", [](World&, Credential& c) { c.status = Status::revoked; }, Deny::revoked},
      {"a status from nowhere", [](World&, Credential& c) { c.status = Status{}; }, Deny::revoked},
      {"expires in two seconds", [](World&, Credential& c) { c.expires_at = kNow + 2s; },
       std::nullopt},
      {"expires in one second", [](World&, Credential& c) { c.expires_at = kNow + 1s; },
       Deny::expired},
      {"expires now", [](World&, Credential& c) { c.expires_at = kNow; }, Deny::expired},
      {"expired in 1970", [](World&, Credential& c) { c.expires_at = Time{}; }, Deny::expired},
      {"begins now", [](World&, Credential& c) { c.not_before = kNow; }, std::nullopt},
      {"begins in a second", [](World&, Credential& c) { c.not_before = kNow + 1s; },
       Deny::not_yet_valid},
      {"this region among others", [](World&, Credential& c) { c.regions = {"us", "eu"}; },
       std::nullopt},
      {"other regions", [](World&, Credential& c) { c.regions = {"us", "eu-1", "e"}; },
       Deny::wrong_region},
      {"a gateway without a region",
       [](World& w, Credential& c) {
         c.regions = {"eu"};
         w.policy.region = "";
       },
       Deny::wrong_region},
      {"every region, at a gateway without one",
       [](World& w, Credential&) { w.policy.region = ""; }, std::nullopt},
      {"an account that is not listed", [](World&, Credential& c) { c.account = "OTHER"; },
       Deny::account_not_allowed},
      {"an account in small letters", [](World&, Credential& c) { c.account = "app"; },
       Deny::account_not_allowed},
      {"no account", [](World&, Credential& c) { c.account = ""; }, Deny::account_not_allowed},
      {"the callout account, though listed", [](World&, Credential& c) { c.account = "AUTH"; },
       Deny::account_not_allowed},
      {"the system account, though listed", [](World&, Credential& c) { c.account = "SYS"; },
       Deny::account_not_allowed},
      {"permissions where the account's scoped key gives them",
       [](World& w, Credential&) { w.policy.scoped = {"APP"}; }, Deny::account_not_allowed},
      {"none where the account's scoped key gives them",
       [](World& w, Credential& c) {
         w.policy.scoped = {"APP"};
         c.publish = false;
         c.subjects.clear();
       },
       std::nullopt},
      {"permissions where another account's key is scoped",
       [](World& w, Credential&) { w.policy.scoped = {"OTHER"}; }, std::nullopt},
      {"a gateway that may grant nothing", [](World& w, Credential&) { w.policy.accounts = {}; },
       Deny::account_not_allowed},
  }));
  SECTION("with a secret") {
    check(with_key(), row);
  }
  SECTION("with a signature") {
    check(with_nkey(), row);
  }
}

TEST_CASE("judge: a client is refused for where it is and how it came", "[decision]") {
  const auto from = [](const char* cidr, const char* host) {
    return [=](World& w, Credential& c) {
      c.sources = {read_cidr("203.0.113.0/24").value(), read_cidr(cidr).value()};
      w.client["host"] = host;
    };
  };
  const auto by = [](const char* kind, const char* type) {
    return [=](World& w, Credential& c) {
      c.connection_types = {ConnectionType::standard, ConnectionType::leafnode};
      w.client["kind"] = kind;
      w.client["type"] = type;
    };
  };
  const auto unlisted = [](const char* kind, const char* type) {
    return [=](World& w, Credential&) {
      w.client["kind"] = kind;
      w.client["type"] = type;
    };
  };
  check(
      with_key(),
      GENERATE_COPY(values<Row>({
          {"first address", from("192.0.2.0/24", "192.0.2.0"), std::nullopt},
          {"last address", from("192.0.2.0/24", "192.0.2.255"), std::nullopt},
          {"one above", from("192.0.2.0/24", "192.0.3.0"), Deny::source_not_allowed},
          {"one below", from("192.0.2.0/24", "192.0.1.255"), Deny::source_not_allowed},
          {"in IPv6 form", from("192.0.2.0/24", "::ffff:192.0.2.7"), std::nullopt},
          {"IPv6", from("2001:db8::/32", "2001:db8::1"), std::nullopt},
          {"IPv6 outside", from("2001:db8::/32", "2001:db9::1"), Deny::source_not_allowed},
          {"IPv4 within all of IPv6", from("::/0", "192.0.2.7"), std::nullopt},
          {"IPv6 without IPv4's range", from("0.0.0.0/0", "2001:db8::1"), Deny::source_not_allowed},
          {"no host", from("::/0", ""), Deny::source_not_allowed},
          {"a name", from("::/0", "localhost"), Deny::source_not_allowed},
          {"a port", from("::/0", "192.0.2.7:4222"), Deny::source_not_allowed},
          {"a zone", from("::/0", "fe80::1%eth0"), Deny::source_not_allowed},
          {"a name, from anywhere", [](World& w, Credential&) { w.client["host"] = "localhost"; },
           std::nullopt},

          {"a client", by("Client", "nats"), std::nullopt},
          {"WebSocket", by("Client", "websocket"), Deny::connection_type_not_allowed},
          {"MQTT", by("Client", "mqtt"), Deny::connection_type_not_allowed},
          {"a leafnode", by("Leafnode", ""), std::nullopt},
          {"a client of no type", by("Client", ""), Deny::connection_type_not_allowed},
          {"a client of a new type", by("Client", "quic"), Deny::connection_type_not_allowed},
          {"a type in capitals", by("Client", "NATS"), Deny::connection_type_not_allowed},
          {"a router", by("Router", "nats"), Deny::connection_type_not_allowed},
          {"nothing known", by("", ""), Deny::connection_type_not_allowed},

          {"WebSocket, without a list", unlisted("Client", "websocket"), std::nullopt},
          {"MQTT, without a list", unlisted("Client", "mqtt"), std::nullopt},
          {"a leafnode, without a list", unlisted("Leafnode", ""),
           Deny::connection_type_not_allowed},
          {"a leafnode that says it is a client", unlisted("Leafnode", "nats"),
           Deny::connection_type_not_allowed},
          {"a client of a new type, without a list", unlisted("Client", "quic"),
           Deny::connection_type_not_allowed},
          {"a router, without a list", unlisted("Router", "nats"),
           Deny::connection_type_not_allowed},
          {"nothing known, without a list", unlisted("", ""), Deny::connection_type_not_allowed},
      })));
}

TEST_CASE("judge: a connection gets what its type is given, and a signed request no more",
          "[decision]") {
  World world = with_key();
  world.credential->receive = true;
  world.credential->connection_types = {ConnectionType::standard, ConnectionType::websocket,
                                        ConnectionType::mqtt, ConnectionType::leafnode};
  const auto given = [&](const char* kind, const char* type) {
    world.client["kind"] = kind;
    world.client["type"] = type;
    return world.verdict()->permissions;
  };
  const Credential& c = *world.credential;
  CHECK(given("Client", "nats") == expand(c));
  CHECK(given("Client", "websocket") == expand(c));
  CHECK(given("Client", "mqtt") == expand(c, ConnectionType::mqtt));
  CHECK(given("Leafnode", "") == expand(c, ConnectionType::leafnode));
}

TEST_CASE("judge: a client is let in only within its times", "[decision]") {
  const auto at = [](TimeRange when, const char* where = "") {
    return [=](World&, Credential& c) {
      c.times = {range(1h, 2h), when};
      c.times_location = where;
    };
  };
  check(with_key(),
        GENERATE_COPY(values<Row>({
            {"from now", at(range(8h, 9h)), std::nullopt},
            {"from in a second", at(range(8h + 1s, 9h)), Deny::outside_times},
            {"for two seconds more", at(range(7h, 8h + 2s)), std::nullopt},
            {"for one second more", at(range(7h, 8h + 1s)), Deny::outside_times},
            {"until now", at(range(7h, 8h)), Deny::outside_times},
            {"across midnight", at(range(22h, 8h + 2s)), std::nullopt},
            {"all day", at(range(0h, 0h)), std::nullopt},
            {"in another zone", at(range(14h, 15h), "Test/Late"), std::nullopt},
            {"in UTC though another zone", at(range(8h, 9h), "Test/Late"), Deny::outside_times},
            {"in an unknown zone", at(range(0h, 0h), "Test/Gone"), Deny::outside_times},
        })));
}

TEST_CASE("judge: templates are expanded, and what is denied without a value keeps all out",
          "[decision]") {
  World world = with_key();
  Credential& c = *world.credential;
  c.name = "pump-7";
  c.publish = true;
  c.subjects = {"dev.{name}.>", "site.{tag.site}.>"};
  const auto granted = world.verdict();
  REQUIRE(granted);
  CHECK(granted->permissions.publish.allow == std::vector<std::string>{"dev.pump-7.>"});
  c.permissions.publish.deny = {"dev.*.{tag.site}"};
  CHECK(world.verdict().error() == Deny::template_unusable);
  c.tags = {"site=berlin"};
  const auto again = world.verdict();
  REQUIRE(again);
  CHECK(again->permissions.publish.deny == std::vector<std::string>{"dev.*.berlin"});
}

TEST_CASE("judge: the session ends at the earliest of what bounds it", "[decision]") {
  struct Bound {
    const char* what;
    std::optional<Time> expires_at;
    std::optional<std::chrono::seconds> session_ttl;
    std::vector<TimeRange> times;
    std::optional<Time> until;
  };
  const auto bound = GENERATE(values<Bound>({
      {"nothing", {}, {}, {}, {}},
      {"expiry", kNow + 1h, {}, {}, kNow + 1h},
      {"session", {}, 10s, {}, kNow + 10s},
      {"times", {}, {}, {{7h, 9h}}, kNow + 1h},
      {"the later of two ranges", {}, {}, {{7h, 9h}, {8h, 10h}}, kNow + 2h},
      {"expiry before the others", kNow + 5s, 10s, {{7h, 9h}}, kNow + 5s},
      {"session before the others", kNow + 1h, 10s, {{7h, 9h}}, kNow + 10s},
      {"times before the others", kNow + 3h, 2h, {{7h, 9h}}, kNow + 1h},
      {"the longest that a record holds",
       Time{1s * 3'155'760'000'000},
       1s * 3'155'760'000'000,
       {},
       Time{1s * 3'155'760'000'000}},
  }));
  CAPTURE(bound.what);
  World world = with_key();
  world.credential->expires_at = bound.expires_at;
  world.credential->session_ttl = bound.session_ttl;
  world.credential->times = bound.times;
  const auto verdict = world.verdict();
  REQUIRE(verdict);
  CHECK(verdict->until == bound.until);
}

TEST_CASE("judge: of several reasons the first in the order of the checks is given", "[decision]") {
  World world = with_key();
  Credential& c = *world.credential;
  world.connect["pass"] = "x";
  c.status = Status::revoked;
  c.expires_at = kNow;
  c.not_before = kNow + 1s;
  c.regions = {"us"};
  c.account = "SYS";
  c.sources = {read_cidr("10.0.0.0/8").value()};
  c.connection_types = {ConnectionType::mqtt};
  c.times = {range(1h, 2h)};
  const auto next = [&](const std::function<void()>& repair) {
    const Deny deny = world.verdict().error();
    repair();
    return deny;
  };
  // A stranger with a wrong secret learns nothing of it: no reason leaves the gateway.
  CHECK(next([&] { c.status = Status::suspended; }) == Deny::revoked);
  CHECK(next([&] { world.connect["pass"] = kSecret; }) == Deny::bad_proof);
  CHECK(next([&] { c.status = Status::active; }) == Deny::suspended);
  CHECK(next([&] { c.expires_at.reset(); }) == Deny::expired);
  CHECK(next([&] { c.not_before.reset(); }) == Deny::not_yet_valid);
  CHECK(next([&] { c.regions.clear(); }) == Deny::wrong_region);
  CHECK(next([&] { c.account = "APP"; }) == Deny::account_not_allowed);
  CHECK(next([&] { c.sources.clear(); }) == Deny::source_not_allowed);
  CHECK(next([&] { c.connection_types.clear(); }) == Deny::connection_type_not_allowed);
  CHECK(next([&] { c.times.clear(); }) == Deny::outside_times);
  CHECK(world.verdict());
}

TEST_CASE("judge: only listed accounts that are not reserved may be granted", "[decision]") {
  const Judge judge = with_key().judge();
  CHECK(judge.may_grant("APP"));
  for (const auto* account : {"AUTH", "SYS", "OTHER", "", "APP ", "A"}) {
    CAPTURE(account);
    CHECK_FALSE(judge.may_grant(account));
  }
}

TEST_CASE("judge: a connection ends with the secret that it was let in on", "[decision]") {
  World world = with_key();
  world.credential->secrets.front().expires_at = kNow + 1h;
  CHECK(world.verdict()->until == kNow + 1h);
  world.credential->expires_at = kNow + 30min;
  CHECK(world.verdict()->until == kNow + 30min);
  // It would be let in and thrown out in a loop.
  world.credential->secrets.front().expires_at = kNow + 1s;
  CHECK(world.verdict().error() == Deny::bad_proof);
}

TEST_CASE("judge: what is to be said of a credential's connections, and until when", "[decision]") {
  const Judge judge = with_key().judge();
  Credential c = *with_key().credential;
  CHECK(judge.session_rules(c, kNow).good);
  CHECK_FALSE(judge.session_rules(c, kNow).since);
  CHECK_FALSE(judge.session_rules(c, kNow).until);

  StoredSecret fresh = c.secrets.front();
  fresh.created_at = kNow - 1h;
  c.secrets.front().expires_at = kNow + 1h;
  c.secrets.push_back(fresh);
  c.expires_at = kNow + 2h;
  CHECK(judge.session_rules(c, kNow).until == kNow + 1h);
  CHECK_FALSE(judge.session_rules(c, kNow).since);
  // The overlap is over: those from before the rotation go.
  CHECK(judge.session_rules(c, kNow + 1h).good);
  CHECK(judge.session_rules(c, kNow + 1h).since == kNow - 1h);
  CHECK(judge.session_rules(c, kNow + 1h).until == kNow + 2h);
  CHECK_FALSE(judge.session_rules(c, kNow + 2h).good);
  CHECK_FALSE(judge.session_rules(c, kNow + 2h).until);

  for (const Status status : {Status::suspended, Status::revoked}) {
    c.status = status;
    CHECK_FALSE(judge.session_rules(c, kNow).good);
  }
}

}  // namespace
}  // namespace auth
