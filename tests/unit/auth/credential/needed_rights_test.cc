#include "auth/credential/needed_rights.h"

#include "auth/credential/capabilities.h"
#include "auth/credential/permission_check.h"
#include "auth/credential/validate.h"
#include "tests/support/catch.h"

namespace auth {
namespace {

using List = std::vector<std::string>;

Credential nobody() {
  Credential c;
  c.id = "CGAAAQEAYEAUDAOCAJBI";
  c.name = "shop";
  c.account = "APP";
  return c;
}

List for_publish(const Credential& c, std::string_view subject) {
  return needed_rights(c, {}, {.publish = true, .subject = subject});
}

List for_subscribe(const Credential& c, std::string_view subject) {
  return needed_rights(c, {}, {.publish = false, .subject = subject});
}

TEST_CASE("needed_rights: of what clients publish, the narrowest words", "[credential]") {
  struct Row {
    const char* subject;
    List words;
  };
  const Row rows[] = {
      {"orders.1", {"--publish --subjects orders.1", "--call orders"}},
      {"adder", {"--publish --subjects adder", "--call adder"}},
      {"$SRV.PING", {"--call SERVICE"}},
      {"$SRV.PING.adder", {"--call adder", "--publish --subjects '$SRV.PING.adder'"}},
      {"$JS.API.INFO", {"--receive --streams STREAM", "--kv-read BUCKET"}},
      {"$JS.API.STREAM.NAMES", {"--kv-read BUCKET", "--manage --streams STREAM"}},
      {"$JS.API.STREAM.INFO.ORDERS", {"--receive --streams ORDERS", "--manage --streams ORDERS"}},
      {"$JS.API.CONSUMER.CREATE.KV_cfg.x.$KV.cfg.>",
       {"--kv-read cfg", "--receive --streams KV_cfg --consumers x"}},
      {"$JS.API.CONSUMER.CREATE.KV_cfg.x.$KV.cfg.app.>",
       {"--kv-read 'cfg:app.>'", "--kv-read cfg"}},
      {"$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port", {"--kv-read cfg:app.port", "--kv-read cfg"}},
      {"$KV.cfg.app.x", {"--kv-write cfg:app.x", "--kv-write cfg"}},
      {"$O.pics.C.n", {"--object-write pics", "--publish --subjects '$O.pics.C.n'"}},
      {"$JS.API.CONSUMER.CREATE.OBJ_pics.x.$O.pics.M.>",
       {"--object-read pics", "--receive --streams OBJ_pics --consumers x"}},
      {"$JS.API.STREAM.CREATE.ORDERS", {"--manage --streams ORDERS"}},
      {"$JS.API.CONSUMER.MSG.NEXT.ORDERS.w",
       {"--receive --streams ORDERS --consumers w", "--receive --streams ORDERS"}},
      {"$JS.ACK.ORDERS.w.1.1.1.1.0",
       {"--receive --streams ORDERS --consumers w", "--receive --streams ORDERS"}},
      {"$JS.ACK._.hash.ORDERS.w.1.1.1.1.0",
       {"--receive --streams ORDERS --consumers w --ack-v2",
        "--receive --streams ORDERS --ack-v2"}},
      {"$JS.FC.KV_cfg.oc_N_1.R4nd0m", {"--kv-read cfg:oc_N_1.R4nd0m", "--kv-read cfg"}},
      {"$JS.hub.API.STREAM.INFO.KV_cfg",
       {"--kv-read cfg --domain hub", "--kv-write cfg --domain hub"}},
      {"$JS.hub.API.INFO",
       {"--receive --streams STREAM --domain hub", "--kv-read BUCKET --domain hub"}},
      {"$JS.hub.API.$KV.cfg.app.x",
       {"--kv-write cfg:app.x --domain hub", "--kv-write cfg --domain hub"}},
      {"$SYS.REQ.USER.INFO", {"--allow-pub '$SYS.REQ.USER.INFO'"}},
      {"_INBOX.x", {"--allow-responses, to reply to a request"}},
      {"_CG.CGBBBBBBBBBBBBBBBBBB.x", {"--allow-responses, to reply to a request"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.subject);
    CHECK(for_publish(nobody(), row.subject) == row.words);
  }
}

TEST_CASE("needed_rights: of what clients subscribe to", "[credential]") {
  struct Row {
    const char* subject;
    List words;
  };
  const Row rows[] = {
      {"orders.>", {"--receive --subjects 'orders.>'", "--serve orders"}},
      {"adder.add", {"--receive --subjects adder.add", "--serve adder"}},
      {"$SRV.PING", {"--serve SERVICE"}},
      {"$SRV.INFO.adder", {"--serve adder", "--receive --subjects '$SRV.INFO.adder'"}},
      {">", {"--allow-sub '>'"}},
      {"$SYS.>", {"--allow-sub '$SYS.>'"}},
      {"_INBOX.x", {"the inbox prefix _CG.CGAAAQEAYEAUDAOCAJBI in the client"}},
      {"_CG.CGBBBBBBBBBBBBBBBBBB.x", {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.subject);
    CHECK(for_subscribe(nobody(), row.subject) == row.words);
  }
}

TEST_CASE("needed_rights: what a deny takes is given back", "[credential]") {
  Credential c = nobody();
  c.publish = c.receive = true;
  c.subjects = {"orders.>"};
  c.permissions.publish.deny = {"orders.secret", "other", "orders.{name}"};
  c.permissions.subscribe.deny = {"orders.secret"};
  CHECK(for_publish(c, "orders.secret") == List{"without --deny-pub orders.secret"});
  CHECK(for_publish(c, "orders.shop") == List{"without --deny-pub 'orders.{name}'"});
  CHECK(for_publish(c, "other") == List{"--publish --subjects other, without --deny-pub other",
                                        "--call other, without --deny-pub other"});
  CHECK(for_subscribe(c, "orders.>") == List{"without --deny-sub orders.secret"});
}

TEST_CASE("needed_rights: what does not go with the record needs a second one", "[credential]") {
  Credential c = nobody();
  c.publish = c.everything = true;
  CHECK(for_publish(c, "$KV.cfg.x") ==
        List{"--kv-write cfg:x in a second credential", "--kv-write cfg in a second credential"});
  c = nobody();
  c.receive = true;
  c.streams = {"OTHER"};
  // To name a consumer would take the others of OTHER.
  CHECK(for_publish(c, "$JS.API.CONSUMER.CREATE.ORDERS.w") ==
        List{"--receive --streams ORDERS --consumers w in a second credential",
             "--receive --streams ORDERS --consumers '*'"});
  c.domain = "far";
  CHECK(for_publish(c, "$JS.hub.API.STREAM.INFO.ORDERS").front() ==
        "--receive --streams ORDERS --domain hub in a second credential");
}

// Whatever the subject is.
TEST_CASE("needed_rights: a tag or name of any form does no harm", "[credential]") {
  Credential c = nobody();
  c.name = "a.b >";
  for (const char* subject :
       {"$", "$JS", "$JS.", "$KV.cfg", "a'b", "{id}", "$JS..API", "*", "a.*.>"})
    for (const bool publish : {true, false})
      CHECK_NOTHROW(needed_rights(c, {}, {.publish = publish, .subject = subject}));
  CHECK(for_publish(c, "a'b") == List{"--publish --subjects 'a'\\''b'"});
}

Role role(const char* name) {
  Role r;
  r.account = "APP";
  r.name = name;
  return r;
}

TEST_CASE("needed_rights: what a role denies is said of that role", "[credential]") {
  Credential c = nobody();
  c.roles = {"ops", "quiet"};
  std::vector<Role> roles = {role("ops"), role("quiet")};
  roles[0].publish = true;
  roles[0].subjects = {"orders.>"};
  roles[1].permissions.publish.deny = {"orders.secret"};
  const Wish wish{.publish = true, .subject = "orders.secret"};
  CHECK(needed_rights(c, roles, wish) == List{"without --deny-pub orders.secret of role quiet"});
  c.permissions.publish.deny = {"*.secret"};
  CHECK(needed_rights(c, roles, wish) ==
        List{"without --deny-pub '*.secret', without --deny-pub orders.secret of role quiet"});
  CHECK(needed_rights(c, roles, {.publish = true, .subject = "bills.secret"}).front() ==
        "--publish --subjects bills.secret, without --deny-pub '*.secret'");
}

TEST_CASE("needed_rights: what does not go with a role needs a second credential", "[credential]") {
  Credential c = nobody();
  c.roles = {"all"};
  std::vector<Role> roles = {role("all")};
  roles[0].publish = roles[0].everything = true;
  const auto needed =
      needed_rights(c, roles, {.publish = true, .subject = "$JS.API.STREAM.DELETE.ORDERS"});
  CHECK(needed == List{"--manage --streams ORDERS in a second credential"});
}

TEST_CASE("needed_rights: who answers by a role answers requests already", "[credential]") {
  Credential c = nobody();
  const Wish reply{.publish = true, .subject = "_INBOX.x.1"};
  CHECK(needed_rights(c, {}, reply) == List{"--allow-responses, to reply to a request"});
  c.roles = {"answers"};
  std::vector<Role> roles = {role("answers")};
  roles[0].services.serve = {"adder"};
  CHECK(needed_rights(c, roles, reply).empty());
}

}  // namespace
}  // namespace auth
