#include "auth/credential/capabilities.h"

#include <algorithm>

#include "auth/nats/subject.h"
#include "tests/support/catch.h"

namespace auth {
namespace {

using List = std::vector<std::string>;

const std::string kInbox = "_CG.CGAAAAAAAAAAAAAAAAAA.>";

Credential nothing() {
  Credential credential;
  credential.id = "CGAAAAAAAAAAAAAAAAAA";
  return credential;
}

template <class Change>
Permissions expanded(Change change) {
  Credential credential = nothing();
  change(credential);
  return expand(credential);
}

List sorted(List list) {
  std::ranges::sort(list);
  return list;
}

List joined(List list, const List& more) {
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

bool has(const List& list, std::string_view entry) {
  return std::ranges::find(list, entry) != list.end();
}

// The rows of the table in the design, word for word, with S and C given.

const List kReceiveS{
    "$JS.API.INFO",
    "$JS.API.STREAM.INFO.S",
    "$JS.API.CONSUMER.INFO.S.*",
    "$JS.API.CONSUMER.MSG.NEXT.S.*",
    "$JS.ACK.S.>",
    "$JS.FC.S.>",
};

const List kReceiveSC{
    "$JS.API.INFO",
    "$JS.API.STREAM.INFO.S",
    "$JS.API.CONSUMER.INFO.S.C",
    "$JS.API.CONSUMER.MSG.NEXT.S.C",
    "$JS.ACK.S.C.>",
    "$JS.FC.S.C.>",
    "$JS.API.CONSUMER.CREATE.S.C",
    "$JS.API.CONSUMER.CREATE.S.C.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.S.C",
};

const List kReceiveSAny{
    "$JS.API.INFO",
    "$JS.API.STREAM.INFO.S",
    "$JS.API.CONSUMER.INFO.S.*",
    "$JS.API.CONSUMER.MSG.NEXT.S.*",
    "$JS.ACK.S.>",
    "$JS.FC.S.>",
    "$JS.API.CONSUMER.CREATE.S",
    "$JS.API.CONSUMER.CREATE.S.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.S.*",
    "$JS.API.CONSUMER.DELETE.S.*",
    "$JS.API.DIRECT.GET.S",
    "$JS.API.DIRECT.GET.S.>",
    "$JS.API.STREAM.MSG.GET.S",
};

const List kManageS{
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
    "$JS.API.STREAM.CREATE.S",
    "$JS.API.STREAM.UPDATE.S",
    "$JS.API.STREAM.DELETE.S",
    "$JS.API.STREAM.PURGE.S",
    "$JS.API.STREAM.INFO.S",
    "$JS.API.STREAM.MSG.GET.S",
    "$JS.API.STREAM.MSG.DELETE.S",
    "$JS.API.STREAM.SNAPSHOT.S",
    "$JS.API.STREAM.RESTORE.S",
    "$JS.API.DIRECT.GET.S",
    "$JS.API.DIRECT.GET.S.>",
    "$JS.API.CONSUMER.CREATE.S",
    "$JS.API.CONSUMER.CREATE.S.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.S.*",
    "$JS.API.CONSUMER.DELETE.S.*",
    "$JS.API.CONSUMER.INFO.S.*",
    "$JS.API.CONSUMER.PAUSE.S.*",
    "$JS.API.CONSUMER.UNPIN.S.*",
    "$JS.API.CONSUMER.RESET.S.*",
    "$JS.API.CONSUMER.LIST.S",
    "$JS.API.CONSUMER.NAMES.S",
    "$JS.SNAPSHOT.ACK.S.>",
    "$JS.SNAPSHOT.RESTORE.S.>",
};

const List kEverythingDenied{
    "$JS.>", "$KV.>", "$MQTT.>", "$O.>", "$SRV.>", "$SYS.>", "_CG.>", "_INBOX.>", "_R_.>",
};

TEST_CASE("capabilities: publish on subjects gives the subjects and the inbox", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.publish = true;
    c.subjects = {"orders.>", "events.*"};
  });
  CHECK(p.publish == SubjectLists{{"events.*", "orders.>"}, {}});
  CHECK(p.subscribe == SubjectLists{{kInbox}, {}});
  CHECK_FALSE(p.responses);
}

TEST_CASE("capabilities: receive on subjects alone may publish nothing", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = true;
    c.subjects = {"orders.>", "events.*"};
  });
  CHECK(p.publish == SubjectLists{{}, {">"}});
  CHECK(p.subscribe == SubjectLists{{kInbox, "events.*", "orders.>"}, {}});
  CHECK_FALSE(p.responses);
}

