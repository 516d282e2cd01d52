#include "gateway/config/keys.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/stat.h>

#include "tests/support/catch.h"
#include "tests/support/other_user.h"
#include "tests/support/temp_dir.h"

using auth::ConfigError;
using auth::Prefix;
using gateway::Config;

namespace {

constexpr const char* kSeed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
constexpr const char* kMaster = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

void write(const std::filesystem::path& file, const std::string& text, mode_t mode) {
  std::ofstream{file} << text;
  REQUIRE(chmod(file.c_str(), mode) == 0);
}

Config config_in(const std::filesystem::path& dir) {
  Config config;
  config.file = dir / "credgate.conf";
  config.keys_dir = dir;
  config.master_keys = {"master.key"};
  return config;
}

std::string complaint(const Config& config) {
  try {
    static_cast<void>(gateway::load_seed(config, "a.nk", Prefix::user));
  } catch (const auth::ConfigError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("keys: a key file holds one line, and its end is of no matter", "[config]") {
  const TempDir dir;
  const Config config = config_in(dir.path());
  for (const char* end : {"", "\n", "\r\n"}) {
    write(dir.path() / "a.nk", std::string(kSeed) + end, 0600);
    CHECK(write_public_key(gateway::load_seed(config, "a.nk", Prefix::user).public_key()).front() ==
          'U');
    write(dir.path() / "master.key", std::string(kMaster) + end, 0600);
    CHECK(gateway::load_master_keys(config).current().text().view() == kMaster);
  }
}

TEST_CASE("keys: a key file that is wrong is refused by name, and never shown", "[config]") {
  struct Case {
    const char* what;
    std::string text;
    mode_t mode;
    const char* complaint;
  };
  const std::string seed = kSeed;
  const auto bad = GENERATE_COPY(values<Case>({
      {"readable by the group", seed, 0640, "other users can read or write"},
      {"readable by others", seed, 0604, "other users can read or write"},
      {"writable by others", seed, 0602, "other users can read or write"},
      {"empty", "", 0600, "must hold a user seed"},
      {"one letter off", "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H777Y", 0600,
       "must hold"},
      {"a seed of another type", "SAAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4HYMHI", 0600,
       "must hold"},
      {"two lines", seed + "\n" + seed, 0600, "must hold"},
      {"larger than any key", std::string(100'000, 'S'), 0600, "must hold"},
  }));
  CAPTURE(bad.what);
  const TempDir dir;
  write(dir.path() / "a.nk", bad.text, bad.mode);
  const std::string said = complaint(config_in(dir.path()));
  CAPTURE(said);
  CHECK(said.find(bad.complaint) != std::string::npos);
  CHECK(said.find("a.nk") != std::string::npos);
  CHECK(said.find("AAAAICAMCAKBQ") == std::string::npos);
}

TEST_CASE("keys: several master keys are loaded in their order, the newest first", "[config]") {
  const TempDir dir;
  Config config = config_in(dir.path());
  config.master_keys = {"new.key", "old.key"};
  const std::string old_key(43, 'A');
  write(dir.path() / "new.key", kMaster, 0600);
  write(dir.path() / "old.key", old_key, 0600);
  const auth::MasterKeys keys = gateway::load_master_keys(config);
  REQUIRE(keys.all().size() == 2);
  CHECK(keys.current().text().view() == kMaster);
  CHECK(keys.all()[1].text().view() == old_key);
}

TEST_CASE("keys: one master key that is wrong is refused by name, among others", "[config]") {
  const TempDir dir;
  Config config = config_in(dir.path());
  config.master_keys = {"new.key", "old.key"};
  write(dir.path() / "new.key", kMaster, 0600);
  const auto said = [&] {
    try {
      static_cast<void>(gateway::load_master_keys(config));
    } catch (const auth::ConfigError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  CHECK(said().find("old.key: the key is missing") != std::string::npos);
  write(dir.path() / "old.key", "AAAA", 0600);
  CHECK(said().find("old.key: is not a master key") != std::string::npos);
  CHECK(said().find("AAAA") == std::string::npos);
  write(dir.path() / "old.key", kMaster, 0644);
  CHECK(said().find("old.key: other users can read") != std::string::npos);
}

TEST_CASE("keys: a key file that is not there, or is a directory, is refused by name", "[config]") {
  const TempDir dir;
  CHECK(complaint(config_in(dir.path())).find("a.nk: the key is missing") != std::string::npos);
  std::filesystem::create_directory(dir.path() / "a.nk");
  CHECK(complaint(config_in(dir.path())).find("a.nk: is not a regular file") != std::string::npos);
}

TEST_CASE("keys: a missing key is called that under systemd too, in the words of the runbook",
          "[config]") {
  std::ifstream in{CREDGATE_SOURCE_DIR "/doc/what-to-do-when.md"};
  const std::string page{std::istreambuf_iterator<char>{in}, {}};
  const std::string sentence = "a.nk: the key is missing";
  for (const char* name : {"issuer.nk", "master.key"})
    CHECK(page.find("**You see** `" + std::string(name) + sentence.substr(4) + "`") != page.npos);

  const TempDir dir;
  const TempDir credentials;
  REQUIRE(chmod(dir.path().c_str(), 0) == 0);
  REQUIRE(chmod(credentials.path().c_str(), 0755) == 0);
  {
    const gateway::ActingAs other{made::kOtherUser};  // root may enter every directory
    const auto said = complaint(config_in(dir.path()));
    CHECK(said.find("a.nk: Permission denied; run this as root") != said.npos);
    REQUIRE(setenv("CREDENTIALS_DIRECTORY", credentials.path().c_str(), 1) == 0);
    const auto under_systemd = complaint(config_in(dir.path()));
    CHECK(under_systemd.find(sentence + ": systemd handed over no credential") != page.npos);
    CHECK(under_systemd.find("Permission denied") == page.npos);
    REQUIRE(unsetenv("CREDENTIALS_DIRECTORY") == 0);
  }
  REQUIRE(chmod(dir.path().c_str(), 0700) == 0);
}

TEST_CASE("keys: a name without a slash is looked up in systemd's credentials first", "[config]") {
  const TempDir dir;
  const TempDir credentials;
  const Config config = config_in(dir.path());
  write(dir.path() / "a.nk", kSeed, 0600);
  CHECK(gateway::key_file(config, "a.nk") == dir.path() / "a.nk");
  CHECK(gateway::key_file(config, "sub/a.nk") == dir.path() / "sub/a.nk");
  REQUIRE(setenv("CREDENTIALS_DIRECTORY", credentials.path().c_str(), 1) == 0);
  CHECK(gateway::key_file(config, "a.nk") == dir.path() / "a.nk");
  write(credentials.path() / "keys_a.nk", kSeed, 0440);  // from LoadCredential=keys:DIRECTORY
  CHECK(gateway::key_file(config, "a.nk") == credentials.path() / "keys_a.nk");
  CHECK(gateway::key_file(config, "b.nk") == dir.path() / "b.nk");
  CHECK(complaint(config) == "none");
  write(credentials.path() / "a.nk", kSeed, 0440);  // as an ACL's mask shows
  CHECK(gateway::key_file(config, "a.nk") == credentials.path() / "a.nk");
  CHECK(complaint(config) == "none");
  write(credentials.path() / "a.nk", kSeed, 0444);
  CHECK(complaint(config).find("other users can read") != std::string::npos);
  REQUIRE(unsetenv("CREDENTIALS_DIRECTORY") == 0);
}
