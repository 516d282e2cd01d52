#include "gateway/config.h"

#include <string>

#include "gateway/config_text.h"
#include "tests/unit/catch.h"

using gateway::Config;
using gateway::ConfigError;
using gateway::read_config;

namespace {

constexpr const char* kGood = R"(// a comment
{
  "nats": { "url": "nats://127.0.0.1:4222", "nkey": "gateway.nk" },
  "system": { "nkey": "system.nk" }, /* another */
  "callout": { "issuer": "issuer.nk", "xkey": "xkey.nk" },
  "accounts": ["APP", "OTHER"],
  "store": { "dir": "store" },
  "keys_dir": "keys",
  "master_key": "master.key",
  "region": "eu"
}
)";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string complaint(const std::string& text) {
  try {
    static_cast<void>(read_config(text, "/etc/x/credgate.conf"));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a configuration with comments is read, and relative paths are beside it") {
  const Config config = read_config(kGood, "/etc/x/credgate.conf");
  CHECK(config.nats.urls == std::vector<std::string>{"nats://127.0.0.1:4222"});
  CHECK(config.nats.nkey == "gateway.nk");
  CHECK(config.has_system);
  CHECK(config.system.urls == config.nats.urls);
  CHECK(config.system.nkey == "system.nk");
  CHECK(config.callout_account == "AUTH");
  CHECK(config.system_account == "SYS");
  CHECK(config.store.directory == "/etc/x/store");
  CHECK(config.store.map_bytes == std::size_t{64} << 30);
  CHECK(config.keys_dir == "/etc/x/keys");
  CHECK(config.leeway == std::chrono::seconds{30});
  CHECK(config.policy().accounts == std::vector<std::string>{"APP", "OTHER"});
  CHECK(config.policy().reserved == std::vector<std::string>{"AUTH", "SYS"});
  CHECK(config.policy().region == "eu");
}

TEST_CASE("what is wrong in a configuration is named with its line and its key") {
  struct Case {
    const char* what;
    std::string text;
    const char* complaint;
  };
  const auto bad = GENERATE(values<Case>({
      {"an unknown key", with("\"region\"", "\"colour\""), "credgate.conf:10: colour: unknown key"},
      {"a misspelt key", with("\"region\"", "\"regoin\""), "did you mean \"region\"?"},
      {"an unknown key inside", with("\"xkey\"", "\"xkeys\""),
       "credgate.conf:5: callout.xkeys: unknown"},
      {"a key twice", with("\"region\": \"eu\"", "\"keys_dir\": \"b\""),
       ":10: keys_dir: given twice; line 8"},
      {"no JSON", with("\"accounts\": [", "\"accounts\": "), "credgate.conf:6: not JSON"},
      {"cut off", std::string(kGood).substr(0, 90), "not JSON"},
      {"empty", "", "not JSON"},
      {"a list", "[]", "must be one JSON object"},
      {"a number for a text", with("\"eu\"", "7"), ":10: region: must be a text"},
      {"no url", with("\"url\": \"nats://127.0.0.1:4222\", ", ""), ":3: nats.url: is missing"},
      {"another scheme", with("nats://127", "http://127"), ":3: nats.url: must begin with nats://"},
      {"no issuer", with("\"issuer\": \"issuer.nk\", ", ""), ":5: callout.issuer: is missing"},
      {"no store", with("\"dir\": \"store\"", ""), ":7: store.dir: is missing"},
      {"no accounts", with("[\"APP\", \"OTHER\"]", "[]"), ":6: accounts: is missing"},
      {"a required key misspelt", with("\"accounts\"", "\"acounts\""),
       ":6: acounts: unknown key; did you mean \"accounts\"?"},
      {"no account name", with("\"OTHER\"", "\"O.R\""), ":6: accounts: \"O.R\" is no account name"},
      {"the callout account granted", with("\"OTHER\"", "\"AUTH\""),
       ":6: accounts: \"AUTH\" is the callout"},
      {"the system account granted", with("\"OTHER\"", "\"SYS\""),
       "accounts: \"SYS\" is the callout or"},
      {"no master key", with("\"master_key\": \"master.key\",", ""), "master_key: is missing"},
      {"a map size without unit", with("\"store\" }", "\"store\", \"map_size\": \"64\" }"),
       "store.map_size: must be"},
      {"a map size of nothing", with("\"store\" }", "\"store\", \"map_size\": \"0GiB\" }"),
       "store.map_size: must be"},
      {"no workers", with("\"eu\"", "\"eu\", \"workers\": 0"), "workers: must be 1 to 64"},
      {"negative workers", with("\"eu\"", "\"eu\", \"workers\": -1"),
       "workers: must be a whole number"},
      {"a leeway of a day", with("\"xkey.nk\"", "\"xkey.nk\", \"leeway\": \"1d\""),
       "callout.leeway: must be"},
      {"a certificate without its key",
       with("\"gateway.nk\"", "\"gateway.nk\", \"cert_file\": \"c.pem\""),
       "nats.cert_file: goes with key_file"},
  }));
  CAPTURE(bad.what);
  const std::string said = complaint(bad.text);
  CAPTURE(said);
  CHECK(said.find(bad.complaint) != std::string::npos);
  CHECK(said.find('\n') == std::string::npos);
}

TEST_CASE("every prefix of a configuration is refused or whole") {
  const std::string good = kGood;
  const std::size_t whole = good.rfind('}');
  for (std::size_t size = 0; size <= whole; ++size) {
    CAPTURE(size);
    CHECK(complaint(good.substr(0, size)) != "none");
  }
}

TEST_CASE("accounts, region and leeway change without a restart, everything else needs one") {
  const Config running = read_config(kGood, "/etc/x/credgate.conf");
  const auto left = [&](const std::string& text) {
    return gateway::needs_restart(running, read_config(text, "/etc/x/credgate.conf"));
  };
  CHECK(left(with("\"OTHER\"", "\"THIRD\"")).empty());
  CHECK(left(with("\"eu\"", "\"us\"")).empty());
  CHECK(left(with("\"xkey.nk\"", "\"xkey.nk\", \"leeway\": \"1m\"")).empty());
  CHECK(left(with("4222", "4223")) == std::vector<std::string>{"nats", "system"});
  CHECK(left(with("issuer.nk", "other.nk")) == std::vector<std::string>{"callout.issuer"});
  CHECK(left(with("\"dir\": \"store\"", "\"dir\": \"b\"")) ==
        std::vector<std::string>{"store.dir"});
}
