#include "auth/credential/role.h"

#include <algorithm>
#include <functional>

#include <nlohmann/json.hpp>

#include "auth/credential/capabilities.h"
#include "auth/credential/credential_json.h"
#include "auth/credential/credential_read.h"
#include "auth/credential/record_codec.h"
#include "auth/credential/validate.h"
#include "tests/support/catch.h"
#include "tests/support/make_credential.h"

namespace auth {
namespace {

using namespace std::chrono_literals;
using List = std::vector<std::string>;

bool has(const List& list, std::string_view entry) {
  return std::ranges::find(list, entry) != list.end();
}

Credential holder(const List& roles) {
  Credential c;
  c.id = "CGAAAAAAAAAAAAAAAAAA";
  c.name = "pump-7";
  c.account = "APP";
  c.roles = roles;
  return c;
}

Role role(const std::string& name, const std::function<void(Role&)>& change = {}) {
  Role made;
  made.account = "APP";
  made.name = name;
  if (change) change(made);
  return made;
}

Role receiver(const std::string& name, const std::string& stream, const List& consumers) {
  return role(name, [&](Role& r) {
    r.receive = true;
    r.streams = {stream};
    r.consumers = consumers;
  });
}

TEST_CASE("role: each field of a role is stored, and shown", "[credential]") {
  const Role full = made::full_role();
  CHECK(read_role(write_role(full)) == full);
  CHECK(read_role(write_role(Role{})) == Role{});
  const auto one = [&](auto field) {
    Role rest = full;
    rest.*field = Role{}.*field;
    CHECK(rest != full);
    CHECK(read_role(write_role(rest)) == rest);
    CHECK(write_json(rest) != write_json(full));
  };
  const auto each = [&](auto... fields) { (one(fields), ...); };
  each(&Role::account, &Role::name, &Role::revision, &Role::description, &Role::publish,
       &Role::receive, &Role::manage, &Role::subjects, &Role::streams, &Role::consumers,
       &Role::buckets, &Role::services, &Role::domain, &Role::permissions, &Role::allow_responses,
       &Role::everything, &Role::ack_v2, &Role::created_at, &Role::created_by, &Role::updated_at,
       &Role::updated_by);
}

TEST_CASE("role: bytes that are not a whole role are refused, those of a credential too",
          "[credential]") {
  const std::string good = write_role(made::full_role());
  for (std::size_t size = 0; size < good.size(); ++size)
    REQUIRE_FALSE(read_role(std::string_view{good}.substr(0, size)));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    REQUIRE_FALSE(read_role(bad));
  }
  CHECK_FALSE(read_role(write_credential(made::full_credential())));
  CHECK_FALSE(read_credential(good));
  CHECK_FALSE(read_credential(write_role(Role{})));
  CHECK_FALSE(
      read_role_value("\x01\x01"
                      "A"));  // a credential's id
}

TEST_CASE("role: what is shown of a role can be read, and nothing else", "[credential]") {
  const Role full = made::full_role();
  auto json = nlohmann::json::parse(write_json(full).dump());
  for (const char* word : {"revision", "created_at", "created_by", "updated_at", "updated_by"})
    json.erase(word);
  Role back;
  CHECK_FALSE(read_json(json, back));
  CHECK(static_cast<const Rights&>(back) == static_cast<const Rights&>(full));
  CHECK(back.description == full.description);
  for (const char* word : {"inbox", "id", "roles", "sources", "revision", "x"}) {
    CAPTURE(word);
    auto more = json;
    more[word] = "x";
    const auto wrong = read_json(more, back);
    REQUIRE(wrong);
    CHECK(wrong->field == word);
  }
}

TEST_CASE("role: a role is missing unless it is there under its name in the credential's account",
          "[credential]") {
  const Credential c = holder({"ops", "readers"});
  const Role other = role("readers", [](Role& r) { r.account = "OTHER"; });
  CHECK_FALSE(missing_role(holder({}), {}));
  CHECK(missing_role(c, {}) == "ops");
  CHECK(missing_role(c, std::vector{role("ops")}) == "readers");
  CHECK(missing_role(c, std::vector{role("ops"), other}) == "readers");
  CHECK_FALSE(missing_role(c, std::vector{role("ops"), role("readers")}));
}

TEST_CASE("role: a credential has what its own rights and its roles give, and one inbox",
          "[credential]") {
  Credential c = holder({"a", "b"});
  c.publish = true;
  c.subjects = {"own"};
  const std::vector<Role> roles = {role("a",
                                        [](Role& r) {
                                          r.publish = true;
                                          r.subjects = {"of.a", "own"};
                                        }),
                                   role("b", [](Role& r) {
                                     r.receive = true;
                                     r.subjects = {"of.b"};
                                   })};
  const Permissions all = expand(c, roles);
  CHECK(all.publish == SubjectLists{{"of.a", "own"}, {}});
  CHECK(all.subscribe == SubjectLists{{"_CG.CGAAAAAAAAAAAAAAAAAA.>", "of.b"}, {}});
  CHECK(expand(c, std::vector<Role>{}) == expand(c));
  CHECK(gives_anything(holder({"a"}), roles));
  CHECK_FALSE(gives_anything(holder({"a"}), {}));
}

TEST_CASE("role: the consumers of one set of rights never go with the streams of another",
          "[credential]") {
  const std::vector<Role> roles = {receiver("a", "S", {"C"}), receiver("b", "T", {"D"}),
                                   receiver("c", "U", {"*"}), receiver("d", "V", {})};
  const auto allow = expand(holder({"a", "b", "c", "d"}), roles).publish.allow;
  for (const auto& entry : {"$JS.API.CONSUMER.MSG.NEXT.S.C", "$JS.API.CONSUMER.MSG.NEXT.T.D",
                            "$JS.API.CONSUMER.CREATE.U.>", "$JS.API.CONSUMER.MSG.NEXT.V.*"}) {
    CAPTURE(entry);
    CHECK(has(allow, entry));
  }
  for (const auto& entry :
       {"$JS.API.CONSUMER.MSG.NEXT.S.D", "$JS.API.CONSUMER.MSG.NEXT.T.C",
        "$JS.API.CONSUMER.MSG.NEXT.S.*", "$JS.API.CONSUMER.CREATE.S.>", "$JS.ACK.S.>",
        "$JS.API.CONSUMER.CREATE.V.>", "$JS.API.CONSUMER.MSG.NEXT.V.C"}) {
    CAPTURE(entry);
    CHECK_FALSE(has(allow, entry));
  }
  // A domain and `ack_v2` are those of their own set as well.
  auto hub = receiver("a", "S", {"C"});
  hub.domain = "hub";
  hub.ack_v2 = true;
  const auto both = expand(holder({"a", "b"}), std::vector{hub, receiver("b", "T", {"D"})});
  CHECK(has(both.publish.allow, "$JS.hub.API.CONSUMER.MSG.NEXT.S.C"));
  CHECK(has(both.publish.allow, "$JS.API.CONSUMER.MSG.NEXT.T.D"));
  CHECK(has(both.publish.allow, "$JS.ACK.*.*.S.C.>"));
  CHECK_FALSE(has(both.publish.allow, "$JS.ACK.*.*.T.D.>"));
}

TEST_CASE("role: what one role denies is denied, whoever allows it", "[credential]") {
  Credential c = holder({"a"});
  c.publish = true;
  c.subjects = {"orders.>"};
  const std::vector<Role> roles = {
      role("a", [](Role& r) { r.permissions.publish.deny = {"orders.secret"}; })};
  CHECK(expand(c, roles).publish == SubjectLists{{"orders.>"}, {"orders.secret"}});
  // One that gives nothing leaves everything denied.
  CHECK(expand(holder({"a"}), roles).publish == SubjectLists{{}, {">", "orders.secret"}});
}

TEST_CASE("role: who may answer by several roles may do so as often and as long as one of them",
          "[credential]") {
  const auto answers = [](const char* name, std::uint32_t max, std::chrono::seconds ttl) {
    return role(name,
                [&](Role& r) { r.permissions.responses = Responses{.max = max, .ttl = ttl}; });
  };
  const std::vector<Role> roles = {answers("a", 5, 10s), answers("b", 1, 300s), role("c")};
  CHECK(expand(holder({"a", "b", "c"}), roles).responses == Responses{.max = 5, .ttl = 300s});
  CHECK_FALSE(expand(holder({"c"}), std::vector{role("c")}).responses);
}

TEST_CASE("role: templates in a role are those of whoever has it", "[credential]") {
  Credential c = holder({"device"});
  const std::vector<Role> roles = {role("device", [](Role& r) {
    r.publish = true;
    r.subjects = {"dev.{name}.>", "site.{tag.site}"};
  })};
  const auto given = permissions_of(c, roles);
  REQUIRE(given);
  CHECK(given->permissions.publish.allow == List{"dev.pump-7.>"});
  CHECK(given->dropped ==
        std::vector<Unexpandable>{{"site.{tag.site}", "the tag site is not set"}});
  CHECK(has_entry(roles[0], c, "dev.pump-7.>"));
  CHECK(has_entry(roles[0], c, "dev.{name}.>"));
  CHECK_FALSE(has_entry(roles[0], c, "dev.pump-8.>"));
  CHECK_FALSE(has_entry(c, c, "dev.pump-7.>"));
}

TEST_CASE("role: MQTT and leafnodes get with a role what they get with rights of their own",
          "[credential]") {
  const std::vector<Role> roles = {role("a", [](Role& r) {
    r.receive = true;
    r.subjects = {"x"};
  })};
  const Credential c = holder({"a"});
  CHECK(has(expand(c, roles, ConnectionType::mqtt).subscribe.allow, "$MQTT.sub.>"));
  CHECK_FALSE(has(expand(c, {}, ConnectionType::mqtt).subscribe.allow, "$MQTT.sub.>"));
  CHECK(has(expand(c, roles, ConnectionType::leafnode).publish.deny, "$MQTT.>"));
}

TEST_CASE("role: a role that may not be stored is refused with its field", "[credential]") {
  struct Row {
    const char* field;
    std::function<void(Role&)> change;
  };
  const Row row = GENERATE(values<Row>({
      {"", [](Role&) {}},
      {"", [](Role& r) { r.permissions.publish.deny = {"a.>"}; }},
      {"", [](Role& r) { r.name = std::string(64, 'x'); }},
      {"name", [](Role& r) { r.name = std::string(65, 'x'); }},
      {"name", [](Role& r) { r.name = ""; }},
      {"name", [](Role& r) { r.name = "a.b"; }},
      {"name", [](Role& r) { r.name = "a/b"; }},
      {"name", [](Role& r) { r.name = std::string("a\0b", 3); }},
      {"name", [](Role& r) { r.name = "*"; }},
      {"account", [](Role& r) { r.account = ""; }},
      {"account", [](Role& r) { r.account = "A/B"; }},
      {"description", [](Role& r) { r.description = "a\nb"; }},
      {"description", [](Role& r) { r.description = std::string(256, 'x'); }},
      {"subjects", [](Role& r) { r.publish = true; }},
      {"subjects",
       [](Role& r) {
         r.publish = true;
         r.subjects = {"{x}"};
       }},
      {"streams", [](Role& r) { r.manage = true; }},
      {"kv_read", [](Role& r) { r.buckets.kv_read = {{.bucket = "a.b"}}; }},
      {"domain", [](Role& r) { r.domain = "hub"; }},
      {"permissions.responses.max",
       [](Role& r) { r.permissions.responses = Responses{.max = 0, .ttl = 1s}; }},
      {"permissions",
       [](Role& r) {
         r.receive = true;
         for (int n = 0; n < 1000; ++n)
           r.streams.push_back("S" + std::to_string(n));
       }},
  }));
  CAPTURE(row.field);
  Role one = role("ops");
  row.change(one);
  const auto wrong = validate(one);
  CHECK((wrong ? wrong->field : "") == row.field);
}

TEST_CASE("role: a credential names at most eight roles, each once, by names that roles can have",
          "[credential]") {
  const auto wrong_roles = [](const List& roles) {
    const auto wrong = validate(holder(roles));
    return wrong && wrong->field == "roles";
  };
  CHECK_FALSE(validate(holder({"a", "b", "c", "d", "e", "f", "g", "h"})));
  CHECK(wrong_roles({"a", "b", "c", "d", "e", "f", "g", "h", "i"}));
  CHECK(wrong_roles({"a", "a"}));
  CHECK(wrong_roles({"a.b"}));
  CHECK(wrong_roles({"{name}"}));
  CHECK(wrong_roles({""}));
}

TEST_CASE("role: everything with publish is not had together with what it denies", "[credential]") {
  const auto all = role("all", [](Role& r) { r.publish = r.everything = true; });
  const auto call = role("call", [](Role& r) { r.services.call = {"adder"}; });
  const auto reads = role("reads", [](Role& r) { r.buckets.kv_read = {{.bucket = "cfg"}}; });
  const auto plain = role("plain", [](Role& r) {
    r.publish = true;
    r.subjects = {"x"};
  });
  const auto refused = [](const Credential& c, const std::vector<Role>& roles) {
    const auto wrong = validate_together(c, roles);
    return wrong ? wrong->field + ": " + wrong->message : "";
  };
  CHECK(refused(holder({"all", "plain"}), {all, plain}).empty());
  CHECK(refused(holder({"call", "reads"}), {call, reads}).empty());
  CHECK(refused(holder({"all", "call"}), {all, call}).starts_with("roles: must not bring"));
  CHECK(refused(holder({"all", "reads"}), {reads, all}).find("the role reads's rights") !=
        std::string::npos);
  Credential own = holder({"reads"});
  own.publish = own.everything = true;
  CHECK(refused(own, {reads}).find("the credential's own rights") != std::string::npos);
}

TEST_CASE("role: roles that do not fit into one user JWT are refused together", "[credential]") {
  const auto many = [](const char* name) {
    return role(name, [&](Role& r) {
      for (int n = 0; n < 900; ++n)
        r.permissions.publish.allow.push_back(name + std::to_string(n));
    });
  };
  const List names = {"a", "b", "c", "d", "e", "f"};
  std::vector<Role> roles;
  for (const auto& name : names)
    roles.push_back(many(name.c_str()));
  CHECK_FALSE(validate(roles[0]));
  CHECK(validate_together(holder(names), roles));
  roles.pop_back();
  CHECK_FALSE(validate_together(holder({"a", "b", "c", "d", "e"}), roles));
}

}  // namespace
}  // namespace auth