TEST_CASE("capabilities: receive on a stream binds to consumers that exist and creates none",
          "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = true;
    c.streams = {"S"};
  });
  CHECK(p.publish == SubjectLists{sorted(kReceiveS), {}});
  CHECK(p.subscribe == SubjectLists{{kInbox}, {}});
}

TEST_CASE("capabilities: receive on a stream and subjects subscribes to the subjects too",
          "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = true;
    c.streams = {"S"};
    c.subjects = {"orders.>"};
  });
  CHECK(p.publish == SubjectLists{sorted(kReceiveS), {}});
  CHECK(p.subscribe == SubjectLists{{kInbox, "orders.>"}, {}});
}

TEST_CASE("capabilities: receive with named consumers is confined to them", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = true;
    c.streams = {"S"};
    c.consumers = {"C"};
  });
  CHECK(p.publish == SubjectLists{sorted(kReceiveSC), {}});
  CHECK(p.subscribe == SubjectLists{{kInbox}, {}});
}

TEST_CASE(
    "capabilities: receive with consumers `*` may create and delete consumers and read directly",
    "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = true;
    c.streams = {"S"};
    c.consumers = {"*"};
  });
  CHECK(p.publish == SubjectLists{sorted(kReceiveSAny), {}});
  CHECK(p.subscribe == SubjectLists{{kInbox}, {}});
}

TEST_CASE("capabilities: manage gives the stream's whole API", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.manage = true;
    c.streams = {"S"};
  });
  CHECK(p.publish == SubjectLists{sorted(kManageS), {}});
  CHECK(p.subscribe == SubjectLists{{kInbox}, {}});
}

TEST_CASE("capabilities: publish for everything denies what carries other people's affairs",
          "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.publish = true;
    c.everything = true;
  });
  CHECK(p.publish == SubjectLists{{">"}, kEverythingDenied});
  CHECK(p.subscribe == SubjectLists{{kInbox}, {}});
}

TEST_CASE("capabilities: receive for everything may publish nothing", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = true;
    c.everything = true;
  });
  CHECK(p.publish == SubjectLists{{}, {">"}});
  CHECK(p.subscribe == SubjectLists{{">", kInbox}, {}});
}

TEST_CASE("capabilities: receive for everything keeps the streams' rows usable", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = true;
    c.everything = true;
    c.streams = {"S"};
  });
  CHECK(p.publish == SubjectLists{sorted(kReceiveS), {}});
}

TEST_CASE("capabilities: manage does not profit from everything", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.manage = true;
    c.everything = true;
    c.streams = {"S"};
  });
  CHECK(p.publish == SubjectLists{sorted(kManageS), {}});
  CHECK(p.subscribe == SubjectLists{{kInbox}, {}});
}

TEST_CASE(
    "capabilities: allow_responses gives one answer within two minutes and nothing else to publish",
    "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = true;
    c.subjects = {"service.>"};
    c.allow_responses = true;
  });
  CHECK(p.publish == SubjectLists{{}, {">"}});
  REQUIRE(p.responses);
  CHECK(p.responses->max == 1);
  CHECK(p.responses->ttl == std::chrono::minutes{2});
}

TEST_CASE("capabilities: responses of the raw permissions go before those of allow_responses",
          "[credential]") {
  for (const bool allow_responses : {false, true}) {
    const auto p = expanded([&](Credential& c) {
      c.allow_responses = allow_responses;
      c.permissions.responses = Responses{.max = 7, .ttl = std::chrono::seconds{9}};
    });
    CHECK(p.responses == Responses{.max = 7, .ttl = std::chrono::seconds{9}});
  }
}

