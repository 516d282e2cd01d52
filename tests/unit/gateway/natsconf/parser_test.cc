#include "gateway/natsconf/parser.h"

#include <nlohmann/json.hpp>

#include "gateway/config/config.h"
#include "tests/support/catch.h"

using gateway::NatsList;
using gateway::NatsMap;
using gateway::NatsSurroundings;
using gateway::NatsValue;
using nlohmann::json;

namespace {

const std::map<std::string, std::string, std::less<>> kFiles{
    {"etc/more.conf", "X: true\nb: $X\n"},
    {"etc/sub/a.conf", "include b.conf"},
    {"etc/sub/b.conf", "c: 1"},
    {"etc/self.conf", "include self.conf"},
    {"etc/outer.conf", "d: $OUTER"},
    {"etc/twice.conf", "include twice.conf\ninclude twice.conf"},
    {"etc/wrong.conf", "a: 1\nb: [1"}};
const std::map<std::string, std::string, std::less<>> kEnvironment{
    {"NAME", "value"},     {"LIST", "[a, b]"}, {"LOOP", "$LOOP"},
    {"TEXT", "two words"}, {"NONE", ""},       {"BLANK", " "}};

template <class Map>
auto find_in(const Map& map) {
  return [&map](std::string_view name) -> std::optional<std::string> {
    const auto found = map.find(name);
    return found == map.end() ? std::nullopt : std::optional{found->second};
  };
}

NatsValue read(const std::string& text) {
  return gateway::read_nats_config(text, "etc/nats.conf", {find_in(kFiles), find_in(kEnvironment)});
}

std::string complaint(const std::string& text) {
  try {
    static_cast<void>(read(text));
  } catch (const auth::ConfigError& error) {
    return error.what();
  }
  return "none";
}

json dump(const NatsValue& value) {
  if (const auto* list = value.get<NatsList>()) {
    json all = json::array();
    for (const NatsValue& item : *list)
      all.push_back(dump(item));
    return all;
  }
  if (const auto* map = value.get<NatsMap>()) {
    json all = json::object();
    for (const auto& [key, item] : *map)
      all[key] = dump(item);
    return all;
  }
  if (const auto* text = value.get<std::string>()) return *text;
  if (const auto* yes = value.get<bool>()) return *yes;
  if (const auto* number = value.get<std::int64_t>()) return *number;
  return *value.get<double>();
}

}  // namespace

