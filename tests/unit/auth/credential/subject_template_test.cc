#include "auth/credential/subject_template.h"

#include "tests/support/catch.h"

namespace auth {
namespace {

using List = std::vector<std::string>;

const List kTags{"site=berlin-1", "site.floor=3", "room=a b",     "none=",
                 "wild=*",        "deep=a.b",     "inbox=_INBOX", "braces={id}"};

TemplateValues values() {
  return {.id = "CGAAAAAAAAAAAAAAAAAA", .name = "pump_7", .tags = kTags};
}

Permissions permissions(List allow, List deny = {}) {
  return {
      .publish = {std::move(allow), std::move(deny)}, .subscribe = {{"x"}, {}}, .responses = {}};
}

TEST_CASE("subject_template: values stand where the templates stood", "[credential]") {
  const auto [text, expected] = GENERATE(table<const char*, const char*>({
      {"plain.>", "plain.>"},
      {"dev.{id}", "dev.CGAAAAAAAAAAAAAAAAAA"},
      {"{name}.>", "pump_7.>"},
      {"dev-{name}.{tag.site}.*", "dev-pump_7.berlin-1.*"},
      {"{name}{name}", "pump_7pump_7"},
      {"floor.{tag.site.floor}", "floor.3"},
      {"$JS.API.CONSUMER.INFO.S.{name}", "$JS.API.CONSUMER.INFO.S.pump_7"},
      {"_INBOX.{name}.>", "_INBOX.pump_7.>"},
  }));
  CAPTURE(text);
  CHECK_FALSE(template_error(text));
  CHECK(*expand_template(text, values()) == expected);
}

TEST_CASE("subject_template: only our templates may have braces", "[credential]") {
  const auto [text, message] = GENERATE(table<const char*, const char*>({
      {"a.{", "there are {id}, {name} and {tag.KEY}"},
      {"a.}", "there are {id}, {name} and {tag.KEY}"},
      {"a.{}", "there are {id}, {name} and {tag.KEY}"},
      {"a.{ID}", "there are {id}, {name} and {tag.KEY}"},
      {"a.{id", "there are {id}, {name} and {tag.KEY}"},
      {"a.{account}", "there are {id}, {name} and {tag.KEY}"},
      {"a.{tag.}", "there are {id}, {name} and {tag.KEY}"},
      {"a.{tag.Site}", "there are {id}, {name} and {tag.KEY}"},
      {"a.{tag.-x}", "there are {id}, {name} and {tag.KEY}"},
      {"a.{tag.*}", "there are {id}, {name} and {tag.KEY}"},
      {"a.{id}}", "there are {id}, {name} and {tag.KEY}"},
      {"a.{i{id}d}", "there are {id}, {name} and {tag.KEY}"},
      {"a.{{name()}}",
       "a template of nats-server (`{{name()…`), which means nothing here: write "
       "{name}"},
      {"a.{{subject()}}", "write {id}"},
      {"a.{{tag(site)}}", "write {tag.KEY}"},
      {"a.{{account-name()}}", "write the account's name"},
      {"a.{{id}}", "write {id}, {name} and {tag.KEY}"},
      {"_{name}.>", "a first token that begins with `_`"},
      {"_{tag.site.floor}", "a first token that begins with `_`"},
      {"_INBOX_{id}.>", "a first token that begins with `_`"},
  }));
  CAPTURE(text);
  const auto error = template_error(text);
  REQUIRE(error);
  CHECK(error->find(message) != std::string::npos);
  CHECK_FALSE(expand_template(text, values()));
}

TEST_CASE("subject_template: a key of a tag has at most 63 bytes", "[credential]") {
  CHECK_FALSE(template_error("a.{tag." + std::string(63, 'k') + "}"));
  CHECK(template_error("a.{tag." + std::string(64, 'k') + "}"));
}

TEST_CASE("subject_template: a value is one token, and makes no subject of inboxes",
          "[credential]") {
  const auto [text, reason] = GENERATE(table<const char*, const char*>({
      {"a.{tag.absent}", "the tag absent is not set"},
      {"a.{tag.sit}", "the tag sit is not set"},
      {"a.{tag.room}", "the tag room is not one token of A-Z, a-z, 0-9, `_` and `-`"},
      {"a.{tag.none}", "the tag none is not one token of A-Z, a-z, 0-9, `_` and `-`"},
      {"a.{tag.wild}", "the tag wild is not one token of A-Z, a-z, 0-9, `_` and `-`"},
      {"a.{tag.deep}", "the tag deep is not one token of A-Z, a-z, 0-9, `_` and `-`"},
      {"a.{tag.braces}", "the tag braces is not one token of A-Z, a-z, 0-9, `_` and `-`"},
      {"{tag.inbox}.>", "it would begin with `_`, as inboxes do"},
      {"{tag.inbox}{id}", "it would begin with `_`, as inboxes do"},
  }));
  CAPTURE(text);
  CHECK_FALSE(template_error(text));
  const auto expanded = expand_template(text, values());
  REQUIRE_FALSE(expanded);
  CHECK(expanded.error() == Unexpandable{text, reason});
}

TEST_CASE("subject_template: a name with a space or a dot is not a value", "[credential]") {
  for (const auto* name : {"Pump 7", "pump.7", ">", "*", "pümp", "a\nb"}) {
    CAPTURE(name);
    const auto expanded = expand_template("a.{name}", {.id = "x", .name = name, .tags = {}});
    REQUIRE_FALSE(expanded);
    CHECK(expanded.error().reason == "the name is not one token of A-Z, a-z, 0-9, `_` and `-`");
  }
}

TEST_CASE("subject_template: a sample shows the shape", "[credential]") {
  CHECK(fill_templates("S-{tag.site}", "x") == "S-x");
  CHECK(fill_templates("{id}", "0") == "0");
  CHECK(fill_templates("{id", "x") == "{id");
  CHECK(fill_templates("{name}.{nope}", "x") == "x.{nope}");
}

TEST_CASE("subject_template: permissions without templates stay as they are", "[credential]") {
  const Permissions as_they_are{
      .publish = {{}, {">"}}, .subscribe = {{"a", "b"}, {"c"}}, .responses = Responses{}};
  const auto expanded = expand_templates(as_they_are, values());
  REQUIRE(expanded);
  CHECK(expanded->permissions == as_they_are);
  CHECK(expanded->dropped.empty());
}

TEST_CASE("subject_template: an allow entry without a value is dropped, and the others stay sorted",
          "[credential]") {
  const auto expanded =
      expand_templates(permissions({"a", "b.{tag.absent}", "{name}.z"}, {"q.{id}"}), values());
  REQUIRE(expanded);
  CHECK(expanded->permissions.publish ==
        SubjectLists{{"a", "pump_7.z"}, {"q.CGAAAAAAAAAAAAAAAAAA"}});
  CHECK(expanded->dropped ==
        std::vector<Unexpandable>{{"b.{tag.absent}", "the tag absent is not set"}});
}

TEST_CASE("subject_template: an allow list of which nothing is left allows nothing",
          "[credential]") {
  const auto expanded = expand_templates(permissions({"b.{tag.absent}"}, {"z"}), values());
  REQUIRE(expanded);
  CHECK(expanded->permissions.publish == SubjectLists{{}, {">", "z"}});
}

TEST_CASE("subject_template: a deny entry without a value refuses all", "[credential]") {
  for (const bool publish : {true, false}) {
    CAPTURE(publish);
    Permissions p = permissions({"a"});
    (publish ? p.publish : p.subscribe).deny = {"b", "c.{tag.absent}"};
    const auto expanded = expand_templates(p, values());
    REQUIRE_FALSE(expanded);
    CHECK(expanded.error() == Unexpandable{"c.{tag.absent}", "the tag absent is not set"});
  }
}

TEST_CASE("subject_template: braces outside a template allow nothing and refuse where they deny",
          "[credential]") {
  CHECK_FALSE(expand_templates(permissions({"a"}, {"c.{nope}"}), values()));
  const auto expanded = expand_templates(permissions({"c.{nope}", "d"}), values());
  REQUIRE(expanded);
  CHECK(expanded->permissions.publish == SubjectLists{{"d"}, {}});
}

TEST_CASE("subject_template: entries that become the same are one", "[credential]") {
  const auto expanded = expand_templates(permissions({"pump_7", "{name}"}), values());
  REQUIRE(expanded);
  CHECK(expanded->permissions.publish.allow == List{"pump_7"});
}

TEST_CASE("subject_template: what grows beyond a user JWT is refused", "[credential]") {
  const std::string name(128, 'n');
  const TemplateValues long_name{.id = "x", .name = name, .tags = {}};
  List allow;
  for (int i = 0; i < 4'000; ++i)
    allow.push_back("{name}." + std::to_string(i));
  CHECK(expand_templates(permissions(allow), values()));
  for (auto& entry : allow)
    entry += "{name}";
  const auto expanded = expand_templates(permissions(allow), long_name);
  REQUIRE_FALSE(expanded);
  CHECK(expanded.error().entry.empty());
}

}  // namespace
}  // namespace auth
