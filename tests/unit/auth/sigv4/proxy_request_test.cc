#include "auth/sigv4/proxy_request.h"

#include <functional>

#include "tests/support/catch.h"
#include "tests/support/make_signed.h"

namespace auth {
namespace {

TEST_CASE("proxy_request: a description of a request is read as it was written", "[sigv4]") {
  Json json = made::Signed{}.json();
  json["headers"].push_back({"Host", " twice "});
  json["query"] = "a=%2F";
  const auto read = read_sigv4_request(json.dump());
  REQUIRE(read);
  CHECK(read->head.method == "POST");
  CHECK(read->head.path == "/");
  CHECK(read->head.query == "a=%2F");
  REQUIRE(read->head.headers.size() == 4);
  CHECK(read->head.headers[0] == std::pair<std::string, std::string>{"Host", "sqs.example.com"});
  CHECK(read->head.headers[3] == std::pair<std::string, std::string>{"Host", " twice "});
  CHECK(read->head.payload_sha256 == sha256_hex("x"));
  CHECK(read->service == "sqs");
  CHECK(read->region == "eu");
  CHECK(read->source == "192.0.2.7");
  CHECK_FALSE(header_of(read->head, "host"));
  CHECK(header_of(read->head, "x-amz-date") == made::Signed{}.date());
}

TEST_CASE(
    "proxy_request: a body is hashed here where it comes whole, and query and source may be absent",
    "[sigv4]") {
  Json json = made::Signed{}.json();
  json.erase("payload_sha256");
  json.erase("query");
  json.erase("source");
  json["payload_base64"] = "eA==";
  const auto read = read_sigv4_request(json.dump());
  REQUIRE(read);
  CHECK(read->head.payload_sha256 == sha256_hex("x"));
  CHECK(read->source.empty());
}

TEST_CASE("proxy_request: a description that is none is refused by the member that is wrong",
          "[sigv4]") {
  struct Row {
    const char* what;
    std::function<void(Json&)> change;
    const char* field;
  };
  const auto without = [](const char* name) { return [name](Json& json) { json.erase(name); }; };
  const auto with = [](const char* name, const Json& value) {
    return [name, value](Json& json) { json[name] = value; };
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"no method", without("method"), "method"},
      {"no path", without("path"), "path"},
      {"no headers", without("headers"), "headers"},
      {"no service", without("service"), "service"},
      {"no region", without("region"), "region"},
      {"a region of null", with("region", nullptr), "region"},
      {"an empty service", with("service", ""), "service"},
      {"an empty region", with("region", ""), "region"},
      {"no payload", without("payload_sha256"), "payload_sha256"},
      {"two payloads", with("payload_base64", "eA=="), "payload_sha256"},
      {"a payload in other base64",
       [](Json& json) {
         json.erase("payload_sha256");
         json["payload_base64"] = "eA";
       },
       "payload_base64"},
      {"a number", with("path", 1), "path"},
      {"a text for headers", with("headers", "Host: x"), "headers"},
      {"an object for headers", with("headers", {{"Host", "x"}}), "headers"},
      {"a header of one", with("headers", {{"Host"}}), "headers"},
      {"a header of three", with("headers", {{"Host", "x", "y"}}), "headers"},
      {"a header's value that is a list", with("headers", {{"Host", {"x"}}}), "headers"},
      {"a source that is not an address", with("source", "client.example.com"), "source"},
      {"an empty source", with("source", ""), "source"},
      {"a member that is unknown", with("body", "x"), "body"},
  }));
  Json json = made::Signed{}.json();
  row.change(json);
  CAPTURE(row.what);
  const auto read = read_sigv4_request(json.dump());
  REQUIRE_FALSE(read);
  CHECK(read.error().field == row.field);
}

TEST_CASE("proxy_request: what is not an object, or has a member twice, is refused", "[sigv4]") {
  for (const char* text : {"", "[]", "null", "1", "\"x\"", "{", "{}x"}) {
    CAPTURE(text);
    CHECK_FALSE(read_sigv4_request(text));
  }
  const std::string good = made::Signed{}.json().dump();
  CHECK_FALSE(read_sigv4_request("{\"path\":\"/other\"," + good.substr(1)));
  CHECK_FALSE(read_sigv4_request(std::string(100'000, '[')));
  CHECK_FALSE(read_sigv4_request(good + std::string("\0 more", 6)));
}

}  // namespace
}  // namespace auth