TEST_CASE("parser: each form of the language has the value that nats-server gives it",
          "[nats_config]") {
  struct Case {
    const char* text;
    const char* json;
  };
  const auto one = GENERATE(values<Case>({
      {"", "{}"},
      {"a: b", R"({"a":"b"})"},
      {"a = b", R"({"a":"b"})"},
      {"a b\nc=d;e:f,g h", R"({"a":"b","c":"d","e":"f","g":"h"})"},
      {"a \n b", R"({"a":"b"})"},
      {"a\u00a0: b", R"({"a":"b"})"},
      {"a { b: c }", R"({"a":{"b":"c"}})"},
      {"a {\n b: c; d:\n e, f g }", R"({"a":{"b":"c","d":"e","f":"g"}})"},
      {"{ \"a\": { 'b': [] } }", R"({"a":{"b":[]}})"},
      {"# one\na: b # two\n// three\nc: d // four", R"({"a":"b","c":"d"})"},
      {"a: b#c//d", R"({"a":"b#c//d"})"},
      {"a: [b, c\n d # e\n { f: g }, [h],]", R"({"a":["b","c","d",{"f":"g"},["h"]]})"},
      {"a: [1k, 2 , 1k]", R"({"a":[1000,2,"1k"]})"},
      {R"(a: "b\t\n\r\"\\\x41\x7a")", "{\"a\":\"b\\t\\n\\r\\\"\\\\Az\"}"},
      {R"(a: 'b\t"c')", R"({"a":"b\\t\"c"})"},
      {R"(a: b\x41\tc)", R"({"a":"bA\tc"})"},
      {"a: \"b\nc\"", R"({"a":"b\nc"})"},
      {"a: (\nb)\n c ) d\n)\n", R"({"a":"\nb)\n c ) d\n"})"},
      {"a: TRUE\nb: yes\nc: On\nd: false\ne: No\nf: OFF",
       R"({"a":true,"b":true,"c":true,"d":false,"e":false,"f":false})"},
      {"a: 'true'\nb: \"on\"\nc: ye\\x73", R"({"a":"true","b":"on","c":"yes"})"},
      {"a: -5\nb: 1k\nc: 1KB\nd: 1ki\ne: 2KiB\nf: 1m\ng: 1mb\nh: -1g\ni: 1Ti",
       R"({"a":-5,"b":1000,"c":1024,"d":1024,"e":2048,"f":1000000,"g":1048576,
           "h":-1000000000,"i":1099511627776})"},
      {"a: 1.5\nb: -2.25", R"({"a":1.5,"b":-2.25})"},
      {"a: 127.0.0.1:4222\nb: 2016-05-04T18:53:41Z\nc: 10s\nd: 1kx",
       R"({"a":"127.0.0.1:4222","b":"2016-05-04T18:53:41Z","c":"10s","d":"1kx"})"},
      {"a: b\na: c", R"({"a":"c"})"},
      {"A: b\nc: { d: $A }", R"({"A":"b","c":{"d":"b"}})"},
      {"A: b\nc: { A: d, e: [$A] }", R"({"A":"b","c":{"A":"d","e":["d"]}})"},
      {"A: {b: c}\nd: $A", R"({"A":{"b":"c"},"d":{"b":"c"}})"},
      {"a: $NAME\nb: $LIST", R"({"a":"value","b":["a","b"]})"},
      {"a: $NONE\nb: [$BLANK]", R"({"a":"","b":[""]})"},
      {"a: $2a$11$x.y/z", R"({"a":"$2a$11$x.y/z"})"},
      {"a: '$NAME'\nb: \"$NAME\"", R"({"a":"$NAME","b":"$NAME"})"},
      {"include more.conf\nc: $X", R"({"X":true,"b":true,"c":true})"},
      {"a { include \"more.conf\" }", R"({"a":{"X":true,"b":true}})"},
      {"INCLUDE '/sub/a.conf'; d: e", R"({"c":1,"d":"e"})"},
      {"include: a", R"({"include":"a"})"},
  }));
  CAPTURE(one.text);
  CHECK(dump(read(one.text)) == json::parse(one.json));
}

TEST_CASE("parser: what is not a configuration is refused with its file and line",
          "[nats_config]") {
  struct Case {
    std::string text;
    const char* complaint;
  };
  const auto bad = GENERATE(values<Case>({
      {"a", ":1: a key without a value"},
      {"a:\nb", ":1: a key without a value"},
      {"a { b: }", ":1: a key without a value"},
      {"a: b\n: c", ":2: a key is expected here"},
      {"a: b }", ":1: a \"}\" without a \"{\""},
      {"a {\nb: c\n", ":3: ends inside { }"},
      {"{ a: b\n", ":2: ends inside { }"},
      {"a: [b\n", ":2: ends inside [ ]"},
      {"a: [b,, c]", ":1: a comma without a value"},
      {"a: [b c]", ":1: a value must be followed"},
      {"a: b c", ":1: a value must be followed"},
      {"a: [1]\n", ":2: ends inside [ ]"},
      {"a: /b\nc: d /", ":2: a single \"/\""},
      {"a: 'b\n", ":1: a string without its closing quote"},
      {"\"a: b\n", ":1: a string without its closing quote"},
      {"a: (\nb\n)", ":1: \"(\" without a \")\""},
      {R"(a: "\q")", ":1: a backslash must be followed"},
      {R"(a: "\x4")", ":1: a backslash must be followed"},
      {"a: -b", ":1: a minus must be followed"},
      {"a: .5", ":1: a number must start with a digit"},
      {"a: 1.x", ":1: a dot in a number"},
      {"a: 12-34", ":1: a date must be in full"},
      {"a: 9223372036854775808", ":1: an integer out of range"},
      {"a: 1kbb", ":1: an integer with an unknown unit"},
      {std::string{"a: b\nc: d\0", 10}, ":2: holds a NUL byte"},
      {"a: $NOBODY", ":1: a variable that is set neither"},
      {"a: $2b$11$x", ":1: a variable that is set neither"},
      {"a: $b\nb: c", ":1: a variable that is set neither"},
      {"a: $LOOP", ":1: a variable whose value in the environment"},
      {"a: $TEXT", ":1: a variable whose value in the environment"},
      {"include gone.conf", "etc/nats.conf:1: cannot read the included file etc/gone.conf"},
      {"include", ":1: a key without a value"},
      {"include [a]", ":1: include must name a file"},
      {"include 'a\nb'", ":1: include must name a file"},
      {"a: b\ninclude wrong.conf", "etc/wrong.conf:2: ends inside [ ]"},
      {"include self.conf", "etc/self.conf:1: is included too deeply"},
      {"include twice.conf", "etc/twice.conf:1: is included too deeply"},
      {"OUTER: b\ninclude outer.conf", "etc/outer.conf:1: a variable that is set neither"},
      {"a: " + std::string(65, '['), ":1: is nested too deeply"},
      {"a: " + std::string(17 << 20, 'b'), ":1: the configuration is larger"},
  }));
  CAPTURE(bad.text.substr(0, 100));
  const std::string said = complaint(bad.text);
  CAPTURE(said);
  CHECK(said.find(bad.complaint) != std::string::npos);
  CHECK(said.find('\n') == std::string::npos);
}

