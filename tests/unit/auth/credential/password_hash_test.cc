#include "auth/credential/password_hash.h"

#include <array>
#include <fstream>
#include <new>
#include <stdexcept>

#include <sodium.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/support/catch.h"

using namespace auth;
using namespace std::string_literals;

namespace {

constexpr PasswordCost kCheap{.memory_bytes = 8 << 10, .iterations = 1};
constexpr std::string_view kPassword = "correct horse battery staple";
constexpr std::array<std::uint8_t, 16> kSalt{'0', '1', '2', '3', '4', '5', '6', '7',
                                             '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
// kPassword, kCheap and kSalt, by the reference implementation (libargon2).
const std::string kArgon2id =
    "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$XdTJKPvVpEdCNu922dgwQXj+XfOITS04PpG3cDMn5sE";
// nats-server's test/auth_test.go, made by its mkpasswd.
const std::string kBcrypt = "$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq";
constexpr std::string_view kBcryptPassword = "IW@$6v(y1(t@fhPDvf!5^%";

// Exactly as long as the text, without a terminator, so that the sanitizer sees one byte too far.
bool verify(std::string_view hash, std::string_view password) {
  const std::vector<char> exact_hash(hash.begin(), hash.end());
  const std::vector<char> exact_password(password.begin(), password.end());
  return verify_password({exact_hash.data(), exact_hash.size()},
                         {exact_password.data(), exact_password.size()});
}

std::optional<PasswordHash> read(std::string_view hash) {
  const std::vector<char> exact(hash.begin(), hash.end());
  const auto read = read_password_hash({exact.data(), exact.size()});
  return read ? std::optional{*read} : std::nullopt;
}

std::string with(std::string text, std::string_view what, std::string_view instead) {
  const auto at = text.find(what);
  REQUIRE(at != text.npos);
  return text.replace(at, what.size(), instead);
}

// No more address space than there is now and `bytes`, until it goes.
class AddressSpaceLimit {
 public:
  explicit AddressSpaceLimit(rlim_t bytes) {
    REQUIRE(getrlimit(RLIMIT_AS, &before_) == 0);
    rlim_t pages = 0;
    std::ifstream{"/proc/self/statm"} >> pages;
    REQUIRE(pages > 0);
    const rlimit limit{.rlim_cur = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + bytes,
                       .rlim_max = before_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_AS, &limit) == 0);
  }
  AddressSpaceLimit(const AddressSpaceLimit&) = delete;
  AddressSpaceLimit& operator=(const AddressSpaceLimit&) = delete;
  ~AddressSpaceLimit() { setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

struct Vector {
  std::string hash;
  std::string password;
};

}  // namespace

TEST_CASE("password_hash: Argon2id hashes that others made are verified", "[credential]") {
  const auto vector = GENERATE(values<Vector>({
      {kArgon2id, std::string{kPassword}},
      // By libargon2: three passes, bytes above ASCII.
      {"$argon2id$v=19$m=64,t=3,p=1$8PHy8/T19vf4+fr7/P3+/w$"
       "Ahn79DW0eD1ARZUKDGfZ+soq90uI/rTcyvWoUl/8p/8",
       "pässwörd"},
      // By libargon2: the longest password.
      {"$argon2id$v=19$m=256,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
       "MBRmx3xeWz6xma7vnsC7cGZz49miEiYioGkvnp3oFFc",
       std::string(kMaxPasswordBytes, 'x')},
      // By libargon2: memory that is not a multiple of four KiB, of which Argon2 uses the lesser
      // one.
      {"$argon2id$v=19$m=19,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
       "kEfFIlehi4KMuDy3GrhPFhTAlSti18OpIVQVjptT9mk",
       "password"},
      // The PHP manual's, of sodium_crypto_pwhash_str.
      {"$argon2id$v=19$m=65536,t=2,p=1$oWIfdaXwWwhVmovOBc2NAQ$"
       "EbsZ+JnZyyavkafS0hoc4HdaOB0ILWZESAZ7kVGa+Iw",
       "password"},
  }));
  CAPTURE(vector.hash);
  CHECK(verify(vector.hash, vector.password));
  CHECK_FALSE(verify(vector.hash, vector.password.substr(1)));
}

TEST_CASE("password_hash: bcrypt hashes that others made are verified", "[credential]") {
  const auto vector = GENERATE(values<Vector>({
      // nats-server's own tests.
      {kBcrypt, std::string{kBcryptPassword}},
      {"$2a$04$u5ZClXpcjHgpfc61Ee0VKuwI1K3vTC4zq7SjphjnlHMeb1Llkb5Y6", "0uhJOSr3GW7xvHvtd^K6pa"},
      // crypt_blowfish's.
      {"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
      {"$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"},
      {"$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"},
      {"$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", "\xA3"},
      {"$2a$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", "\xA3"},
      {"$2b$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", "\xA3"},
      // passlib's: two bytes that a bcrypt with signed characters takes for others.
      {"$2y$05$6bNw2HLQYeqHYyBfLMsv/OUcZd0LKP39b87nBw3.S2tVZSqiQX6eu", "\xD1\x91"},
  }));
  CAPTURE(vector.hash);
  CHECK(verify(vector.hash, vector.password));
  CHECK_FALSE(verify(vector.hash, vector.password + "x"));
}

TEST_CASE("password_hash: a password is hashed as libargon2 hashes it, and libsodium verifies it",
          "[credential]") {
  const std::string hash = hash_password(kPassword, kCheap, kSalt);
  CHECK(hash == kArgon2id);
  CHECK(crypto_pwhash_str_verify(hash.c_str(), kPassword.data(), kPassword.size()) == 0);
  CHECK(verify(hash, kPassword));

  const PasswordCost dearer{.memory_bytes = 64 << 10, .iterations = 3};
  const std::string dear = hash_password(kPassword, dearer, kSalt);
  CHECK(read(dear) == PasswordHash{.scheme = PasswordScheme::argon2id, .cost = dearer});
  CHECK(verify(dear, kPassword));
}

TEST_CASE("password_hash: a password fits only if every byte and the length do", "[credential]") {
  const auto [hash, good] = GENERATE(table<std::string, std::string>({
      {kArgon2id, std::string{kPassword}},
      {kBcrypt, std::string{kBcryptPassword}},
  }));
  CAPTURE(hash);
  REQUIRE(verify(hash, good));
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(verify(hash, good.substr(0, size)));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string wrong = good;
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    CHECK_FALSE(verify(hash, wrong));
  }
  CHECK_FALSE(verify(hash, good + " "));
  CHECK_FALSE(verify(hash, hash));
}

TEST_CASE("password_hash: bcrypt looks at the first 72 bytes of a password alone", "[credential]") {
  const std::string hash = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
  const std::string seventy_two =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  REQUIRE(seventy_two.size() == 72);
  CHECK(verify(hash, seventy_two));
  CHECK(verify(hash, seventy_two + "chars after 72 are ignored"));
  // libcrypt itself takes no more than 511.
  CHECK(verify(hash, seventy_two + std::string(kMaxPasswordBytes - 72, 'x')));
  CHECK_FALSE(verify(hash, seventy_two.substr(0, 71)));
}

TEST_CASE("password_hash: what is not a valid password fits no hash, even one made of it",
          "[credential]") {
  const auto [what, hash, password] = GENERATE(table<const char*, std::string, std::string>({
      {"empty, bcrypt", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", ""},
      {"a NUL and more after the password, bcrypt",
       "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U\0x"s},
      {"a NUL after the password, Argon2id", kArgon2id, std::string{kPassword} + '\0'},
      {"one byte too long, bcrypt", "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
       "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" +
           std::string(kMaxPasswordBytes - 71, 'x')},
  }));
  CAPTURE(what);
  CHECK_FALSE(valid_password(password));
  CHECK_FALSE(verify(hash, password));
}

TEST_CASE("password_hash: a password of any bytes but NUL is valid up to its longest",
          "[credential]") {
  CHECK(valid_password("x"));
  CHECK(valid_password("\xFF\n "));
  CHECK(valid_password(std::string(kMaxPasswordBytes, 'x')));
  CHECK_FALSE(valid_password(""));
  CHECK_FALSE(valid_password(std::string(kMaxPasswordBytes + 1, 'x')));
  CHECK_FALSE(valid_password("\0"s));
}

TEST_CASE("password_hash: a hash says what it costs", "[credential]") {
  CHECK(read(kArgon2id) == PasswordHash{.scheme = PasswordScheme::argon2id, .cost = kCheap});
  CHECK(read(kBcrypt) ==
        PasswordHash{.scheme = PasswordScheme::bcrypt, .cost = {}, .rounds_log2 = 4});
  CHECK(read(with(kBcrypt, "$04$", "$14$"))->rounds_log2 == 14);
  CHECK(read(with(kArgon2id, "m=8,t=1", "m=262144,t=4"))->cost ==
        PasswordCost{.memory_bytes = 256 << 20, .iterations = 4});
  CHECK(read(with(kArgon2id, "m=8,t=1", "m=104857,t=10"))->cost.iterations == 10);
}

TEST_CASE("password_hash: a hash in any other form is refused in words that do not quote it",
          "[credential]") {
  const std::string salt = "MDEyMzQ1Njc4OWFiY2RlZg";
  const std::string digest = "XdTJKPvVpEdCNu922dgwQXj+XfOITS04PpG3cDMn5sE";
  const auto [what, hash] = GENERATE_COPY(table<const char*, std::string>({
      {"nothing", ""},
      {"a password", "correct horse"},
      {"Argon2i", with(kArgon2id, "argon2id", "argon2i")},
      {"Argon2d", with(kArgon2id, "argon2id", "argon2d")},
      {"upper case", with(kArgon2id, "argon2id", "ARGON2ID")},
      {"scrypt", "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"},
      {"a space before", " " + kArgon2id},
      {"a line end after", kArgon2id + "\n"},
      {"a NUL after", kArgon2id + '\0'},
      {"no version", with(kArgon2id, "v=19$", "")},
      {"the version before", with(kArgon2id, "v=19", "v=16")},
      {"a longer version", with(kArgon2id, "v=19", "v=190")},
      {"no memory", with(kArgon2id, "m=8,", "")},
      {"the parameters in another order", with(kArgon2id, "m=8,t=1", "t=1,m=8")},
      {"a zero before the memory", with(kArgon2id, "m=8", "m=08")},
      {"a plus before the memory", with(kArgon2id, "m=8", "m=+8")},
      {"a fraction of memory", with(kArgon2id, "m=8", "m=8.0")},
      {"no digits of memory", with(kArgon2id, "m=8", "m=")},
      {"too little memory", with(kArgon2id, "m=8", "m=7")},
      {"too much memory", with(kArgon2id, "m=8", "m=262145")},
      {"memory of 2^32 and 8", with(kArgon2id, "m=8", "m=4294967304")},
      {"memory of 2^64 and 8", with(kArgon2id, "m=8", "m=18446744073709551624")},
      {"no iteration", with(kArgon2id, "t=1", "t=0")},
      {"too many iterations", with(kArgon2id, "t=1", "t=11")},
      {"too much memory for so many iterations", with(kArgon2id, "m=8,t=1", "m=104858,t=10")},
      {"two lanes", with(kArgon2id, "p=1", "p=2")},
      {"ten lanes", with(kArgon2id, "p=1", "p=10")},
      {"one lane in two digits", with(kArgon2id, "p=1", "p=01")},
      {"a parameter more", with(kArgon2id, "p=1", "p=1,keyid=x")},
      {"no salt", with(kArgon2id, salt, "")},
      {"no salt and no hash", with(kArgon2id, salt + "$" + digest, "")},
      {"a salt of 15 bytes", with(kArgon2id, salt, "MDEyMzQ1Njc4OWFiY2Rl")},
      {"a salt of 17 bytes", with(kArgon2id, salt, "MDEyMzQ1Njc4OWFiY2RlZmc")},
      {"a salt with padding", with(kArgon2id, salt, salt + "==")},
      {"a salt with bits too many", with(kArgon2id, salt, "MDEyMzQ1Njc4OWFiY2RlZh")},
      {"a salt of another alphabet", with(kArgon2id, salt, "MDEyMzQ1Njc4OWFiY2Rl-g")},
      {"no hash", with(kArgon2id, "$" + digest, "")},
      {"an empty hash", with(kArgon2id, digest, "")},
      {"a hash of 31 bytes", with(kArgon2id, digest, digest.substr(0, 42))},
      {"a hash of 33 bytes", with(kArgon2id, digest, digest + "A")},
      {"a hash with padding", kArgon2id + "="},
      {"a hash with bits too many", with(kArgon2id, "5sE", "5sF")},
      {"a field more", kArgon2id + "$"},
      {"bcrypt's broken variant", with(kBcrypt, "$2a$", "$2x$")},
      {"bcrypt of an unknown variant", with(kBcrypt, "$2a$", "$2c$")},
      {"the first bcrypt", with(kBcrypt, "$2a$", "$2$")},
      {"MD5", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"},
      {"SHA-512", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJu"},
      {"bcrypt of one digit's cost", with(kBcrypt, "$04$", "$4$")},
      {"bcrypt of three digits' cost", with(kBcrypt, "$04$", "$004$")},
      {"bcrypt too cheap", with(kBcrypt, "$04$", "$03$")},
      {"bcrypt too dear", with(kBcrypt, "$04$", "$15$")},
      {"bcrypt without a dollar", with(kBcrypt, "$04$", "$04/")},
      {"bcrypt of letters' cost", with(kBcrypt, "$04$", "$xx$")},
      {"bcrypt too short", kBcrypt.substr(0, 59)},
      {"bcrypt too long", kBcrypt + "."},
      {"bcrypt with a line end", kBcrypt.substr(0, 59) + "\n"},
      {"bcrypt of another alphabet", with(kBcrypt, "Q.Cg", "Q+Cg")},
      {"bcrypt with bits too many in its salt", with(kBcrypt, "zaeMw", "zafMw")},
      {"bcrypt with bits too many at its end", with(kBcrypt, "4qxq", "4qxr")},
  }));
  CAPTURE(what);
  const auto refused = read_password_hash(hash);
  REQUIRE_FALSE(refused);
  CAPTURE(refused.error());
  CHECK(refused.error().size() > 20);
  CHECK(refused.error().find("MDEyMzQ1") == std::string::npos);
  CHECK(refused.error().find("XdTJKPvV") == std::string::npos);
  CHECK(refused.error().find("CgCP2S") == std::string::npos);
  CHECK_FALSE(verify(hash, kPassword));
  CHECK_FALSE(verify(hash, kBcryptPassword));
}

TEST_CASE(
    "password_hash: no prefix of a hash, and no hash with one bit flipped, is fitted by its "
    "password",
    "[credential]") {
  const auto [good, password] = GENERATE(table<std::string, std::string>({
      {kArgon2id, std::string{kPassword}},
      {kBcrypt, std::string{kBcryptPassword}},
  }));
  REQUIRE(verify(good, password));
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(read(good.substr(0, size)));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    CAPTURE(flipped);
    const auto hash = read(flipped);
    if (hash && hash->rounds_log2 > 6) continue;  // a second of work
    CHECK_FALSE(verify(flipped, password));
  }
}

TEST_CASE("password_hash: a decoy costs what it stands for, and no password fits it",
          "[credential]") {
  const PasswordCost cost{.memory_bytes = 16 << 10, .iterations = 2};
  const std::string decoy = decoy_password_hash(cost);
  CHECK(read(decoy) == PasswordHash{.scheme = PasswordScheme::argon2id, .cost = cost});
  CHECK(decoy.size() == hash_password(kPassword, cost, kSalt).size());
  CHECK_FALSE(verify(decoy, kPassword));
  CHECK_FALSE(verify(decoy, decoy));
  CHECK(read(decoy_password_hash({}))->cost == PasswordCost{});
}

TEST_CASE("password_hash: a cost beyond the bounds is not valid, and nothing is hashed with it",
          "[credential]") {
  const auto [what, memory, iterations] = GENERATE(table<const char*, std::size_t, std::uint64_t>({
      {"no memory", 0, 1},
      {"too little memory", (8 << 10) - 1024, 1},
      {"half a KiB", (8 << 10) + 512, 1},
      {"too much memory", (256 << 20) + 1024, 1},
      {"all the memory there is", SIZE_MAX - 1023, 1},
      {"no iteration", 8 << 10, 0},
      {"too many iterations", 8 << 10, 11},
      {"iterations that overflow", 1 << 20, UINT64_MAX},
      {"too much of both", 256 << 20, 5},
  }));
  CAPTURE(what);
  const PasswordCost cost{.memory_bytes = memory, .iterations = iterations};
  CHECK_FALSE(valid_password_cost(cost));
  CHECK_THROWS_AS(hash_password(kPassword, cost, kSalt), std::invalid_argument);
  CHECK_THROWS_AS(decoy_password_hash(cost), std::invalid_argument);
}

TEST_CASE("password_hash: costs within the bounds are valid, the default among them",
          "[credential]") {
  CHECK(valid_password_cost({}));
  CHECK(valid_password_cost(kCheap));
  CHECK(valid_password_cost({.memory_bytes = 256 << 20, .iterations = 4}));
  CHECK(valid_password_cost({.memory_bytes = 64 << 20, .iterations = 10}));
}

TEST_CASE("password_hash: no hash is made of what is not a valid password", "[credential]") {
  const auto password =
      GENERATE(values<std::string>({"", "a\0b"s, std::string(kMaxPasswordBytes + 1, 'x')}));
  CHECK_THROWS_AS(hash_password(password, kCheap, kSalt), std::invalid_argument);
}

TEST_CASE("password_hash: a lack of memory is a fault and no wrong password", "[credential]") {
  const PasswordCost dear{.memory_bytes = 256 << 20, .iterations = 1};
  const std::string hash = decoy_password_hash(dear);
  const AddressSpaceLimit limit{64 << 20};
  CHECK_THROWS_AS(verify_password(hash, kPassword), std::bad_alloc);
  CHECK_THROWS_AS(hash_password(kPassword, dear, kSalt), std::bad_alloc);
  CHECK_FALSE(verify_password(kArgon2id, "wrong"));
}
