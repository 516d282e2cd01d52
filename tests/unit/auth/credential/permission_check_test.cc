#include "auth/credential/permission_check.h"

#include "tests/support/catch.h"

namespace auth {
namespace {

Permissions some() {
  return {.publish = {{"orders.>", "audit.*"}, {"orders.secret.>"}},
          .subscribe = {{"news.>", "_CG.CGX.>"}, {"news.private.*"}},
          .responses = {}};
}

struct Case {
  const char* subject;
  May may;
  const char* entry;
};

TEST_CASE("permission_check: publishing is judged by the allow list, and then by the deny list",
          "[credential]") {
  const auto one = GENERATE(values<Case>({
      {"orders.1", May::yes, "orders.>"},
      {"audit.x", May::yes, "audit.*"},
      {"audit.x.y", May::no, ""},
      {"orders", May::no, ""},
      {"orders.secret.1", May::no, "orders.secret.>"},
      {"other", May::no, ""},
      {"audit.*", May::yes, "audit.*"},
      {"audit.>", May::yes, "audit.*"},
      {"orders.>", May::yes, "orders.>"},
      {"orders.*.>", May::yes, "orders.>"},
      {"orders.secret.>", May::no, "orders.secret.>"},
      {"*.1", May::no, ""},
  }));
  CAPTURE(one.subject);
  const auto verdict = may_publish(some(), one.subject);
  CHECK(verdict.may == one.may);
  CHECK(verdict.entry == one.entry);
}

TEST_CASE(
    "permission_check: who may answer may publish what it else may not, but only as an answer",
    "[credential]") {
  Permissions permissions = some();
  permissions.responses = Responses{};
  CHECK(may_publish(permissions, "other").may == May::to_a_request);
  CHECK(may_publish(permissions, "orders.secret.1").may == May::to_a_request);
  CHECK(may_publish(permissions, "orders.1").may == May::yes);
}

TEST_CASE(
    "permission_check: a subscription must lie within an allowed one, and not within a denied one",
    "[credential]") {
  const auto one = GENERATE(values<Case>({
      {"news.today", May::yes, "news.>"},
      {"news.sport.*", May::yes, "news.>"},
      {"news.>", May::partly, "news.private.*"},
      {"news.*.x", May::partly, "news.private.*"},
      {"news.private.x", May::no, "news.private.*"},
      {"news.private.*", May::no, "news.private.*"},
      {">", May::no, ""},
      {"*.today", May::no, ""},
      {"_INBOX.x", May::no, ""},
  }));
  CAPTURE(one.subject);
  const auto verdict = may_subscribe(some(), one.subject);
  CHECK(verdict.may == one.may);
  CHECK(verdict.entry == one.entry);
}

TEST_CASE("permission_check: an entry that ends in * gives the subscription that ends in >",
          "[credential]") {
  const Permissions p{
      .publish = {}, .subscribe = {{"a.*", "b.>"}, {"*.secret", "b.no.*"}}, .responses = {}};
  struct Row {
    const char* subject;
    May may;
    const char* entry;
    bool crosses;
  };
  const auto row = GENERATE(values<Row>({
      {"a.>", May::partly, "*.secret", true},
      {"a.*", May::partly, "*.secret", true},
      {"a.x", May::yes, "a.*", false},
      {"a.x.y", May::no, "", false},
      {"b.>", May::partly, "b.no.*", false},
      {"b.no.>", May::no, "b.no.*", false},
      {"b.no.x.>", May::yes, "b.>", false},
      {"b.*.*", May::partly, "b.no.*", false},
  }));
  CAPTURE(row.subject);
  const auto verdict = may_subscribe(p, row.subject);
  CHECK(verdict.may == row.may);
  CHECK(verdict.entry == row.entry);
  CHECK(verdict.crosses == row.crosses);
}

TEST_CASE("permission_check: a leafnode subscribes to more, and is delivered what is allowed",
          "[credential]") {
  const auto all = leafnode_may_subscribe(some(), ">");
  CHECK(all.may == May::partly);
  CHECK(all.entry == "news.>");
  CHECK_FALSE(all.denied);
  CHECK(leafnode_may_subscribe(some(), "news.private.*").may == May::no);
  CHECK(leafnode_may_subscribe(some(), "other.>").may == May::no);
}

TEST_CASE("permission_check: who reaches the private inboxes of others is known", "[credential]") {
  Credential c;
  c.id = "CGAAAQEAYEAUDAOCAJBI";
  const auto [allow, deny, reaches] =
      GENERATE(table<const char*, const char*, bool>({{"_CG.CGAAAQEAYEAUDAOCAJBI.>", "x", false},
                                                      {"_CG.CGAAAQEAYEAUDAOCAJBI.x", "x", false},
                                                      {"orders.>", "x", false},
                                                      {"_INBOX.>", "x", false},
                                                      {">", "x", true},
                                                      {"*.>", "x", true},
                                                      {"*.*.x", "x", true},
                                                      {"_CG.>", "x", true},
                                                      {"_CG.*.x", "x", true},
                                                      {"_CG.CGBBBBBBBBBBBBBBBBBB.>", "x", true},
                                                      {">", "_CG.>", false},
                                                      {">", "*.>", false},
                                                      {">", "_CG.*", true},
                                                      {">", "_CG.CGB.>", true}}));
  CAPTURE(allow, deny);
  CHECK(reaches_private_inboxes({{"a", allow}, {deny}}, c) == reaches);
}

TEST_CASE("permission_check: by subscribing, who may subscribe to * reaches them", "[credential]") {
  Credential c;
  c.id = "CGAAAQEAYEAUDAOCAJBI";
  const SubjectLists lists{{"*", "a.*", "b*"}, {}};
  CHECK_FALSE(reaches_private_inboxes(lists, c));
  CHECK(subscribable(lists) == SubjectLists{{">", "a.>", "b*"}, {}});
  CHECK(reaches_private_inboxes(subscribable(lists), c));
  CHECK(subscribable({{"a.*"}, {"a.*"}}) == SubjectLists{{"a.*"}, {"a.*"}});
}

TEST_CASE("permission_check: of a leafnode nats-server does not check every subject",
          "[credential]") {
  struct Row {
    const char* subject;
    May publish;
    May subscribe;
  };
  const auto row = GENERATE(values<Row>({
      {"orders.1", May::yes, May::no},
      {"orders.secret.1", May::no, May::no},
      {"news.today", May::no, May::yes},
      {"news.private.x", May::no, May::no},
      {"other", May::no, May::no},
      {"$JS.ACK.S.C.1.1.1.1.0", May::yes, May::no},
      {"$JS.API.STREAM.DELETE.S", May::no, May::no},
      {"$JS.ACK", May::no, May::no},
      {"_R_.x", May::yes, May::no},
      {"_R_", May::no, May::no},
      {"_INBOX.x", May::no, May::no},
  }));
  CAPTURE(row.subject);
  CHECK(leafnode_may_publish(some(), row.subject).may == row.publish);
  CHECK(leafnode_may_subscribe(some(), row.subject).may == row.subscribe);
}

TEST_CASE("permission_check: below $MQTT. a leafnode is held by the deny list alone",
          "[credential]") {
  const std::string subject = "$MQTT.sub.x";
  Permissions p = some();
  CHECK(may_publish(p, subject).may == May::no);
  CHECK(leafnode_may_publish(p, subject).may == May::yes);
  CHECK(leafnode_may_publish(p, subject).unchecked);
  CHECK(leafnode_may_subscribe(p, "$MQTT.>").unchecked);
  p.publish.deny.emplace_back("$MQTT.>");
  p.subscribe.deny.emplace_back("$MQTT.sub.>");
  CHECK(leafnode_may_publish(p, subject).may == May::no);
  CHECK(leafnode_may_publish(p, subject).entry == "$MQTT.>");
  CHECK(leafnode_may_subscribe(p, subject).may == May::no);
  CHECK(leafnode_may_subscribe(p, "$MQTT.>").may == May::partly);
  p.publish = {{"$MQTT.>"}, {}};
  CHECK(leafnode_may_publish(p, subject).may == May::yes);
  CHECK_FALSE(leafnode_may_publish(p, subject).unchecked);
}

TEST_CASE("permission_check: the field that an entry comes from is named", "[credential]") {
  Credential c;
  c.id = "CGAAAQEAYEAUDAOCAJBI";
  c.subjects = {"orders.>"};
  c.streams = {"ORDERS"};
  c.permissions.publish.deny = {"orders.secret"};
  CHECK(field_of(c, "orders.>") == "subjects");
  CHECK(field_of(c, "orders.secret") == "permissions");
  CHECK(field_of(c, "_CG.CGAAAQEAYEAUDAOCAJBI.>") == "inbox");
  CHECK(field_of(c, "_INBOX_CGAAAQEAYEAUDAOCAJBI.>").empty());
  c.inbox = Inbox::old_private;
  CHECK(field_of(c, "_INBOX_CGAAAQEAYEAUDAOCAJBI.>") == "inbox");
  CHECK(field_of(c, "$JS.API.STREAM.INFO.ORDERS") == "streams");
  CHECK(field_of(c, ">").empty());
}

TEST_CASE("permission_check: the field of an entry that a template made is known", "[credential]") {
  Credential c;
  c.id = "CGAAAQEAYEAUDAOCAJBI";
  c.name = "pump-7";
  c.subjects = {"dev.{name}.>"};
  c.permissions.publish.deny = {"dev.{name}.secret", "{tag.absent}"};
  c.buckets.kv_read = {{"cfg", "{name}"}};
  CHECK(field_of(c, "dev.pump-7.>") == "subjects");
  CHECK(field_of(c, "dev.pump-7.secret") == "permissions");
  CHECK(field_of(c, "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.pump-7") == "kv_read");
  CHECK(field_of(c, "dev.pump-8.>").empty());
}

TEST_CASE("permission_check: the field of buckets and services is known", "[credential]") {
  Credential c;
  c.id = "CGAAAQEAYEAUDAOCAJBI";
  c.streams = {"ORDERS"};
  c.buckets = {.kv_read = {{.bucket = "cfg"}},
               .kv_write = {{"log", "a.>"}},
               .object_read = {"pics"},
               .object_write = {"docs"}};
  c.services = {.serve = {"adder"}, .call = {"clock"}};
  CHECK(field_of(c, "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.>") == "kv_read");
  CHECK(field_of(c, "$KV.log.a.>") == "kv_write");
  CHECK(field_of(c, "$JS.API.CONSUMER.CREATE.OBJ_pics") == "object_read");
  CHECK(field_of(c, "$O.docs.C.>") == "object_write");
  CHECK(field_of(c, "adder.>") == "serve");
  CHECK(field_of(c, "$SRV.PING.clock") == "call");
  CHECK(field_of(c, "$JS.API.STREAM.INFO.ORDERS") == "streams");
  c.domain = "hub";
  CHECK(field_of(c, "$JS.hub.API.$KV.log.a.>") == "kv_write");
  CHECK(field_of(c, "$JS.hub.API.STREAM.INFO.ORDERS") == "streams");
}

TEST_CASE("permission_check: all that an entry comes from is named, roles included",
          "[credential]") {
  using List = std::vector<std::string>;
  Credential c;
  c.id = "CGAAAQEAYEAUDAOCAJBI";
  c.name = "pump-7";
  c.publish = true;
  c.subjects = {"orders.>"};
  c.roles = {"dev", "ops"};
  std::vector<Role> roles(2);
  roles[0].name = "dev";
  roles[0].buckets.kv_read = {{.bucket = "cfg"}};
  roles[0].permissions.publish.deny = {"dev.{name}.secret"};
  roles[1].name = "ops";
  roles[1].publish = true;
  roles[1].subjects = {"dev.{name}.>", "orders.>"};
  CHECK(sources_of(c, roles, "orders.>") == List{"subjects", "subjects of role ops"});
  CHECK(sources_of(c, roles, "dev.pump-7.>") == List{"subjects of role ops"});
  CHECK(sources_of(c, roles, "dev.pump-7.secret") == List{"permissions of role dev"});
  CHECK(sources_of(c, roles, "$JS.API.STREAM.INFO.KV_cfg") == List{"kv_read of role dev"});
  CHECK(sources_of(c, roles, "_CG.CGAAAQEAYEAUDAOCAJBI.>") == List{"inbox"});
  CHECK(sources_of(c, roles, ">").empty());
  CHECK(sources_of(c, {}, "dev.pump-7.>").empty());
  roles[1].publish = false;  // then its subjects give nothing
  CHECK(sources_of(c, roles, "dev.pump-7.>").empty());
}

}  // namespace
}  // namespace auth