TEST_CASE("capabilities: ack_v2 adds the acknowledgements of version two", "[credential]") {
  for (const auto& consumers : {List{}, List{"*"}}) {
    const auto p = expanded([&](Credential& c) {
      c.receive = true;
      c.streams = {"S"};
      c.consumers = consumers;
      c.ack_v2 = true;
    });
    const List row{"$JS.ACK.*.*.S.>", "$JS.FC.*.*.S.>"};
    CHECK(p.publish.allow == sorted(joined(consumers.empty() ? kReceiveS : kReceiveSAny, row)));
  }
}

TEST_CASE("capabilities: ack_v2 with named consumers acknowledges for no other consumer",
          "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = true;
    c.streams = {"S"};
    c.consumers = {"C"};
    c.ack_v2 = true;
  });
  CHECK(p.publish.allow == sorted(joined(kReceiveSC, {"$JS.ACK.*.*.S.C.>", "$JS.FC.*.*.S.C.>"})));
  const auto reaches_another = [](const std::string& subject) {
    return covers(subject, "$JS.ACK.d.h.S.other.1.2.3.4.5") || covers(subject, "$JS.ACK.S.other.1");
  };
  CHECK(std::ranges::none_of(p.publish.allow, reaches_another));
}

TEST_CASE("capabilities: a shared inbox is everybody's", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.publish = true;
    c.subjects = {"a"};
    c.inbox = Inbox::shared;
  });
  CHECK(p.subscribe == SubjectLists{{"_INBOX.>"}, {}});
}

TEST_CASE(
    "capabilities: who has a private inbox from before keeps its old prefix beside the new one",
    "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.publish = true;
    c.subjects = {"a"};
    c.inbox = Inbox::old_private;
  });
  CHECK(p.subscribe == SubjectLists{{kInbox, "_INBOX_CGAAAAAAAAAAAAAAAAAA.>"}, {}});
}

TEST_CASE("capabilities: everything does not reach the private inbox of another", "[credential]") {
  const auto p = expanded([](Credential& c) { c.publish = c.receive = c.everything = true; });
  const auto denies = [](const std::string& entry) { return covers(entry, "_CG.CGX.1"); };
  CHECK(std::ranges::any_of(p.publish.deny, denies));
  CHECK(p.subscribe.deny.empty());
  CHECK(has(p.subscribe.allow, kInbox));
}

TEST_CASE("capabilities: capabilities add up and no entry comes twice", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.publish = c.receive = c.manage = true;
    c.subjects = {"orders.>"};
    c.streams = {"S"};
  });
  const List both = {
      "$JS.ACK.S.>",
      "$JS.API.CONSUMER.CREATE.S",
      "$JS.API.CONSUMER.CREATE.S.>",
      "$JS.API.CONSUMER.DELETE.S.*",
      "$JS.API.CONSUMER.DURABLE.CREATE.S.*",
      "$JS.API.CONSUMER.INFO.S.*",
      "$JS.API.CONSUMER.LIST.S",
      "$JS.API.CONSUMER.MSG.NEXT.S.*",
      "$JS.API.CONSUMER.NAMES.S",
      "$JS.API.CONSUMER.PAUSE.S.*",
      "$JS.API.CONSUMER.RESET.S.*",
      "$JS.API.CONSUMER.UNPIN.S.*",
      "$JS.API.DIRECT.GET.S",
      "$JS.API.DIRECT.GET.S.>",
      "$JS.API.INFO",
      "$JS.API.STREAM.CREATE.S",
      "$JS.API.STREAM.DELETE.S",
      "$JS.API.STREAM.INFO.S",
      "$JS.API.STREAM.LIST",
      "$JS.API.STREAM.MSG.DELETE.S",
      "$JS.API.STREAM.MSG.GET.S",
      "$JS.API.STREAM.NAMES",
      "$JS.API.STREAM.PURGE.S",
      "$JS.API.STREAM.RESTORE.S",
      "$JS.API.STREAM.SNAPSHOT.S",
      "$JS.API.STREAM.UPDATE.S",
      "$JS.FC.S.>",
      "$JS.SNAPSHOT.ACK.S.>",
      "$JS.SNAPSHOT.RESTORE.S.>",
      "orders.>",
  };
  CHECK(p.publish == SubjectLists{both, {}});
  CHECK(p.subscribe == SubjectLists{{kInbox, "orders.>"}, {}});
}

