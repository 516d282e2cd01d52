// Which records are warned of, where the limit of it is. tests/e2e/warnings.test.mjs has each
// warning by each way in which a record comes.

#include "gateway/admin/operations/warnings.h"

#include <functional>

#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

using namespace gateway;
using namespace std::chrono_literals;
using operations::password_warning;

namespace {

std::string beginnings(const Config& config, const auth::Credential& c) {
  std::string words;
  for (const auto& warning : operations::warnings_of(config, c, store::kNow)) {
    const auto text = warning.get<std::string>();
    words += text.substr(0, text.find(':') + 1);
  }
  return words;
}

}  // namespace

TEST_CASE("warnings: a credential that lets nobody in now, or here, is warned of", "[admin]") {
  auth::Credential c = store::test_credential(1);
  c.inbox = auth::Inbox::private_inbox;
  Config config;
  CHECK(beginnings(config, c).empty());
  c.expires_at = store::kNow + 1s;
  CHECK(beginnings(config, c).empty());
  c.expires_at = store::kNow;
  CHECK(beginnings(config, c) == "expires_at:");
  c.expires_at.reset();
  c.regions = {"eu", "us"};
  CHECK(beginnings(config, c) == "regions:");
  config.region = "us";
  CHECK(beginnings(config, c).empty());
  config.region = "asia";
  CHECK(operations::warnings_of(config, c, store::kNow).at(0) ==
        "regions: the credential lets nobody in here, because this gateway is in the region asia");
}

namespace {

struct ReachRow {
  const char* subject;
  const char* publish;  // what the warning begins with; empty for none
  const char* subscribe;
};

constexpr ReachRow kReach[] = {
    {">", "publish: the credential may publish every",
     "subscribe: the credential may subscribe to every"},
    {"*.>", "publish: the credential may publish every",
     "subscribe: the credential may subscribe to every"},
    {">", "publish: the credential can make or change streams", ""},
    {"$JS.>", "publish: the credential can make or change streams", ""},
    {"$JS.API.>", "publish: the credential can make or change streams", ""},
    {"$JS.hub.API.>", "publish: the credential can make or change streams", ""},
    {"*.API.STREAM.*.*", "publish: the credential can make or change streams", ""},
    {"$JS.API.STREAM.CREATE.*", "publish: the credential can make or change streams", ""},
    {"$JS.API.STREAM.UPDATE.ORDERS", "publish: the credential can make or change streams", ""},
    {"$JS.API.CONSUMER.CREATE.ORDERS.>", "streams:", ""},
    {"$JS.hub.API.CONSUMER.>", "streams:", ""},
    {"_INBOX.>", "publish: the credential can forge replies", "shared inbox:"},
    {"_INBOX.*", "publish: the credential can forge replies", "shared inbox:"},
    {"$JS.ACK.>", "publish: the credential can acknowledge",
     "subscribe: the credential can read the acknowledgements"},
    {"_R_.>", "publish: the credential can answer requests",
     "subscribe: the credential can read the replies to requests"},
    {"$MQTT.>", "publish: the credential can forge messages to MQTT",
     "subscribe: the credential can read what is delivered"},
    {"$MQTT.sub.>", "publish: the credential can forge messages to MQTT",
     "subscribe: the credential can read what is delivered"},
    {"$SYS.>", "publish: the credential can ask nats-server",
     "subscribe: the credential can read nats-server's events"},
    {"$SYS.REQ.ACCOUNT.PING.CONNZ", "publish: the credential can ask nats-server",
     "subscribe: the credential can read nats-server's events"},
};

std::size_t times_said(const Config& config, const auth::Credential& c, std::string_view text) {
  std::size_t n = 0;
  for (const auto& warning : operations::warnings_of(config, c, store::kNow))
    n += warning.get<std::string>().starts_with(text) ? 1U : 0U;
  return n;
}

}  // namespace

TEST_CASE("warnings: permissions as strong as a right that is warned of", "[admin]") {
  const Config config;
  for (const auto& row : kReach) {
    CAPTURE(row.subject);
    auth::Credential c = store::test_credential(1);
    c.permissions.publish.allow = {row.subject};
    CHECK(times_said(config, c, row.publish) == 1);
    c.permissions.publish.deny = {row.subject};
    CHECK(beginnings(config, c).empty());
    c.permissions = {};
    if (std::string_view{row.subscribe}.empty()) continue;
    c.permissions.subscribe.allow = {row.subject};
    CHECK(times_said(config, c, row.subscribe) == 1);
    c.permissions.subscribe.deny = {row.subject};
    CHECK(beginnings(config, c).empty());
  }
}

