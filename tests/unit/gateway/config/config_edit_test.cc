#include "gateway/config/config.h"
#include "gateway/config/config_reader.h"
#include "tests/support/catch.h"

namespace gateway {
namespace {

constexpr const char* kText = R"({
  // the gateway's own
  "callout": { "xkey": /* one */ "xkey.nk", "issuer": [ "a.nk", "b.nk" ] }, // behind
  "workers": 2,
  "nested": { "list": [ { "xkey": "not this" } ] }
}
)";

TEST_CASE("config_edit: a list of names is replaced, and nothing else in the file", "[config]") {
  const std::string changed = with_strings(kText, "f", "callout.xkey", {"new.nk", "xkey.nk"});
  CHECK(changed == R"({
  // the gateway's own
  "callout": { "xkey": ["new.nk","xkey.nk"], "issuer": [ "a.nk", "b.nk" ] }, // behind
  "workers": 2,
  "nested": { "list": [ { "xkey": "not this" } ] }
}
)");
  CHECK(with_strings(changed, "f", "callout.issuer", {"b.nk"}).find(R"("issuer": "b.nk" })") !=
        std::string::npos);
}

TEST_CASE("config_edit: what is not a string and not an array of strings is not replaced",
          "[config]") {
  for (const char* path : {"callout", "callout.none", "workers", "xkey", ""})
    CHECK_THROWS_AS(with_strings(kText, "f", path, {"x"}), auth::ConfigError);
}

TEST_CASE("config_edit: a file that is not JSON is refused with its line", "[config]") {
  CHECK_THROWS_WITH(with_strings("{\n \"a\": \"b\",,}", "f", "a", {"x"}),
                    Catch::Matchers::StartsWith("f:2: "));
}

}  // namespace
}  // namespace gateway
