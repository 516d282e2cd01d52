#include "auth/nats/creds_file.h"

#include "tests/support/catch.h"
#include "tests/support/make_request.h"

namespace auth {
namespace {

const std::string kJwt = write_jwt(R"({"sub":"x"})", made::issuer());

std::string good() {
  return std::string(write_creds(kJwt, made::client()).view());
}

// Through a buffer without a terminator, so that the sanitizer sees one byte too far.
std::optional<Creds> read(std::string_view text) {
  const std::vector<char> exact{text.begin(), text.end()};
  return read_creds({exact.data(), exact.size()});
}

std::string with(std::string_view from, std::string_view to) {
  std::string text = good();
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

void check_whole(const std::optional<Creds>& creds) {
  REQUIRE(creds);
  CHECK(creds->user_jwt == kJwt);
  CHECK(creds->key.public_key() == made::client().public_key());
}

TEST_CASE("creds_file: what is written is read back, and is what other NATS tools write",
          "[nats]") {
  check_whole(read(good()));
  CHECK(good() == "-----BEGIN NATS USER JWT-----\n" + kJwt +
                      "\n------END NATS USER JWT------\n\n"
                      "************************* IMPORTANT *************************\n"
                      "NKEY Seed printed below can be used to sign and prove identity.\n"
                      "NKEYs are sensitive and should be treated as secrets.\n\n"
                      "-----BEGIN USER NKEY SEED-----\n" +
                      std::string(made::client().seed().view()) +
                      "\n------END USER NKEY SEED------\n\n"
                      "*************************************************************\n");
}

TEST_CASE("creds_file: credentials are read as people and tools leave them", "[nats]") {
  std::string crlf;
  for (const char c : good()) {
    if (c == '\n') crlf += '\r';
    crlf += c;
  }
  const std::string seed{made::client().seed().view()};
  check_whole(read(crlf));
  check_whole(read("# mine\n\n" + good() + "\nmore"));
  check_whole(read("-----BEGIN NATS USER JWT-----\n" + kJwt + "\n---\n" +
                   "-----BEGIN USER NKEY SEED-----\n" + seed + "\n---"));
}

TEST_CASE("creds_file: no prefix is a credentials file before its last line of dashes begins",
          "[nats]") {
  const std::string whole = good();
  const std::size_t least = whole.find("------END USER NKEY SEED------") + 3;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const auto creds = read(whole.substr(0, size));
    REQUIRE(creds.has_value() == (size >= least));
    if (creds) check_whole(creds);
  }
}

TEST_CASE(
    "creds_file: one changed byte never gives another key, and none in the seed is overlooked",
    "[nats]") {
  const std::string whole = good();
  const std::string seed{made::client().seed().view()};
  const std::size_t begin = whole.find(seed);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {1, 0x20, 0x7F}) {
      CAPTURE(at, flip);
      std::string bad = whole;
      bad[at] = static_cast<char>(bad[at] ^ flip);
      const auto creds = read(bad);
      const bool in_seed = at >= begin && at < begin + seed.size();
      if (in_seed) REQUIRE_FALSE(creds);
      if (creds) REQUIRE(creds->key.public_key() == made::client().public_key());
    }
  }
}

TEST_CASE("creds_file: anything else is not a credentials file", "[nats]") {
  const std::string seed{made::client().seed().view()};
  const std::string account{made::issuer().seed().view()};
  const auto [what, text] = GENERATE_COPY(table<const char*, std::string>({
      {"nothing", ""},
      {"a seed alone", seed},
      {"a JWT alone", kJwt},
      {"no block of a JWT", with("BEGIN NATS USER JWT", "BEGIN NATS JWT")},
      {"no block of a seed", with("BEGIN USER NKEY SEED", "BEGIN NKEY SEED")},
      {"an account's seed", with(seed, account)},
      {"a JWT in place of the seed", with(seed, kJwt)},
      {"an empty JWT", with(kJwt, "")},
      {"an empty seed", with(seed, "")},
      {"a JWT on the line of its title", with("JWT-----\n", "JWT-----")},
      {"a seed in two lines", with(seed, seed.substr(0, 30) + "\n" + seed.substr(30))},
      {"a seed with a space before", with(seed, " " + seed)},
      {"more than 64 KiB", good() + std::string(64 * 1024, '\n')},
  }));
  CAPTURE(what);
  CHECK_FALSE(read(text));
}

}  // namespace
}  // namespace auth