TEST_CASE("warnings: every subject but some is nearly every subject", "[admin]") {
  auth::Credential c = store::test_credential(1);
  c.permissions.publish = {.allow = {">"}, .deny = {"_CG.>", "$JS.>"}};
  CHECK(beginnings({}, c) == "publish:");
  c.permissions.publish.deny = {"_CG.>", "$JS.API.STREAM.CREATE.*"};
  CHECK(beginnings({}, c) == "publish:publish:");  // streams can be changed
}

TEST_CASE("warnings: what a right gives by itself is not said twice", "[admin]") {
  auth::Credential c = store::test_credential(1);
  c.receive = true;
  CHECK(beginnings({}, c).empty());
  c.permissions.publish.allow = {"$JS.ACK.ORDERS.>", "$JS.ACK.*.*.ORDERS.>", "$JS.FC.>",
                                 "*.telemetry",      "$SYS.REQ.USER.INFO",   "_INBOX.mine.>",
                                 "$KV.settings.>"};
  c.permissions.subscribe.allow = {"*.telemetry", "_INBOX.mine.>", "$KV.settings.>"};
  c.permissions.publish.deny = c.permissions.subscribe.deny = {"_CG.>"};
  CHECK(beginnings({}, c).empty());
  c.permissions = {};
  c.streams = {"ORDERS"};
  CHECK(beginnings({}, c) == "streams:");
  c.consumers = {"*"};
  c.ack_v2 = true;
  CHECK(beginnings({}, c) == "streams:");
  c.manage = true;
  CHECK(beginnings({}, c) == "manage:streams:");
  c.streams.clear();
  c.consumers.clear();
  c.ack_v2 = c.manage = false;
  c.inbox = auth::Inbox::shared;
  CHECK(beginnings({}, c) == "shared inbox:");
}

TEST_CASE("warnings: who can make admins, or read what they ask", "[admin]") {
  Config config;
  config.admin_account = "ADMIN";
  const auto said = [&](const std::string& account, const std::string& subject) {
    auth::Credential c = store::test_credential(1);
    c.account = account;
    c.permissions.publish.allow = {subject};
    c.permissions.subscribe.allow = {subject};
    return beginnings(config, c);
  };
  for (const char* all : {"credgate.v1.>", "credgate.v1.credentials.>",
                          "credgate.v1.credentials.update", "credgate.v1.credentials.*.ADMIN"}) {
    CAPTURE(all);
    CHECK(said("ADMIN", all) == "publish:subscribe:");
    CHECK(said("APP", all).empty());
  }
  CHECK(said("ADMIN", "credgate.v1.credentials.*.SHOP") == "subscribe:");
  CHECK(said("ADMIN", "credgate.v1.credentials.list") == "subscribe:");
  CHECK(said("ADMIN", "credgate.v1.sigv4.verify") == "subscribe:");
  CHECK(said("ADMIN", "credgate.v1.events.>").empty());
}

TEST_CASE("warnings: no text has the id, so equal ones of an import are one", "[admin]") {
  auth::Credential c = store::test_credential(1);
  c.inbox = auth::Inbox::old_private;
  c.sigv4 = true;
  const auto list = operations::warnings_of({}, c, store::kNow);
  CHECK(list.size() == 2);
  CHECK(list.dump().find(c.id) == std::string::npos);
}

TEST_CASE("warnings: a password of fewer than 8 characters, whatever their bytes", "[admin]") {
  for (const char* weak : {"a", "1234567", "ünbekän", "        ", "a b c d ",
                           "\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b"}) {
    CAPTURE(weak);
    CHECK(password_warning(weak).starts_with("password: has fewer than 8 characters"));
  }
  for (const char* good : {"12345678", "ünbekänn", "correct horse battery staple"}) {
    CAPTURE(good);
    CHECK(password_warning(good).empty());
  }
}