TEST_CASE("capabilities: every stream gets the row of every consumer", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = true;
    c.streams = {"S", "T"};
    c.consumers = {"C", "D"};
  });
  const List expected = {
      "$JS.ACK.S.C.>",
      "$JS.ACK.S.D.>",
      "$JS.ACK.T.C.>",
      "$JS.ACK.T.D.>",
      "$JS.API.CONSUMER.CREATE.S.C",
      "$JS.API.CONSUMER.CREATE.S.C.>",
      "$JS.API.CONSUMER.CREATE.S.D",
      "$JS.API.CONSUMER.CREATE.S.D.>",
      "$JS.API.CONSUMER.CREATE.T.C",
      "$JS.API.CONSUMER.CREATE.T.C.>",
      "$JS.API.CONSUMER.CREATE.T.D",
      "$JS.API.CONSUMER.CREATE.T.D.>",
      "$JS.API.CONSUMER.DURABLE.CREATE.S.C",
      "$JS.API.CONSUMER.DURABLE.CREATE.S.D",
      "$JS.API.CONSUMER.DURABLE.CREATE.T.C",
      "$JS.API.CONSUMER.DURABLE.CREATE.T.D",
      "$JS.API.CONSUMER.INFO.S.C",
      "$JS.API.CONSUMER.INFO.S.D",
      "$JS.API.CONSUMER.INFO.T.C",
      "$JS.API.CONSUMER.INFO.T.D",
      "$JS.API.CONSUMER.MSG.NEXT.S.C",
      "$JS.API.CONSUMER.MSG.NEXT.S.D",
      "$JS.API.CONSUMER.MSG.NEXT.T.C",
      "$JS.API.CONSUMER.MSG.NEXT.T.D",
      "$JS.API.INFO",
      "$JS.API.STREAM.INFO.S",
      "$JS.API.STREAM.INFO.T",
      "$JS.FC.S.C.>",
      "$JS.FC.S.D.>",
      "$JS.FC.T.C.>",
      "$JS.FC.T.D.>",
  };
  CHECK(p.publish.allow == expected);
}

TEST_CASE("capabilities: buckets and services add up with the rest", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.publish = true;
    c.subjects = {"orders.>"};
    c.buckets.kv_write = {{"cfg", "app.>"}};
    c.services = {.serve = {"adder"}, .call = {"clock"}};
  });
  for (const auto* entry :
       {"orders.>", "$KV.cfg.app.>", "$JS.API.STREAM.INFO.KV_cfg", "clock.>", "$SRV.PING"}) {
    CAPTURE(entry);
    CHECK(has(p.publish.allow, entry));
  }
  CHECK(has(p.subscribe.allow, "adder.>"));
  CHECK(has(p.subscribe.allow, kInbox));
  CHECK(std::ranges::is_sorted(p.publish.allow));
  CHECK(p.responses == Responses{});
}

TEST_CASE("capabilities: who only serves publishes nothing but answers", "[credential]") {
  const auto p = expanded([](Credential& c) { c.services.serve = {"adder"}; });
  CHECK(p.publish == SubjectLists{{}, {">"}});
  CHECK(p.responses == Responses{});
}

TEST_CASE("capabilities: a domain takes the place of the API of streams, not of their subjects",
          "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = c.manage = true;
    c.streams = {"S"};
    c.consumers = {"C"};
    c.domain = "hub";
  });
  for (const auto& entry : p.publish.allow) {
    CAPTURE(entry);
    CHECK_FALSE(entry.starts_with("$JS.API"));
  }
  CHECK(has(p.publish.allow, "$JS.hub.API.INFO"));
  CHECK(has(p.publish.allow, "$JS.hub.API.CONSUMER.MSG.NEXT.S.C"));
  CHECK(has(p.publish.allow, "$JS.ACK.S.C.>"));
  CHECK(has(p.publish.allow, "$JS.SNAPSHOT.ACK.S.>"));
}

