#include "auth/credential/validate.h"

#include "auth/credential/capabilities.h"
#include "auth/nats/subject.h"
#include "tests/support/catch.h"

namespace auth {
namespace {

using namespace std::chrono_literals;
using List = std::vector<std::string>;

constexpr Time kNow{1'700'000'000s};

// Uses as many fields as go together.
Credential good() {
  Credential c;
  c.id = "CGAAAAAAAAAAAAAAAAAA";
  c.name = "Order service, Zürich";
  c.account = "APP";
  c.regions = {"eu-1", "eu-2"};
  c.publish = true;
  c.receive = true;
  c.subjects = {"orders.>", "events.*.new"};
  c.streams = {"ORDERS", "EVENTS"};
  c.consumers = {"billing", "audit"};
  c.permissions.publish = {{"$SYS.REQ.USER.INFO", ">"}, {"orders.secret"}};
  c.permissions.subscribe = {{"_INBOX.>", "*.news"}, {"$JS.>"}};
  c.permissions.responses = Responses{.max = 5, .ttl = 30s};
  c.allow_responses = true;
  c.ack_v2 = true;
  c.sources = {read_cidr("10.0.0.0/8").value()};
  c.connection_types = {ConnectionType::standard, ConnectionType::websocket};
  c.times = {read_time_range("08:00-17:00").value()};
  c.times_location = "Europe/Berlin";
  c.not_before = kNow;
  c.expires_at = kNow + 1s;
  c.session_ttl = 1h;
  c.secrets = {StoredSecret{}, StoredSecret{}};
  c.tags = {"team=billing", "cost.center-1=4711", "empty=", "0=a=b"};
  c.revoke_reason = "lost on the train";
  return c;
}

// Gives just enough to be acceptable.
Credential bare() {
  Credential c;
  c.name = "n";
  c.account = "A";
  c.publish = true;
  c.subjects = {"a"};
  return c;
}

List many(std::size_t count, const std::string& start) {
  List list;
  for (std::size_t i = 0; i < count; ++i)
    list.push_back(start + std::to_string(i));
  return list;
}

struct Row {
  std::string_view what;
  void (*change)(Credential&);
  std::string_view field;  // empty where the record is good
};

void check_rows(const Credential& start, std::initializer_list<Row> rows) {
  for (const auto& row : rows) {
    Credential c = start;
    row.change(c);
    const auto wrong = validate(c);
    CAPTURE(row.what, wrong ? wrong->message : "");
    CHECK((wrong ? wrong->field : "") == row.field);
    if (wrong) CHECK(printable(wrong->message));
    if (wrong) CHECK_FALSE(wrong->message.empty());
  }
}

void check_accepted(const Credential& c) {
  const auto wrong = validate(c);
  CAPTURE(wrong ? wrong->field + ": " + wrong->message : "");
  CHECK_FALSE(wrong);
}

TEST_CASE("validate: good records are accepted", "[credential]") {
  check_accepted(good());
  check_accepted(bare());
}

TEST_CASE("validate: a name is printable, of 1 to 128 bytes, and not to be taken for an id",
          "[credential]") {
  check_rows(good(),
             {
                 {"one byte", [](Credential& c) { c.name = "x"; }, ""},
                 {"128 bytes", [](Credential& c) { c.name.assign(128, 'x'); }, ""},
                 {"a space inside", [](Credential& c) { c.name = "a b"; }, ""},
                 {"almost an id", [](Credential& c) { c.name = "CGAAAAAAAAAAAAAAAAA"; }, ""},
                 {"empty", [](Credential& c) { c.name = ""; }, "name"},
                 {"129 bytes", [](Credential& c) { c.name.assign(129, 'x'); }, "name"},
                 {"65 letters of two bytes",
                  [](Credential& c) {
                    c.name.clear();
                    for (int i = 0; i < 65; ++i)
                      c.name += "é";
                  },
                  "name"},
                 {"line feed", [](Credential& c) { c.name = "a\nevent=granted"; }, "name"},
                 {"escape", [](Credential& c) { c.name = "\x1B[2J"; }, "name"},
                 {"NUL", [](Credential& c) { c.name = std::string("a\0b", 3); }, "name"},
                 {"override", [](Credential& c) { c.name = "a\xE2\x80\xAE"; }, "name"},
                 {"not UTF-8", [](Credential& c) { c.name = "\xFF"; }, "name"},
                 {"zero-width space", [](Credential& c) { c.name = "sh\xE2\x80\x8Bop"; }, "name"},
                 {"no-break space",
                  [](Credential& c) {
                    c.name =
                        "a\xC2\xA0"
                        "b";
                  },
                  "name"},
                 {"space in front", [](Credential& c) { c.name = " a"; }, "name"},
                 {"space behind", [](Credential& c) { c.name = "a "; }, "name"},
                 {"only a space", [](Credential& c) { c.name = " "; }, "name"},
                 {"an id", [](Credential& c) { c.name = "CGBBBBBBBBBBBBBBBBBB"; }, "name"},
             });
}

TEST_CASE("validate: an account and regions are names", "[credential]") {
  check_rows(good(),
             {
                 {"128 bytes", [](Credential& c) { c.account.assign(128, 'A'); }, ""},
                 {"no regions", [](Credential& c) { c.regions.clear(); }, ""},
                 {"1000 regions", [](Credential& c) { c.regions = many(1000, "r"); }, ""},
                 {"no account", [](Credential& c) { c.account = ""; }, "account"},
                 {"129 bytes", [](Credential& c) { c.account.assign(129, 'A'); }, "account"},
                 {"dot", [](Credential& c) { c.account = "A.B"; }, "account"},
                 {"wildcard", [](Credential& c) { c.account = "*"; }, "account"},
                 {"space", [](Credential& c) { c.account = "A B"; }, "account"},
                 {"empty region", [](Credential& c) { c.regions = {""}; }, "regions"},
                 {"wildcard region", [](Credential& c) { c.regions = {"eu-1", "*"}; }, "regions"},
                 {"region twice", [](Credential& c) { c.regions = {"a", "b", "a"}; }, "regions"},
                 {"1001 regions", [](Credential& c) { c.regions = many(1001, "r"); }, "regions"},
             });
}

TEST_CASE("validate: subjects are subjects, each once, and closed in by their first token",
          "[credential]") {
  check_rows(
      bare(),
      {
          {"1000", [](Credential& c) { c.subjects = many(1000, "s."); }, ""},
          {"key-value", [](Credential& c) { c.subjects = {"$KV.b.>"}; }, ""},
          {"object store", [](Credential& c) { c.subjects = {"$O.b.>"}; }, ""},
          {"service", [](Credential& c) { c.subjects = {"$SRV.PING"}; }, ""},
          {"wildcard behind", [](Credential& c) { c.subjects = {"a.*.>"}; }, ""},
          {"$JSON", [](Credential& c) { c.subjects = {"$JSON.a"}; }, ""},
          {"_R_ behind", [](Credential& c) { c.subjects = {"a._R_"}; }, ""},
          {"lower case", [](Credential& c) { c.subjects = {"_inbox.a"}; }, ""},
          {"1001", [](Credential& c) { c.subjects = many(1001, "s."); }, "subjects"},
          {"twice", [](Credential& c) { c.subjects = {"a", "b", "a"}; }, "subjects"},
          {"empty", [](Credential& c) { c.subjects = {""}; }, "subjects"},
          {"wildcard inside", [](Credential& c) { c.subjects = {"a.>.b"}; }, "subjects"},
          {"space", [](Credential& c) { c.subjects = {"a q"}; }, "subjects"},
          {"no-break space", [](Credential& c) { c.subjects = {"a\xC2\xA0q"}; }, "subjects"},
          {"256 bytes", [](Credential& c) { c.subjects = {std::string(256, 'a')}; }, "subjects"},
          {"line feed", [](Credential& c) { c.subjects = {"a\nb"}; }, "subjects"},
          {"all", [](Credential& c) { c.subjects = {">"}; }, "subjects"},
          {"all of one token", [](Credential& c) { c.subjects = {"*"}; }, "subjects"},
          {"all of two", [](Credential& c) { c.subjects = {"*.*"}; }, "subjects"},
          {"all but one", [](Credential& c) { c.subjects = {"*.>"}; }, "subjects"},
          {"second of two", [](Credential& c) { c.subjects = {"a", ">"}; }, "subjects"},
          {"system", [](Credential& c) { c.subjects = {"$SYS.>"}; }, "subjects"},
          {"system alone", [](Credential& c) { c.subjects = {"$SYS"}; }, "subjects"},
          {"acknowledgements", [](Credential& c) { c.subjects = {"$JS.ACK.>"}; }, "subjects"},
          {"API", [](Credential& c) { c.subjects = {"$JS.API.INFO"}; }, "subjects"},
          {"MQTT", [](Credential& c) { c.subjects = {"$MQTT.>"}; }, "subjects"},
          {"service replies", [](Credential& c) { c.subjects = {"_R_.>"}; }, "subjects"},
          {"shared inbox", [](Credential& c) { c.subjects = {"_INBOX.>"}; }, "subjects"},
          {"somebody's inbox", [](Credential& c) { c.subjects = {"_INBOX_CG.>"}; }, "subjects"},
          {"like an inbox", [](Credential& c) { c.subjects = {"_INBOXES"}; }, "subjects"},
          {"all private inboxes", [](Credential& c) { c.subjects = {"_CG.>"}; }, "subjects"},
          {"somebody's private inbox", [](Credential& c) { c.subjects = {"_CG.CGX.a"}; },
           "subjects"},
          {"like a private inbox", [](Credential& c) { c.subjects = {"_CGI.a"}; }, ""},
      });
}

TEST_CASE("validate: a refusal names the entry, unless that could forge a line", "[credential]") {
  Credential c = bare();
  c.subjects = {"a", "b.>.c"};
  CHECK(validate(c).value().message.starts_with("\"b.>.c\" must"));
  c.subjects = {"a", "b\nevent=granted"};
  CHECK(validate(c).value().message.starts_with("an entry must"));
  c.subjects = {std::string(100'000, 'a')};
  CHECK(validate(c).value().message.starts_with("an entry must"));
}

TEST_CASE("validate: buckets, services and a domain are names of their kind", "[credential]") {
  check_rows(
      bare(),
      {
          {"a bucket", [](Credential& c) { c.buckets.kv_read = {{"cfg", ">"}}; }, ""},
          {"keys", [](Credential& c) { c.buckets.kv_write = {{"cfg", "app.*.>"}}; }, ""},
          {"an object store", [](Credential& c) { c.buckets.object_write = {"pics"}; }, ""},
          {"a service", [](Credential& c) { c.services.call = {"clock"}; }, ""},
          {"a dot", [](Credential& c) { c.buckets.kv_read = {{"a.b", ">"}}; }, "kv_read"},
          {"wrong keys", [](Credential& c) { c.buckets.kv_write = {{"a", "b..c"}}; }, "kv_write"},
          {"a wildcard", [](Credential& c) { c.buckets.object_read = {"*"}; }, "object_read"},
          {"twice", [](Credential& c) { c.buckets.object_write = {"a", "a"}; }, "object_write"},
          {"inboxes", [](Credential& c) { c.services.serve = {"_CG"}; }, "serve"},
          {"a subject", [](Credential& c) { c.services.call = {"a.>"}; }, "call"},
          {"a domain of buckets",
           [](Credential& c) {
             c.buckets.kv_read = {{"cfg", ">"}};
             c.domain = "hub";
           },
           ""},
          {"a domain of nothing", [](Credential& c) { c.domain = "hub"; }, "domain"},
          {"the API as a domain",
           [](Credential& c) {
             c.buckets.kv_read = {{"cfg", ">"}};
             c.domain = "API";
           },
           "domain"},
      });
}

TEST_CASE("validate: what everything denies is not given beside it", "[credential]") {
  Credential all = bare();
  all.publish = all.everything = true;
  all.subjects.clear();
  check_rows(all,
             {
                 {"alone", [](Credential& /*c*/) {}, ""},
                 {"serving", [](Credential& c) { c.services.serve = {"adder"}; }, ""},
                 {"calling", [](Credential& c) { c.services.call = {"clock"}; }, "everything"},
                 {"a bucket", [](Credential& c) { c.buckets.object_read = {"a"}; }, "everything"},
                 {"receiving only, a bucket",
                  [](Credential& c) {
                    c.publish = false;
                    c.receive = true;
                    c.buckets.object_read = {"a"};
                  },
                  ""},
             });
}

TEST_CASE("validate: templates stand in subjects, streams, consumers and permissions",
          "[credential]") {
  check_rows(
      good(),
      {
          {"subject", [](Credential& c) { c.subjects = {"dev.{id}.>", "{name}.{tag.a.b}"}; }, ""},
          {"stream", [](Credential& c) { c.streams = {"S-{tag.site.floor}"}; }, ""},
          {"consumer", [](Credential& c) { c.consumers = {"{name}"}; }, ""},
          {"permission", [](Credential& c) { c.permissions.publish.deny = {"a.{id}"}; }, ""},
          {"other braces", [](Credential& c) { c.subjects = {"dev.{di}"}; }, "subjects"},
          {"nats-server's", [](Credential& c) { c.subjects = {"dev.{{name()}}"}; }, "subjects"},
          {"inboxes", [](Credential& c) { c.subjects = {"_{name}.>"}; }, "subjects"},
          {"a stream of two tokens", [](Credential& c) { c.streams = {"{id}.x"}; }, "streams"},
          {"half a brace", [](Credential& c) { c.consumers = {"{id"}; }, "consumers"},
          {"in what is denied",
           [](Credential& c) { c.permissions.subscribe.deny = {"a.{account}"}; },
           "permissions.subscribe.deny"},
          {"a stream that may be a number",
           [](Credential& c) {
             c.streams = {"1{tag.n}"};
             c.ack_v2 = true;
           },
           "ack_v2"},
      });
}

TEST_CASE("validate: streams and consumers are names, each once", "[credential]") {
  check_rows(
      good(),
      {
          {"no consumers", [](Credential& c) { c.consumers.clear(); }, ""},
          {"any consumer", [](Credential& c) { c.consumers = {"*"}; }, ""},
          {"dot", [](Credential& c) { c.streams = {"A.B"}; }, "streams"},
          {"wildcard", [](Credential& c) { c.streams = {"*"}; }, "streams"},
          {"empty", [](Credential& c) { c.streams = {""}; }, "streams"},
          {"twice", [](Credential& c) { c.streams = {"A", "A"}; }, "streams"},
          {"129 bytes", [](Credential& c) { c.streams = {std::string(129, 'S')}; }, "streams"},
          {"1001", [](Credential& c) { c.streams = many(1001, "S"); }, "streams"},
          {"dot", [](Credential& c) { c.consumers = {"a.b"}; }, "consumers"},
          {"full wildcard", [](Credential& c) { c.consumers = {">"}; }, "consumers"},
          {"empty", [](Credential& c) { c.consumers = {""}; }, "consumers"},
          {"twice", [](Credential& c) { c.consumers = {"a", "a"}; }, "consumers"},
          {"1001", [](Credential& c) { c.consumers = many(1001, "c"); }, "consumers"},
          {"any and one", [](Credential& c) { c.consumers = {"*", "a"}; }, "consumers"},
          {"one and any", [](Credential& c) { c.consumers = {"a", "*"}; }, "consumers"},
          {"any twice", [](Credential& c) { c.consumers = {"*", "*"}; }, "consumers"},
      });
}

// What a row starts from: neither capability nor list.
Credential idle() {
  Credential c = bare();
  c.publish = false;
  c.subjects.clear();
  return c;
}

TEST_CASE("validate: a capability says what it is for", "[credential]") {
  check_rows(
      idle(),
      {
          {"publish", [](Credential& c) { c.publish = true; }, "subjects"},
          {"receive", [](Credential& c) { c.receive = true; }, "subjects"},
          {"manage", [](Credential& c) { c.manage = true; }, "streams"},
          {"publish on streams",
           [](Credential& c) {
             c.publish = true;
             c.streams = {"S"};
           },
           "subjects"},
          {"publish and receive, streams only",
           [](Credential& c) {
             c.publish = c.receive = true;
             c.streams = {"S"};
           },
           "subjects"},
          {"manage on subjects",
           [](Credential& c) {
             c.manage = c.publish = true;
             c.subjects = {"a"};
           },
           "streams"},
          {"publish on subjects",
           [](Credential& c) {
             c.publish = true;
             c.subjects = {"a"};
           },
           ""},
          {"publish for everything", [](Credential& c) { c.publish = c.everything = true; }, ""},
          {"receive on subjects",
           [](Credential& c) {
             c.receive = true;
             c.subjects = {"a"};
           },
           ""},
          {"receive on streams",
           [](Credential& c) {
             c.receive = true;
             c.streams = {"S"};
           },
           ""},
          {"receive for everything", [](Credential& c) { c.receive = c.everything = true; }, ""},
          {"manage on streams",
           [](Credential& c) {
             c.manage = true;
             c.streams = {"S"};
           },
           ""},
      });
}

TEST_CASE("validate: what says nothing is refused", "[credential]") {
  check_rows(
      idle(),
      {
          // Not here: with a scoped signing key the account's template gives.
          {"nothing at all", [](Credential&) {}, ""},
          {"subjects", [](Credential& c) { c.subjects = {"a"}; }, "subjects"},
          {"subjects of manage",
           [](Credential& c) {
             c.manage = true;
             c.streams = {"S"};
             c.subjects = {"a"};
           },
           "subjects"},
          {"streams", [](Credential& c) { c.streams = {"S"}; }, "streams"},
          {"streams of publish",
           [](Credential& c) {
             c.publish = true;
             c.subjects = {"a"};
             c.streams = {"S"};
           },
           "streams"},
          {"consumers", [](Credential& c) { c.consumers = {"C"}; }, "consumers"},
          {"consumers of manage",
           [](Credential& c) {
             c.manage = true;
             c.streams = {"S"};
             c.consumers = {"C"};
           },
           "consumers"},
          {"consumers without streams",
           [](Credential& c) {
             c.receive = true;
             c.subjects = {"a"};
             c.consumers = {"C"};
           },
           "consumers"},
          {"everything", [](Credential& c) { c.everything = true; }, "everything"},
          {"everything of manage",
           [](Credential& c) {
             c.manage = c.everything = true;
             c.streams = {"S"};
           },
           "everything"},
          {"raw publish", [](Credential& c) { c.permissions.publish.allow = {"a"}; }, ""},
          {"raw subscribe", [](Credential& c) { c.permissions.subscribe.allow = {"a"}; }, ""},
          {"raw responses", [](Credential& c) { c.permissions.responses = Responses{}; }, ""},
          {"answers", [](Credential& c) { c.allow_responses = true; }, ""},
      });
}

TEST_CASE("validate: everything stands without subjects, and without streams where it publishes",
          "[credential]") {
  check_rows(idle(), {
                         {"subjects of publish",
                          [](Credential& c) {
                            c.publish = c.everything = true;
                            c.subjects = {"a"};
                          },
                          "subjects"},
                         {"subjects of receive",
                          [](Credential& c) {
                            c.receive = c.everything = true;
                            c.subjects = {"a"};
                          },
                          "subjects"},
                         {"streams under a deny of $JS.>",
                          [](Credential& c) {
                            c.publish = c.receive = c.everything = true;
                            c.streams = {"S"};
                          },
                          "streams"},
                         {"manage under a deny of $JS.>",
                          [](Credential& c) {
                            c.publish = c.manage = c.everything = true;
                            c.streams = {"S"};
                          },
                          "streams"},
                         {"both ways",
                          [](Credential& c) { c.publish = c.receive = c.everything = true; }, ""},
                         {"streams of receive",
                          [](Credential& c) {
                            c.receive = c.everything = true;
                            c.streams = {"S"};
                          },
                          ""},
                     });
}

TEST_CASE("validate: acknowledgements of version two need streams whose names are not numbers",
          "[credential]") {
  check_rows(idle(), {
                         {"no streams",
                          [](Credential& c) {
                            c.publish = c.ack_v2 = true;
                            c.subjects = {"a"};
                          },
                          "ack_v2"},
                         {"a number",
                          [](Credential& c) {
                            c.receive = c.ack_v2 = true;
                            c.streams = {"S", "17"};
                          },
                          "ack_v2"},
                         {"a number without them",
                          [](Credential& c) {
                            c.receive = true;
                            c.streams = {"17"};
                          },
                          ""},
                         {"almost a number",
                          [](Credential& c) {
                            c.receive = c.ack_v2 = true;
                            c.streams = {"17a", "-1"};
                          },
                          ""},
                     });
}

TEST_CASE("validate: raw permissions are subjects without queue names", "[credential]") {
  struct Lists {
    std::string_view field;
    List& (*of)(Credential&);
  };
  const Lists lists[] = {
      {"permissions.publish.allow",
       [](Credential& c) -> List& { return c.permissions.publish.allow; }},
      {"permissions.publish.deny",
       [](Credential& c) -> List& { return c.permissions.publish.deny; }},
      {"permissions.subscribe.allow",
       [](Credential& c) -> List& { return c.permissions.subscribe.allow; }},
      {"permissions.subscribe.deny",
       [](Credential& c) -> List& { return c.permissions.subscribe.deny; }},
  };
  for (const auto& list : lists) {
    for (const auto& bad : {List{"a queue"}, List{"a.>.b"}, List{""}, List{"a", "a"},
                            List{"a\xC2\xA0queue"}, many(1001, "s.")}) {
      Credential c = bare();
      list.of(c) = bad;
      CAPTURE(list.field, bad.front());
      REQUIRE(validate(c));
      CHECK(validate(c)->field == list.field);
    }
    Credential c = bare();
    list.of(c) = many(1000, "s.");
    check_accepted(c);
  }
}

TEST_CASE("validate: responses are bounded in number and time", "[credential]") {
  check_rows(good(),
             {
                 {"most", [](Credential& c) { c.permissions.responses = {1'000'000, 24h}; }, ""},
                 {"least", [](Credential& c) { c.permissions.responses = {1, 1s}; }, ""},
                 {"none", [](Credential& c) { c.permissions.responses = {0, 1s}; },
                  "permissions.responses.max"},
                 {"too many", [](Credential& c) { c.permissions.responses = {1'000'001, 1s}; },
                  "permissions.responses.max"},
                 {"no time", [](Credential& c) { c.permissions.responses = {1, 0s}; },
                  "permissions.responses.ttl"},
                 {"negative", [](Credential& c) { c.permissions.responses = {1, -1s}; },
                  "permissions.responses.ttl"},
                 {"too long", [](Credential& c) { c.permissions.responses = {1, 24h + 1s}; },
                  "permissions.responses.ttl"},
             });
}

TEST_CASE("validate: sources, connection types and times are bounded lists", "[credential]") {
  check_rows(good(), {
                         {"256 sources", [](Credential& c) { c.sources.resize(256); }, ""},
                         {"257 sources", [](Credential& c) { c.sources.resize(257); }, "sources"},
                         {"a type twice",
                          [](Credential& c) {
                            c.connection_types = {ConnectionType::mqtt, ConnectionType::standard,
                                                  ConnectionType::mqtt};
                          },
                          "connection_types"},
                         {"32 times", [](Credential& c) { c.times.resize(32); }, ""},
                         {"33 times", [](Credential& c) { c.times.resize(33); }, "times"},
                     });
}

TEST_CASE("validate: a location has the form of a zone's name and leads out of no directory",
          "[credential]") {
  check_rows(
      good(),
      {
          {"empty", [](Credential& c) { c.times_location = ""; }, ""},
          {"offset", [](Credential& c) { c.times_location = "Etc/GMT+12"; }, ""},
          {"three parts", [](Credential& c) { c.times_location = "America/North_Dakota/Center"; },
           ""},
          {"hyphen", [](Credential& c) { c.times_location = "America/Port-au-Prince"; }, ""},
          {"64", [](Credential& c) { c.times_location.assign(64, 'Z'); }, ""},
          {"65", [](Credential& c) { c.times_location.assign(65, 'Z'); }, "times_location"},
          {"up", [](Credential& c) { c.times_location = "../passwd"; }, "times_location"},
          {"absolute", [](Credential& c) { c.times_location = "/dev/zero"; }, "times_location"},
          {"space", [](Credential& c) { c.times_location = "Europe/ Berlin"; }, "times_location"},
          {"NUL", [](Credential& c) { c.times_location.push_back('\0'); }, "times_location"},
          {"not ASCII", [](Credential& c) { c.times_location = "Europe/Zürich"; },
           "times_location"},
      });
}

TEST_CASE("validate: a credential begins before it ends, and its sessions have a sensible length",
          "[credential]") {
  check_rows(good(),
             {
                 {"no start", [](Credential& c) { c.not_before.reset(); }, ""},
                 {"no end", [](Credential& c) { c.expires_at.reset(); }, ""},
                 {"at once", [](Credential& c) { c.expires_at = c.not_before; }, "expires_at"},
                 {"before", [](Credential& c) { c.expires_at = kNow - 1s; }, "expires_at"},
                 {"no limit", [](Credential& c) { c.session_ttl.reset(); }, ""},
                 {"shortest", [](Credential& c) { c.session_ttl = 10s; }, ""},
                 {"longest", [](Credential& c) { c.session_ttl = 365 * 24h; }, ""},
                 {"too short", [](Credential& c) { c.session_ttl = 9s; }, "session_ttl"},
                 {"too long", [](Credential& c) { c.session_ttl = 365 * 24h + 1s; }, "session_ttl"},
                 {"negative", [](Credential& c) { c.session_ttl = -1h; }, "session_ttl"},
             });
}

TEST_CASE("validate: tags are key=value with a plain key, each key once", "[credential]") {
  check_rows(
      good(),
      {
          {"key of 63", [](Credential& c) { c.tags = {std::string(63, 'k') + "=v"}; }, ""},
          {"value of 255", [](Credential& c) { c.tags = {"k=" + std::string(255, 'v')}; }, ""},
          {"value of UTF-8", [](Credential& c) { c.tags = {"k=Zürich 1"}; }, ""},
          {"digit first", [](Credential& c) { c.tags = {"9lives=1"}; }, ""},
          {"no equals sign", [](Credential& c) { c.tags = {"key"}; }, "tags"},
          {"empty", [](Credential& c) { c.tags = {""}; }, "tags"},
          {"no key", [](Credential& c) { c.tags = {"=v"}; }, "tags"},
          {"key of 64", [](Credential& c) { c.tags = {std::string(64, 'k') + "=v"}; }, "tags"},
          {"upper case", [](Credential& c) { c.tags = {"Key=v"}; }, "tags"},
          {"dot first", [](Credential& c) { c.tags = {".k=v"}; }, "tags"},
          {"underscore first", [](Credential& c) { c.tags = {"_k=v"}; }, "tags"},
          {"hyphen first", [](Credential& c) { c.tags = {"-k=v"}; }, "tags"},
          {"space in the key", [](Credential& c) { c.tags = {"a b=v"}; }, "tags"},
          {"value of 256", [](Credential& c) { c.tags = {"k=" + std::string(256, 'v')}; }, "tags"},
          {"line feed", [](Credential& c) { c.tags = {"k=a\nb"}; }, "tags"},
          {"key twice", [](Credential& c) { c.tags = {"k=1", "l=1", "k=2"}; }, "tags"},
          {"same twice", [](Credential& c) { c.tags = {"k=1", "k=1"}; }, "tags"},
      });
  Credential c = good();
  c.tags.clear();
  for (int i = 0; i < 64; ++i)
    c.tags.push_back("k" + std::to_string(i) + "=v");
  check_accepted(c);
  c.tags.push_back("one-more=v");
  CHECK(validate(c).value().field == "tags");
}

TEST_CASE("validate: a reason is printable and there are at most two secrets", "[credential]") {
  check_rows(
      good(),
      {
          {"no reason", [](Credential& c) { c.revoke_reason = ""; }, ""},
          {"1024", [](Credential& c) { c.revoke_reason.assign(1024, 'r'); }, ""},
          {"1025", [](Credential& c) { c.revoke_reason.assign(1025, 'r'); }, "revoke_reason"},
          {"line feed", [](Credential& c) { c.revoke_reason = "a\nb"; }, "revoke_reason"},
          {"no secret", [](Credential& c) { c.secrets.clear(); }, ""},
          {"three", [](Credential& c) { c.secrets.resize(3); }, "secrets"},
      });
}

TEST_CASE("validate: what a credential expands to fits a server's message", "[credential]") {
  check_rows(idle(), {
                         {"999 streams",
                          [](Credential& c) {
                            c.receive = true;
                            c.streams = many(999, "S");
                          },
                          ""},
                         {"1000 streams: 5001 entries with the inbox",
                          [](Credential& c) {
                            c.receive = true;
                            c.streams = many(1000, "S");
                          },
                          "permissions"},
                         {"a million pairs",
                          [](Credential& c) {
                            c.receive = true;
                            c.streams = many(1000, "S");
                            c.consumers = many(1000, "C");
                          },
                          "permissions"},
                         {"long names",
                          [](Credential& c) {
                            c.receive = true;
                            c.streams = many(700, std::string(125, 'S'));
                          },
                          ""},
                         {"long names, too many",
                          [](Credential& c) {
                            c.receive = true;
                            c.streams = many(800, std::string(125, 'S'));
                          },
                          "permissions"},
                     });
}

TEST_CASE("validate: an accepted credential gives nothing by absence", "[credential]") {
  for (const auto& c : {good(), bare()}) {
    const auto p = expand(c);
    CHECK_FALSE(p.publish.allow.empty());
    CHECK_FALSE(p.subscribe.allow.empty());
  }
}

}  // namespace
}  // namespace auth