namespace {

std::string beginnings(const OrderedJson& list) {
  std::string words;
  for (const auto& warning : list) {
    const auto text = warning.get<std::string>();
    words += text.substr(0, text.find(':') + 1);
  }
  return words;
}

auth::Role role_that(const std::function<void(auth::Role&)>& has) {
  auth::Role role;
  role.account = "APP";
  role.name = "ops";
  has(role);
  return role;
}

}  // namespace

TEST_CASE("warnings: a template counts with its value", "[admin]") {
  Config config;
  config.admin_account = "ADMIN";
  auth::Credential c = store::test_credential(1);
  c.account = "ADMIN";
  c.permissions.publish.allow = {"{tag.x}.v1.credentials.create", "{tag.y}.>"};
  c.tags = {"x=credgate", "y=app"};
  const auto said = operations::warnings_of(config, c, store::kNow);
  CHECK(beginnings(said) == "publish:");
  CHECK(said.at(0).get<std::string>().find("admins of every account") != std::string::npos);
  c.tags = {"x=credgat", "y=app"};
  CHECK(beginnings(operations::warnings_of(config, c, store::kNow)).empty());
  // In a record that lets nobody in, it may come to have any.
  c.permissions.publish.deny = {"{tag.absent}"};
  const auto blocked = beginnings(operations::warnings_of(config, c, store::kNow));
  CHECK(blocked == "permissions:publish:");
}

TEST_CASE("warnings: what a role gives is said of whoever has it, and of the role", "[admin]") {
  struct Row {
    const char* beginning;
    std::function<void(auth::Role&)> has;
  };
  const std::vector<Row> rows = {
      {"", [](auth::Role& r) { r.publish = true, r.subjects = {"x"}; }},
      {"subscribe:subscribe:", [](auth::Role& r) { r.permissions.subscribe.allow = {">"}; }},
      {"publish:",
       [](auth::Role& r) { r.permissions.publish = {.allow = {">"}, .deny = {"_CG.>", "$JS.>"}}; }},
      {"publish:streams:",
       [](auth::Role& r) { r.permissions.publish.allow = {"$JS.API.{tag.x}.>"}; }},
      {"everything:", [](auth::Role& r) { r.publish = r.everything = true; }},
      {"manage:", [](auth::Role& r) { r.manage = true, r.streams = {"ORDERS"}; }},
      {"streams:", [](auth::Role& r) { r.receive = true, r.streams = {"ORDERS"}; }},
      {"allow_responses:", [](auth::Role& r) { r.allow_responses = true; }},
  };
  for (const Row& row : rows) {
    const auth::Role role = role_that(row.has);
    CAPTURE(row.beginning);
    const auto of_role = operations::warnings_of(Config{}, role);
    CHECK(beginnings(of_role) == row.beginning);
    CHECK(of_role.dump().find("the credential") == std::string::npos);
    auth::Credential c = store::test_credential(1);
    c.tags = {"x=STREAM"};
    c.roles = {"ops"};
    CHECK(beginnings(operations::warnings_of({}, c, store::kNow)).empty());
    CHECK(beginnings(operations::warnings_of({}, c, store::kNow, {&role, 1})) == row.beginning);
  }
}

TEST_CASE("warnings: a role with a template that has no value gives nothing", "[admin]") {
  const auth::Role role = role_that([](auth::Role& r) {
    r.publish = true;
    r.subjects = {"site.{tag.site}.>", "{tag.site}.>"};
  });
  CHECK(beginnings(operations::warnings_of(Config{}, role)).empty());
  auth::Credential c = store::test_credential(1);
  c.roles = {"ops"};
  const auto said = operations::warnings_of({}, c, store::kNow, {&role, 1});
  REQUIRE(said.size() == 2);
  CHECK(said.at(0) == "permissions: site.{tag.site}.> gives nothing: the tag site is not set");
}

TEST_CASE("warnings: words of several sets of rights are looked at together", "[admin]") {
  const auth::Role role = role_that([](auth::Role& r) { r.buckets.kv_read = {{.bucket = "cfg"}}; });
  auth::Credential c = store::test_credential(1);
  c.buckets.kv_write = {{.bucket = "cfg"}};
  const auto needs = [](const OrderedJson& list) {
    return list.dump().find("which needs kv_read") != std::string::npos;
  };
  CHECK(needs(operations::warnings_of({}, c, store::kNow)));
  CHECK_FALSE(needs(operations::warnings_of({}, c, store::kNow, {&role, 1})));
}