TEST_CASE("parser: a nesting that variables make is bounded as one in the text is",
          "[nats_config]") {
  std::string text = "V0: [a]\n";
  const auto nest = [&](int from, int to) {
    for (int i = from; i < to; ++i)
      text += "V" + std::to_string(i) + ": [$V" + std::to_string(i - 1) + " ]\n";
  };
  nest(1, 64);
  CHECK(complaint(text) == "none");
  nest(64, 100'000);
  CHECK(complaint(text) == "etc/nats.conf:65: is nested too deeply");
}

TEST_CASE("parser: variables that refer to variables do not grow", "[nats_config]") {
  std::string text = "V0: [a]\n";
  for (int i = 1; i < 60; ++i) {
    const std::string one = "$V" + std::to_string(i - 1);
    text += "V" + std::to_string(i) + ": [" + one + ", " + one + ", " + one + " ]\n";
  }
  CHECK(complaint(text) == "none");
}

TEST_CASE("parser: a value knows its file and its line, and whether a variable refers to it",
          "[nats_config]") {
  const NatsValue root = read("# one\nA: b\nc: {\n d: [\n  e ]\n\n f: $A }\ninclude more.conf\n");
  const NatsMap& map = *root.get<NatsMap>();
  const NatsMap& c = *map.at("c").get<NatsMap>();
  CHECK(map.at("A").line == 2);
  CHECK(map.at("A").is_variable);
  CHECK(map.at("c").line == 3);
  CHECK_FALSE(map.at("c").is_variable);
  CHECK(c.at("d").get<NatsList>()->front().line == 5);
  CHECK(c.at("f").line == 7);
  CHECK_FALSE(c.at("f").is_variable);
  CHECK(*c.at("f").file == "etc/nats.conf");
  CHECK(*map.at("b").file == "etc/more.conf");
  CHECK(map.at("b").line == 2);
  CHECK(map.at("X").is_variable);
}

TEST_CASE("parser: no complaint shows a part of a password", "[nats_config]") {
  for (const std::string text :
       {"p: s3cret x", "p: $s3cret", "p: 's3cret", "p: s3cret\\q", "p: 1-s3cret", "p: -s3cret",
        "p: s3cret,s3cret", "p: \"a\"s3cret", "p: (s3cret", "p: 1s3cret s3cret", "a { p: s3cret"}) {
    CAPTURE(text);
    CHECK(complaint(text) != "none");
    CHECK(complaint(text).find("s3cret") == std::string::npos);
  }
}
