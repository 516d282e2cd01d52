// Which records are warned of, where the limit of it is. tests/e2e/warnings.test.mjs has each
// warning by each way in which a record comes.

#include "gateway/admin/operations/warnings.h"

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

TEST_CASE("warnings: a password of fewer than 8 characters, whatever their bytes", "[admin]") {
  for (const char* weak : {"a", "1234567", "ünbekän"}) {
    CAPTURE(weak);
    CHECK(password_warning(weak).starts_with("password: has fewer than 8 characters"));
  }
  for (const char* good : {"12345678", "ünbekänn", "correct horse battery staple"}) {
    CAPTURE(good);
    CHECK(password_warning(good).empty());
  }
}