TEST_CASE("capabilities: a template has the values of its credential", "[credential]") {
  Credential c = nothing();
  c.name = "pump-7";
  c.tags = {"site=berlin"};
  c.publish = c.receive = true;
  c.subjects = {"{tag.site}.{name}", "{tag.absent}.x"};
  c.buckets.kv_read = {{"cfg", "{id}.>"}};
  const auto given = permissions_of(c);
  REQUIRE(given);
  CHECK(has(given->permissions.publish.allow, "berlin.pump-7"));
  CHECK(has(given->permissions.publish.allow,
            "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.CGAAAAAAAAAAAAAAAAAA.>"));
  CHECK(given->permissions.subscribe.allow == List{kInbox, "berlin.pump-7"});
  CHECK(given->dropped.size() == 2);  // to publish, and to subscribe
  c.permissions.publish.deny = {"{tag.absent}.>"};
  CHECK_FALSE(permissions_of(c));
}

TEST_CASE("capabilities: consumers of which none is left are not any consumer", "[credential]") {
  Credential c = nothing();
  c.receive = true;
  c.streams = {"S"};
  c.consumers = {"{tag.absent}"};
  const auto given = permissions_of(c);
  REQUIRE(given);
  CHECK(given->permissions.publish.allow == List{"$JS.API.INFO", "$JS.API.STREAM.INFO.S"});
}

TEST_CASE("capabilities: a leafnode is denied $MQTT.> though an entry that is dropped names it",
          "[credential]") {
  Credential c = nothing();
  c.permissions.publish.allow = {"$MQTT.{tag.absent}.x", "a"};
  const auto given = permissions_of(c, ConnectionType::leafnode);
  REQUIRE(given);
  CHECK(given->permissions.publish == SubjectLists{{"a"}, {"$MQTT.>"}});
}

TEST_CASE("capabilities: a bucket or a service is something", "[credential]") {
  Credential c = nothing();
  CHECK_FALSE(gives_anything(c));
  c.buckets.object_read = {"pics"};
  CHECK(gives_anything(c));
  c.buckets = {};
  c.services.call = {"clock"};
  CHECK(gives_anything(c));
}

TEST_CASE("capabilities: raw permissions are added to both lists, denies too", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.publish = true;
    c.subjects = {"orders.>", "zeta"};
    c.permissions.publish = {{"alpha", "orders.>"}, {"orders.secret", "orders.private"}};
    c.permissions.subscribe = {{"news.>"}, {"news.internal"}};
  });
  CHECK(p.publish ==
        SubjectLists{{"alpha", "orders.>", "zeta"}, {"orders.private", "orders.secret"}});
  CHECK(p.subscribe == SubjectLists{{kInbox, "news.>"}, {"news.internal"}});
}

TEST_CASE("capabilities: raw permissions to subscribe give nothing to publish", "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.permissions.subscribe.allow = {"news.>"};
    c.permissions.publish.deny = {"a"};
  });
  CHECK(p.publish == SubjectLists{{}, {">", "a"}});
}

TEST_CASE("capabilities: a stream that is called like a placeholder is a stream like others",
          "[credential]") {
  const auto p = expanded([](Credential& c) {
    c.receive = true;
    c.streams = {"{C}"};
    c.consumers = {"{S}"};
  });
  CHECK(has(p.publish.allow, "$JS.API.CONSUMER.INFO.{C}.{S}"));
  CHECK(has(p.publish.allow, "$JS.API.STREAM.INFO.{C}"));
  CHECK_FALSE(has(p.publish.allow, "$JS.API.STREAM.INFO.{S}"));
}

