#include "gateway/config/config.h"

#include <string>

#include "gateway/config/config_reader.h"
#include "tests/support/catch.h"

using auth::ConfigError;
using gateway::Config;
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
  } catch (const auth::ConfigError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("config: several servers are an array or a list with commas", "[config]") {
  const auto urls = [](const std::string& value) {
    return read_config(with("\"nats://127.0.0.1:4222\"", value), "c").nats.urls;
  };
  const std::vector<std::string> both = {"nats://a:4222", "nats://b:4223"};
  CHECK(urls(R"(["nats://a:4222", "nats://b:4223"])") == both);
  CHECK(urls(R"("nats://a:4222,nats://b:4223")") == both);
  CHECK(urls(R"(["nats://a, nats://b:4223"])") == both);
  CHECK(urls(R"(["nats://a", "tls://b:4223"])") ==
        std::vector<std::string>{"tls://a:4222", "tls://b:4223"});
}

TEST_CASE("config: servers are discovered unless that is switched off, for `system` too",
          "[config]") {
  const auto nats = [](const std::string& more) {
    return read_config(with("\"nats://127.0.0.1:4222\"", "\"nats://127.0.0.1:4222\"" + more), "c");
  };
  CHECK(nats("").nats.discover);
  CHECK(nats("").system.discover);
  CHECK_FALSE(nats(R"(, "discover": false)").nats.discover);
  CHECK_FALSE(nats(R"(, "discover": false)").system.discover);
}

TEST_CASE("config: a configuration with comments is read, and relative paths are beside it",
          "[config]") {
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
  CHECK(config.store.head_directory == "/etc/x/store.head");
  CHECK(config.keys_dir == "/etc/x/keys");
  CHECK(config.leeway == std::chrono::seconds{30});
  CHECK(config.policy().accounts == std::vector<std::string>{"APP", "OTHER"});
  CHECK(config.policy().reserved == std::vector<std::string>{"AUTH", "SYS"});
  CHECK(config.policy().region == "eu");
  CHECK(config.metrics_listen == "127.0.0.1:8422");
  CHECK(config.run_dir == "/run/credgate");
  CHECK(config.log_format == gateway::LogFormat::text);
}

TEST_CASE("config: what is wrong in a configuration is named with its line and its key",
          "[config]") {
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
      {"a number for a string", with("\"eu\"", "7"), ":10: region: must be a string"},
      {"no url", with("\"url\": \"nats://127.0.0.1:4222\", ", ""), ":3: nats.url: is missing"},
      {"another scheme", with("nats://127", "http://127"),
       ":3: nats.url: \"http://127.0.0.1:4222\" must be nats://host:4222 or tls://host:4222"},
      {"a list with an empty entry", with(":4222\"", ":4222,\""),
       ":3: nats.url: has an empty entry"},
      {"a second url that is none", with("\"nats://127.0.0.1:4222\"", "[\"nats://a\", \"b:x\"]"),
       ":3: nats.url: \"b:x\" must be nats://"},
      {"a password in a url", with("nats://127", "nats://bob:hunter2@127"),
       ":3: nats.url: must not hold a user or a password"},
      {"a url of the system account that is none",
       with("\"system.nk\"", "\"system.nk\", \"url\": \"nats://\""),
       ":4: system.url: \"nats://\" must be"},
      {"no issuer", with("\"issuer\": \"issuer.nk\", ", ""), ":5: callout.issuer: is missing"},
      {"an empty issuer", with("\"issuer.nk\"", "\"\""), ":5: callout.issuer: "},
      {"an empty issuer among others", with("\"issuer.nk\"", "[\"issuer.nk\", \"\"]"),
       ":5: callout.issuer: "},
      {"no issuer in a list", with("\"issuer.nk\"", "[]"), ":5: callout.issuer: is missing"},
      {"an issuer that is a number", with("\"issuer.nk\"", "7"),
       ":5: callout.issuer: must be a string, or an array of strings"},
      {"an xkey that is none", with("\"xkey.nk\"", "[true]"),
       ":5: callout.xkey: must be a string, or an array of strings"},
      {"an empty xkey", with("\"xkey.nk\"", "\"\""), ":5: callout.xkey: "},
      {"another mode", with("\"xkey.nk\"", "\"xkey.nk\", \"mode\": \"Operator\""),
       ":5: callout.mode: must be \"config\""},
      {"sentinels in configuration mode", with("\"xkey.nk\"", "\"xkey.nk\", \"sentinels\": []"),
       ":5: callout.sentinels: unknown key"},
      {"accounts as operator mode has them", with("[\"APP\", \"OTHER\"]", "{ \"APP\": {} }"),
       ":6: accounts: must be a string, or an array of strings"},
      {"a seed and credentials both", with("\"gateway.nk\"", "\"a\", \"creds\": \"b\""),
       ":3: nats.creds: is only for operator mode"},
      {"neither a seed nor credentials", with(", \"nkey\": \"gateway.nk\"", ""),
       ":3: nats.nkey: is missing: the name of a user seed"},
      {"neither for the system account", with("\"nkey\": \"system.nk\"", ""),
       ":4: system.nkey: is missing"},
      {"master keys that are numbers", with("\"master.key\"", "[1]"),
       ":9: master_key: must be a string, or an array of strings"},
      {"an empty master key", with("\"master.key\"", "\"\""), ":9: master_key: "},
      {"no store", with("\"dir\": \"store\"", ""), ":7: store.dir: is missing"},
      {"no accounts", with("[\"APP\", \"OTHER\"]", "[]"), ":6: accounts: is missing"},
      {"a required key misspelt", with("\"accounts\"", "\"acounts\""),
       ":6: acounts: unknown key; did you mean \"accounts\"?"},
      {"no account name", with("\"OTHER\"", "\"O.R\""),
       ":6: accounts: \"O.R\" is not an account name"},
      {"the callout account granted", with("\"OTHER\"", "\"AUTH\""),
       ":6: accounts: \"AUTH\" is the callout"},
      {"the system account granted", with("\"OTHER\"", "\"SYS\""),
       "accounts: \"SYS\" is the callout or"},
      {"no master key", with("\"master_key\": \"master.key\",", ""), "master_key: is missing"},
      {"a head inside the store", with("\"store\" }", "\"store\", \"head_dir\": \"store/head\" }"),
       "store.head_dir: must be outside of `dir`"},
      {"a head that is the store", with("\"store\" }", "\"./store/\", \"head_dir\": \"store\" }"),
       "store.head_dir: must be outside of `dir`"},
      {"a map size without unit", with("\"store\" }", "\"store\", \"map_size\": \"64\" }"),
       "store.map_size: must be"},
      {"a map size of nothing", with("\"store\" }", "\"store\", \"map_size\": \"0GiB\" }"),
       "store.map_size: must be"},
      {"no workers", with("\"eu\"", "\"eu\", \"workers\": 0"),
       "workers: must be a whole number from 1 to 64"},
      {"metrics on no address", with("\"eu\"", "\"eu\", \"metrics\": { \"listen\": \"8422\" }"),
       "metrics.listen: must be \"ADDRESS:PORT\""},
      {"a misspelt member of metrics", with("\"eu\"", "\"eu\", \"metrics\": { \"port\": 1 }"),
       "metrics.port: unknown key"},
      {"another form of the log", with("\"eu\"", "\"eu\", \"log\": { \"format\": \"xml\" }"),
       "log.format: must be \"text\" or \"json\""},
      {"a run_dir that is a number", with("\"eu\"", "\"eu\", \"run_dir\": 1"),
       "run_dir: must be a string"},
      {"negative workers", with("\"eu\"", "\"eu\", \"workers\": -1"),
       "workers: must be a whole number"},
      {"a leeway of a day", with("\"xkey.nk\"", "\"xkey.nk\", \"leeway\": \"1d\""),
       "callout.leeway: must be"},
      {"a certificate without its key",
       with("\"gateway.nk\"", "\"gateway.nk\", \"cert_file\": \"c.pem\""),
       "nats.cert_file: must be set together with key_file"},
  }));
  CAPTURE(bad.what);
  const std::string said = complaint(bad.text);
  CAPTURE(said);
  CHECK(said.find(bad.complaint) != std::string::npos);
  CHECK(said.find('\n') == std::string::npos);
}

TEST_CASE("config: a key may be one name or a list of them", "[config]") {
  const Config one = read_config(kGood, "/etc/x/credgate.conf");
  CHECK(one.issuers == std::vector<std::string>{"issuer.nk"});
  CHECK(one.xkeys == std::vector<std::string>{"xkey.nk"});
  CHECK(one.master_keys == std::vector<std::string>{"master.key"});
  const auto list = [](const std::string& from, const std::string& to) {
    return read_config(with(from, to), "/etc/x/credgate.conf");
  };
  const std::vector<std::string> two = {"b", "a"};
  CHECK(list("\"issuer.nk\"", "[\"b\", \"a\"]").issuers == two);
  CHECK(list("\"xkey.nk\"", "[\"b\", \"a\"]").xkeys == two);
  CHECK(list("\"master.key\"", "[\"b\", \"a\"]").master_keys == two);
  CHECK(list(", \"xkey\": \"xkey.nk\"", "").xkeys.empty());
  CHECK(list("\"xkey.nk\"", "[]").xkeys.empty());
}

TEST_CASE("config: the cost and the password queue are read, each with a default and bounds",
          "[config]") {
  const auto with_passwords = [](const std::string& section) {
    return with("\"eu\"", "\"eu\",\n\"passwords\": " + section);
  };
  const auto passwords = [&](const std::string& section) {
    return read_config(with_passwords(section), "/etc/x/credgate.conf").passwords;
  };
  CHECK(passwords("{}").cost == auth::PasswordCost{});
  CHECK(passwords("{}").threads == 1);
  CHECK(passwords("{}").queue == 64);
  const auto all =
      passwords(R"({ "memory": "8MiB", "iterations": 10, "threads": 64, "queue": 1000 })");
  CHECK(all.cost == auth::PasswordCost{.memory_bytes = 8 << 20, .iterations = 10});
  CHECK(all.threads == 64);
  CHECK(all.queue == 1000);
  CHECK(passwords(R"({ "memory": "256MiB" })").cost.memory_bytes == 256 << 20);
  CHECK(passwords(R"({ "memory": "8193KiB" })").cost.memory_bytes == 8193 << 10);
  const Config config = read_config(with_passwords(R"({ "iterations": 3 })"), "/etc/x/c.conf");
  CHECK(config.policy().password_cost.iterations == 3);

  const auto [section, said] = GENERATE(table<const char*, const char*>({
      {R"({ "memory": "4MiB" })", ":11: passwords.memory: must be 8MiB to 256MiB"},
      {R"({ "memory": "8191KiB" })", ":11: passwords.memory: must be 8MiB to 256MiB"},
      {R"({ "memory": "257MiB" })", ":11: passwords.memory: must be 8MiB to 256MiB"},
      {R"({ "memory": 64 })", ":11: passwords.memory: must be a size"},
      {R"({ "memory": "64" })", ":11: passwords.memory: must be a size"},
      {R"({ "iterations": 0 })", ":11: passwords.iterations: must be a whole number from 1 to 10"},
      {R"({ "iterations": 11 })", ":11: passwords.iterations: must be a whole number from 1 to 10"},
      {R"({ "iterations": -1 })", ":11: passwords.iterations: must be a whole number"},
      {R"({ "iterations": 4294967297 })",
       ":11: passwords.iterations: must be a whole number from 1 to 10"},
      {R"({ "memory": "256MiB", "iterations": 5 })", ":11: passwords.iterations: "},
      {R"({ "threads": 0 })", ":11: passwords.threads: must be a whole number from 1 to 64"},
      {R"({ "threads": 65 })", ":11: passwords.threads: must be a whole number from 1 to 64"},
      {R"({ "queue": 0 })", ":11: passwords.queue: must be a whole number from 1 to 1000"},
      {R"({ "queue": 1001 })", ":11: passwords.queue: must be a whole number from 1 to 1000"},
      {R"({ "lanes": 1 })", ":11: passwords.lanes: unknown key"},
      {R"(["memory"])", ":11: passwords: must be an object"},
  }));
  CAPTURE(section);
  CHECK(complaint(with_passwords(section)).find(said) != std::string::npos);
}

TEST_CASE("config: the throttle is read, each setting with a default and bounds", "[config]") {
  const auto with_throttle = [](const std::string& section) {
    return with("\"eu\"", "\"eu\",\n\"throttle\": " + section);
  };
  const auto throttle = [&](const std::string& section) {
    return read_config(with_throttle(section), "/etc/x/credgate.conf").throttle;
  };
  CHECK(throttle("{}") == gateway::ThrottleConfig{});
  const auto all = throttle(
      R"({ "login": 0, "source": 1000000, "window": "24h", "exempt": ["10.0.0.0/8", "::1"] })");
  CHECK(all.login == 0);
  CHECK(all.source == 1'000'000);
  CHECK(all.window == std::chrono::hours{24});
  REQUIRE(all.exempt.size() == 2);
  CHECK(auth::write_cidr(all.exempt[0]) == "10.0.0.0/8");
  CHECK(auth::write_cidr(all.exempt[1]) == "::1/128");
  CHECK(throttle(R"({ "exempt": "192.0.2.7" })").exempt.size() == 1);

  const auto [section, said] = GENERATE(table<const char*, const char*>({
      {R"({ "login": -1 })", ":11: throttle.login: must be a whole number"},
      {R"({ "login": 1000001 })", ":11: throttle.login: must be a whole number from 0 to 1000000"},
      {R"({ "source": 4294967297 })",
       ":11: throttle.source: must be a whole number from 0 to 1000000"},
      {R"({ "source": "100" })", ":11: throttle.source: must be a whole number"},
      {R"({ "window": "0s" })", ":11: throttle.window: must be a duration up to a day"},
      {R"({ "window": "25h" })", ":11: throttle.window: must be a duration up to a day"},
      {R"({ "window": 600 })", ":11: throttle.window: must be a duration"},
      {R"({ "exempt": ["10.0.0.1/8"] })",
       ":11: throttle.exempt: must be addresses or address ranges"},
      {R"({ "exempt": ["lb.example.com"] })",
       ":11: throttle.exempt: must be addresses or address ranges"},
      {R"({ "exempted": [] })", ":11: throttle.exempted: unknown key; did you mean"},
      {R"([])", ":11: throttle: must be an object"},
  }));
  CAPTURE(section);
  CHECK(complaint(with_throttle(section)).find(said) != std::string::npos);
}

TEST_CASE("config: a cost that the configuration takes is one that a password can be hashed at",
          "[config]") {
  for (const int mebibytes : {8, 64, 100, 128, 255, 256}) {
    for (int iterations = 1; iterations <= 10; ++iterations) {
      const std::string text =
          with("\"eu\"", "\"eu\", \"passwords\": { \"memory\": \"" + std::to_string(mebibytes) +
                             "MiB\", \"iterations\": " + std::to_string(iterations) + " }");
      CAPTURE(mebibytes, iterations);
      const bool taken = complaint(text) == "none";
      const std::size_t bytes = static_cast<std::size_t>(mebibytes) << 20;
      CHECK(taken == auth::valid_password_cost({bytes, static_cast<std::uint64_t>(iterations)}));
    }
  }
}

TEST_CASE("config: every prefix of a configuration is refused or whole", "[config]") {
  const std::string good = kGood;
  const std::size_t whole = good.rfind('}');
  for (std::size_t size = 0; size <= whole; ++size) {
    CAPTURE(size);
    CHECK(complaint(good.substr(0, size)) != "none");
  }
}

TEST_CASE("config: accounts, region and leeway change without a restart, everything else needs one",
          "[config]") {
  const Config running = read_config(kGood, "/etc/x/credgate.conf");
  const auto left = [&](const std::string& text) {
    return gateway::needs_restart(running, read_config(text, "/etc/x/credgate.conf"));
  };
  CHECK(left(with("\"OTHER\"", "\"THIRD\"")).empty());
  CHECK(left(with("\"eu\"", "\"us\"")).empty());
  CHECK(left(with("\"xkey.nk\"", "\"xkey.nk\", \"leeway\": \"1m\"")).empty());
  CHECK(left(with("4222", "4223")) == std::vector<std::string>{"nats", "system"});
  CHECK(left(with("issuer.nk", "other.nk")) == std::vector<std::string>{"callout.issuer"});
  CHECK(left(with("\"issuer.nk\"", "[\"issuer.nk\"]")).empty());
  CHECK(left(with("\"issuer.nk\"", "[\"issuer.nk\", \"b\"]")) ==
        std::vector<std::string>{"callout.issuer"});
  CHECK(left(with("\"xkey.nk\"", "[\"b\", \"xkey.nk\"]")) ==
        std::vector<std::string>{"callout.xkey"});
  CHECK(left(with("\"master.key\"", "[\"b\", \"master.key\"]")) ==
        std::vector<std::string>{"master_key"});
  CHECK(left(with("\"eu\"", "\"eu\", \"passwords\": { \"memory\": \"32MiB\" }")) ==
        std::vector<std::string>{"passwords"});
  CHECK(left(with("\"eu\"", "\"eu\", \"passwords\": { \"threads\": 2 }")) ==
        std::vector<std::string>{"passwords"});
  CHECK(left(with("\"eu\"", "\"eu\", \"passwords\": {}")).empty());
  CHECK(left(with("\"dir\": \"store\"", "\"dir\": \"b\"")) ==
        std::vector<std::string>{"store.dir", "store.head_dir"});
}
