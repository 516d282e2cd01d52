#include "auth/base/json_object.h"

#include "tests/support/catch.h"

namespace auth {
namespace {

// The complaint about it, "path: message".
template <class Read>
std::string complaint(const char* text, Read read) {
  const nlohmann::json object = nlohmann::json::parse(text);
  std::optional<Invalid> wrong;
  JsonObject members{object, "", wrong};
  read(members);
  members.finish();
  return wrong ? wrong->field + ": " + wrong->message : "none";
}

std::string read_all(JsonObject& members) {
  std::string name = "default";
  std::uint32_t count = 7;
  std::vector<std::string> list;
  members.string("name", name);
  members.number("count", count, 1, 9);
  members.string_or_strings("list", list);
  members.object("inner", [](JsonObject& inner) {
    bool flag = false;
    inner.boolean("flag", flag);
  });
  for (const std::string& item : list)
    name += " " + item;
  return name + " " + std::to_string(count);
}

TEST_CASE("json_object: a member that is absent leaves its default", "[base]") {
  std::string read;
  const auto all = [&](JsonObject& members) { read = read_all(members); };
  CHECK(complaint("{}", all) == "none");
  CHECK(read == "default 7");
  CHECK(complaint(R"({"name":"a","count":9,"list":"b","inner":{"flag":true}})", all) == "none");
  CHECK(read == "a b 9");
  CHECK(complaint(R"({"list":["b","c"]})", all) == "none");
  CHECK(read == "default b c 7");
}

TEST_CASE("json_object: what is wrong in an object is named with its path, and without its value",
          "[base]") {
  const auto [text, said] = GENERATE(table<const char*, const char*>({
      {R"([7])", ": must be an object"},
      {R"({"name":7})", "name: must be a string"},
      {R"({"count":0})", "count: must be a whole number from 1 to 9"},
      {R"({"count":10})", "count: must be a whole number from 1 to 9"},
      {R"({"count":-1})", "count: must be a whole number from 1 to 9"},
      {R"({"count":4294967297})", "count: must be a whole number from 1 to 9"},
      {R"({"count":"1"})", "count: must be a whole number from 1 to 9"},
      {R"({"list":["s3cret",7]})",
       "list: must be a string, or an array of strings: [\"…\", \"…\"]"},
      {R"({"inner":"s3cret"})", "inner: must be an object"},
      {R"({"inner":{"flag":1}})", "inner.flag: must be true or false"},
      {R"({"inner":{"flags":true}})", "inner.flags: unknown key; did you mean \"flag\"?"},
      {R"({"nmae":"s3cret"})", "nmae: unknown key; did you mean \"name\"?"},
      {R"({"colour":"s3cret"})", "colour: unknown key; known here: name, count, list, inner"},
      {R"({"name":7,"colour":1})", "name: must be a string"},
  }));
  CAPTURE(text);
  CHECK(complaint(text, [](JsonObject& members) { read_all(members); }) == said);
}

TEST_CASE("json_object: a key that must be there is recognised in a misspelt one", "[base]") {
  const auto read = [](JsonObject& members) {
    std::string name;
    members.required_string("name", "whom it is for", name);
  };
  CHECK(complaint(R"({"name":"a"})", read) == "none");
  CHECK(complaint(R"({})", read) == "name: is missing: whom it is for");
  CHECK(complaint(R"({"name":""})", read) == "name: is missing: whom it is for");
  CHECK(complaint(R"({"names":"a"})", read) == "names: unknown key; did you mean \"name\"?");
}

TEST_CASE(
    "json_object: the object of an absent member has no members, and what nobody took of it is "
    "named",
    "[base]") {
  const auto read = [](JsonObject& members) {
    JsonObject accounts = members.child("accounts");
    for (const std::string& name : accounts.names()) {
      std::string id;
      JsonObject account = accounts.child(name);
      account.required_string("id", "its id", id);
      account.finish();
    }
  };
  CHECK(complaint(R"({})", read) == "none");
  CHECK(complaint(R"({"accounts":{"A":{"id":"1"},"B":{"id":"2"}}})", read) == "none");
  CHECK(complaint(R"({"accounts":{"A":{"id":"1"},"B":{}}})", read) ==
        "accounts.B.id: is missing: its id");
  CHECK(complaint(R"({"accounts":{"A":7}})", read) == "accounts.A: must be an object");
}

}  // namespace
}  // namespace auth