// Every combination of flags, lists and raw permissions, the unacceptable ones included.
Credential combination(unsigned bits) {
  const auto bit = [&bits] {
    const bool set = (bits & 1U) != 0;
    bits >>= 1U;
    return set;
  };
  Credential c = nothing();
  c.publish = bit();
  c.receive = bit();
  c.manage = bit();
  c.everything = bit();
  c.allow_responses = bit();
  c.ack_v2 = bit();
  if (bit()) c.subjects = {"orders.*"};
  if (bit()) c.streams = {"S"};
  if (bit()) c.consumers = {"C"};
  if (bit()) c.consumers = {"*"};
  if (bit()) c.permissions.publish.allow = {"raw.pub"};
  if (bit()) c.permissions.publish.deny = {"raw.pub.deny"};
  if (bit()) c.permissions.subscribe.allow = {"raw.sub"};
  if (bit()) c.permissions.subscribe.deny = {"raw.sub.deny"};
  if (bit()) c.inbox = Inbox::shared;
  return c;
}
constexpr unsigned kCombinations = 1U << 15U;

bool never_everything(const SubjectLists& lists) {
  return !lists.allow.empty() || has(lists.deny, ">");
}

bool strictly_ascending(const List& list) {
  return std::ranges::adjacent_find(list, std::greater_equal<>{}) == list.end();
}

TEST_CASE("capabilities: absent means everything never happens", "[credential]") {
  for (unsigned bits = 0; bits < kCombinations; ++bits) {
    const auto p = expand(combination(bits));
    if (!never_everything(p.publish) || !never_everything(p.subscribe)) FAIL(bits);
  }
}

TEST_CASE("capabilities: who was given nothing to publish is denied everything", "[credential]") {
  for (unsigned bits = 0; bits < kCombinations; ++bits) {
    const auto c = combination(bits);
    const bool publishes = (c.publish && (c.everything || !c.subjects.empty())) ||
                           (!c.streams.empty() && (c.receive || c.manage || c.ack_v2)) ||
                           !c.permissions.publish.allow.empty();
    const auto p = expand(c).publish;
    if (p.allow.empty() == publishes || has(p.deny, ">") == publishes) FAIL(bits);
  }
}

TEST_CASE("capabilities: all subjects are given for everything only, and then with the denies",
          "[credential]") {
  for (unsigned bits = 0; bits < kCombinations; ++bits) {
    const auto c = combination(bits);
    const auto p = expand(c);
    if (has(p.publish.allow, ">") != (c.everything && c.publish)) FAIL(bits);
    if (has(p.subscribe.allow, ">") != (c.everything && c.receive)) FAIL(bits);
    const bool denied = std::ranges::all_of(
        kEverythingDenied, [&](const auto& subject) { return has(p.publish.deny, subject); });
    if (denied != (c.everything && c.publish)) FAIL(bits);
  }
}

TEST_CASE(
    "capabilities: every credential may read its inbox, and the shared one only where it is shared",
    "[credential]") {
  for (unsigned bits = 0; bits < kCombinations; ++bits) {
    const auto c = combination(bits);
    const auto p = expand(c);
    const bool shared = c.inbox == Inbox::shared;
    if (has(p.subscribe.allow, "_INBOX.>") != shared) FAIL(bits);
    if (has(p.subscribe.allow, kInbox) == shared) FAIL(bits);
  }
}

TEST_CASE("capabilities: every list is sorted and free of doubles, and holds subjects only",
          "[credential]") {
  for (unsigned bits = 0; bits < kCombinations; ++bits) {
    const auto p = expand(combination(bits));
    for (const auto* list :
         {&p.publish.allow, &p.publish.deny, &p.subscribe.allow, &p.subscribe.deny}) {
      if (!strictly_ascending(*list)) FAIL(bits);
      if (!std::ranges::all_of(*list, valid_subject)) FAIL(bits);
    }
  }
}

TEST_CASE("capabilities: responses are given to who asks for them and to nobody else",
          "[credential]") {
  for (unsigned bits = 0; bits < kCombinations; ++bits) {
    const auto c = combination(bits);
    if (expand(c).responses.has_value() != c.allow_responses) FAIL(bits);
  }
}

