#include "auth/credential/service_rights.h"

#include "auth/credential/permission_check.h"
#include "tests/support/catch.h"

namespace auth {
namespace {

Permissions of(const ServiceRights& rights) {
  Permissions all;
  allow(rights, all);
  return all;
}

// nats.go micro/service.go addVerbHandlers and ControlSubject; nats.js @nats-io/services
// service.ts, serviceclient.ts; nats.c micro.c, micro_monitoring.c.
TEST_CASE("service_rights: a service answers its endpoints and discovery", "[credential]") {
  const auto all = of({.serve = {"adder"}, .call = {}});
  const auto [subject, may] = GENERATE(table<const char*, May>({
      {"adder", May::yes},
      {"adder.add", May::yes},
      {"adder.math.>", May::yes},
      {"$SRV.PING", May::yes},
      {"$SRV.INFO", May::yes},
      {"$SRV.STATS", May::yes},
      {"$SRV.PING.adder", May::yes},
      {"$SRV.PING.adder.R4nd0m", May::yes},
      {"$SRV.INFO.adder.R4nd0m", May::yes},
      {"$SRV.STATS.adder.R4nd0m", May::yes},
      {"adder2.add", May::no},
      {"$SRV.PING.other", May::no},
      {"$SRV.PING.other.R4nd0m", May::no},
      {"$SRV.*", May::no},
      {"$SRV.>", May::no},
      {"$SRV.PING.>", May::no},
      {"*", May::no},
      {">", May::no},
  }));
  CAPTURE(subject);
  CHECK(may_subscribe(all, subject).may == may);
  CHECK(all.publish == SubjectLists{});
  CHECK(all.responses == Responses{});
}

TEST_CASE("service_rights: a caller asks endpoints and discovery, and hears nobody else",
          "[credential]") {
  const auto all = of({.serve = {}, .call = {"adder"}});
  const auto [subject, may] = GENERATE(table<const char*, May>({
      {"adder", May::yes},
      {"adder.add", May::yes},
      {"$SRV.PING", May::yes},
      {"$SRV.INFO", May::yes},
      {"$SRV.STATS", May::yes},
      {"$SRV.INFO.adder", May::yes},
      {"$SRV.STATS.adder.R4nd0m", May::yes},
      {"adder2.add", May::no},
      {"$SRV.INFO.other", May::no},
      {"$SRV.STATS.other.R4nd0m", May::no},
      {"$SRV.SCHEMA.adder", May::no},
      {"other", May::no},
  }));
  CAPTURE(subject);
  CHECK(may_publish(all, subject).may == may);
  CHECK(all.subscribe == SubjectLists{});
  CHECK_FALSE(all.responses);
}

TEST_CASE("service_rights: responses that are set already stay", "[credential]") {
  Permissions all;
  all.responses = Responses{.max = 5, .ttl = std::chrono::seconds{1}};
  allow({.serve = {"adder"}, .call = {}}, all);
  CHECK(all.responses->max == 5);
}

TEST_CASE("service_rights: a wrong name is refused with what would be right", "[credential]") {
  const auto [name, message] = GENERATE(table<std::string, const char*>({
      {"", "must be the name of a service"},
      {"a.b", "\"a.b\" must be the name of a service"},
      {"*", "must be the name of a service"},
      {">", "must be the name of a service"},
      {"a b", "must be the name of a service"},
      {"$SRV", "must be the name of a service"},
      {"$JS", "must be the name of a service"},
      {std::string(129, 'n'), "must be the name of a service"},
      {"a\nb", "an entry must be the name of a service"},
      {"_CG", "must not begin with `_`"},
      {"_INBOX", "must not begin with `_`"},
      {"_R_", "must not begin with `_`"},
      {"{name}", "templates are expanded in subjects"},
  }));
  CAPTURE(name);
  for (const auto* field : {"serve", "call"}) {
    ServiceRights rights;
    (field == std::string{"serve"} ? rights.serve : rights.call) = {name};
    const auto wrong = validate(rights);
    REQUIRE(wrong);
    CHECK(wrong->field == field);
    CHECK(wrong->message.find(message) != std::string::npos);
  }
}

TEST_CASE("service_rights: right names pass, each once", "[credential]") {
  CHECK_FALSE(validate(ServiceRights{.serve = {"adder", "Math-2_x"}, .call = {"adder"}}));
  CHECK(validate(ServiceRights{.serve = {"adder", "adder"}, .call = {}}));
  CHECK(validate(ServiceRights{.serve = {}, .call = {"adder", "adder"}}));
}

TEST_CASE("service_rights: what subjects cannot confine is said", "[credential]") {
  const auto sentences = unconfined(ServiceRights{.serve = {"a"}, .call = {"b"}});
  REQUIRE(sentences.size() == 2);
  CHECK(sentences[0].starts_with("serve a answers on any reply subject"));
  CHECK(sentences[1].starts_with("call b asks all services"));
  CHECK(unconfined(ServiceRights{}).empty());
}

}  // namespace
}  // namespace auth
