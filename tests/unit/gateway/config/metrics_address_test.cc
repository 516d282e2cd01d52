#include "gateway/config/metrics_address.h"

#include "tests/support/catch.h"

using gateway::Config;
using gateway::metrics_address;
using gateway::read_metrics;

namespace {

// As `metrics` of a configuration: what it makes, or the complaint.
struct Metrics {
  explicit Metrics(const char* text) : json(nlohmann::json::parse(text)) {
    read_metrics(auth::JsonObject{json, "metrics", wrong}, config);
  }
  nlohmann::json json;
  std::optional<auth::Invalid> wrong;
  Config config;
};

}  // namespace

TEST_CASE("metrics_address: each instance of one configuration has its address", "[config]") {
  struct Case {
    const char* metrics;
    const char* instance;
    std::optional<std::string> address;
  };
  const auto row = GENERATE(values<Case>({
      {"{}", "credgate", "127.0.0.1:8422"},
      {"{}", "1", "127.0.0.1:8421"},
      {"{}", "2", "127.0.0.1:8422"},
      {"{}", "10", "127.0.0.1:8430"},
      {"{}", "999", "127.0.0.1:9419"},
      {"{}", "1000", "127.0.0.1:8422"},
      {"{}", "99999999999999999999", "127.0.0.1:8422"},
      {"{}", "a", "127.0.0.1:8422"},
      {"{}", "1a", "127.0.0.1:8422"},
      {R"({"listen":"10.0.0.1:9000"})", "1", "10.0.0.1:9000"},
      {R"({"listen":"10.0.0.1:9000"})", "a", "10.0.0.1:9000"},
      {R"({"listen":"off"})", "1", ""},
      {R"({"listen":{"a":"[::1]:9000","1":"off"}})", "a", "[::1]:9000"},
      {R"({"listen":{"a":"[::1]:9000","1":"off"}})", "1", ""},
      {R"({"listen":{"a":"[::1]:9000","1":"off"}})", "b", std::nullopt},
  }));
  CAPTURE(row.metrics, row.instance);
  const Metrics metrics{row.metrics};
  CHECK_FALSE(metrics.wrong);
  CHECK(metrics_address(metrics.config, row.instance) == row.address);
}

TEST_CASE("metrics_address: what is not an address is refused, of an instance too", "[config]") {
  struct Case {
    const char* metrics;
    const char* path;
  };
  const auto row = GENERATE(values<Case>({
      {R"({"listen":"8422"})", "metrics.listen"},
      {R"({"listen":8422})", "metrics.listen"},
      {R"({"listen":["127.0.0.1:8422"]})", "metrics.listen"},
      {R"({"listen":{"a":"8422"}})", "metrics.listen.a"},
      {R"({"listen":{"a":1}})", "metrics.listen.a"},
  }));
  CAPTURE(row.metrics);
  const Metrics metrics{row.metrics};
  REQUIRE(metrics.wrong);
  CHECK(metrics.wrong->field == row.path);
  CHECK(metrics.wrong->message.starts_with("must be \"ADDRESS:PORT\""));
}