TEST_CASE("capabilities: QoS 1 and 2 are delivered to an MQTT connection that may receive, alone",
          "[credential]") {
  const auto gets = [](const Credential& c, std::optional<ConnectionType> type) {
    const auto p = expand(c, type);
    const bool delivered = has(p.subscribe.allow, "$MQTT.sub.>");
    CHECK(delivered == has(p.subscribe.allow, "$MQTT.deliver.pubrel.>"));
    CHECK_FALSE(has(p.publish.allow, "$MQTT.sub.>"));
    return delivered;
  };
  Credential receiver = nothing();
  receiver.receive = true;
  receiver.subjects = {"orders.>"};
  CHECK(gets(receiver, ConnectionType::mqtt));
  CHECK_FALSE(gets(receiver, ConnectionType::standard));
  CHECK_FALSE(gets(receiver, ConnectionType::websocket));
  CHECK_FALSE(gets(receiver, ConnectionType::leafnode));
  CHECK_FALSE(gets(receiver, std::nullopt));

  Credential raw = nothing();
  raw.permissions.subscribe.allow = {"orders.>"};
  CHECK(gets(raw, ConnectionType::mqtt));

  Credential publisher = nothing();
  publisher.publish = true;
  publisher.subjects = {"orders.>"};
  CHECK_FALSE(gets(publisher, ConnectionType::mqtt));

  receiver.permissions.subscribe.deny = {"$MQTT.>"};
  CHECK(has(expand(receiver, ConnectionType::mqtt).subscribe.deny, "$MQTT.>"));
}

TEST_CASE("capabilities: a leafnode is denied $MQTT.> unless its own lists name such subjects",
          "[credential]") {
  struct Row {
    const char* what;
    List allow;
    bool denied;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing", {}, true},
      {"other subjects", {"orders.>", "MQTT.>", "$MQTTX.>"}, true},
      {"a wildcard that meets it", {"*.orders"}, true},
      {"another wildcard that meets it", {"*.*.>"}, true},
      {"it", {"$MQTT.>"}, false},
      {"a part of it", {"orders.>", "$MQTT.sub.>"}, false},
      {"everything", {">"}, false},
      {"everything of two tokens and more", {"*.>"}, false},
  }));
  CAPTURE(row.what);
  const auto publisher = [&](Credential& c) { c.permissions.publish.allow = row.allow; };
  const auto receiver = [&](Credential& c) { c.permissions.subscribe.allow = row.allow; };
  Credential one = nothing();
  publisher(one);
  Credential other = nothing();
  receiver(other);
  const auto leafnode = ConnectionType::leafnode;
  CHECK(has(expand(one, leafnode).publish.deny, "$MQTT.>") == row.denied);
  CHECK(has(expand(one, leafnode).subscribe.deny, "$MQTT.>"));
  CHECK(has(expand(other, leafnode).subscribe.deny, "$MQTT.>") == row.denied);
  CHECK(has(expand(other, leafnode).publish.deny, "$MQTT.>"));
  CHECK_FALSE(has(expand(one, ConnectionType::mqtt).publish.deny, "$MQTT.>"));
  CHECK_FALSE(has(expand(one).publish.deny, "$MQTT.>"));
}

TEST_CASE(
    "capabilities: a credential gives something by each capability and each raw permission, else "
    "nothing",
    "[credential]") {
  CHECK_FALSE(gives_anything(Credential{}));
  const std::vector<void (*)(Credential&)> gifts = {
      [](Credential& c) { c.publish = true; },
      [](Credential& c) { c.receive = true; },
      [](Credential& c) { c.manage = true; },
      [](Credential& c) { c.allow_responses = true; },
      [](Credential& c) { c.permissions.publish.allow = {"a"}; },
      [](Credential& c) { c.permissions.subscribe.allow = {"a"}; },
      [](Credential& c) { c.permissions.responses = Responses{}; },
  };
  for (std::size_t i = 0; i < gifts.size(); ++i) {
    CAPTURE(i);
    Credential c;
    gifts[i](c);
    CHECK(gives_anything(c));
  }
  Credential denied;
  denied.permissions.publish.deny = {"a"};
  denied.permissions.subscribe.deny = {"a"};
  CHECK_FALSE(gives_anything(denied));
}

}  // namespace
}  // namespace auth
