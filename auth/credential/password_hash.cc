#include "auth/credential/password_hash.h"

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <stdexcept>
#include <vector>

#include <crypt.h>
#include <sodium.h>

#include "auth/base/base64.h"
#include "auth/base/bytes.h"
#include "auth/base/secret.h"
#include "auth/base/text.h"

namespace auth {
namespace {

using namespace std::string_literals;

using Salt = std::array<std::uint8_t, crypto_pwhash_SALTBYTES>;
using Digest = std::array<std::uint8_t, 32>;

struct Argon2id {
  PasswordCost cost;
  Salt salt{};
  Digest digest{};
};

constexpr std::string_view kArgon2id = "$argon2id$";
constexpr std::size_t kKiB = 1024;

std::string write(const Argon2id& hash) {
  return std::string{kArgon2id} + "v=19$m=" + std::to_string(hash.cost.memory_bytes / kKiB) +
         ",t=" + std::to_string(hash.cost.iterations) + ",p=1$" + write_unpadded_base64(hash.salt) +
         "$" + write_unpadded_base64(hash.digest);
}

bool take(std::string_view& rest, std::string_view literal) {
  if (!rest.starts_with(literal)) return false;
  rest.remove_prefix(literal.size());
  return true;
}

// Digits without a leading zero; few enough that no sum or product of ours overflows.
std::optional<std::uint32_t> take_number(std::string_view& rest) {
  std::uint32_t number = 0;
  std::size_t digits = 0;
  for (; digits < rest.size() && is_digit(rest[digits]); ++digits) {
    if (digits == 9) return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(rest[digits] - '0');
  }
  if (digits == 0 || (digits > 1 && rest[0] == '0')) return std::nullopt;
  rest.remove_prefix(digits);
  return number;
}

template <std::size_t N>
bool read_exactly(std::string_view text, std::array<std::uint8_t, N>& bytes) {
  if (text.size() != (N * 4 + 2) / 3) return false;
  const auto read = read_unpadded_base64(text);
  if (!read) return false;
  std::ranges::copy(*read, bytes.begin());
  return true;
}

// `rest`: what follows "$argon2id$".
Result<Argon2id, std::string> read_argon2id(std::string_view rest) {
  if (!take(rest, "v=19$")) return "an Argon2id hash must have version 19 (v=19)"s;
  if (!take(rest, "m=")) return "an Argon2id hash must continue with m=…,t=…,p=1 after v=19"s;
  const auto kib = take_number(rest);
  const bool has_iterations = kib && take(rest, ",t=");
  const auto iterations = has_iterations ? take_number(rest) : std::nullopt;
  if (!iterations || !take(rest, ",p=")) {
    return "an Argon2id hash must continue with m=…,t=…,p=1 after v=19"s;
  }
  if (!take(rest, "1$")) return "an Argon2id hash must have a parallelism of 1 (p=1)"s;

  Argon2id hash{.cost = {.memory_bytes = *kib * kKiB, .iterations = *iterations}};
  if (!valid_password_cost(hash.cost)) {
    return "an Argon2id hash must cost 8 KiB to 256 MiB (m=8 to m=262144) and 1 to 10 iterations "
           "(t=1 to t=10), and m times t at most 1048576"s;
  }
  const auto end_of_salt = std::min(rest.find('$'), rest.size());
  if (!read_exactly(rest.substr(0, end_of_salt), hash.salt)) {
    return "the salt of an Argon2id hash must be 16 bytes in unpadded base64 (22 characters)"s;
  }
  rest.remove_prefix(end_of_salt);
  if (!take(rest, "$") || !read_exactly(rest, hash.digest)) {
    return "an Argon2id hash must end with 32 bytes in unpadded base64 (43 characters) after its salt"s;
  }
  return hash;
}

constexpr std::string_view kBcryptAlphabet =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t kBcryptSaltEnd = 7 + 22;
constexpr std::size_t kBcryptSize = kBcryptSaltEnd + 31;
constexpr std::size_t kBcryptPasswordBytes = 72;

bool is_bcrypt(std::string_view text) {
  return text.starts_with("$2a$") || text.starts_with("$2b$") || text.starts_with("$2y$");
}

Result<PasswordHash, std::string> read_bcrypt(std::string_view text) {
  if (text.size() != kBcryptSize || !is_digit(text[4]) || !is_digit(text[5]) || text[6] != '$' ||
      text.find_first_not_of(kBcryptAlphabet, 7) != text.npos) {
    return "a bcrypt hash must continue with two digits, $ and 53 characters of ./A-Za-z0-9 after its first four characters"s;
  }
  // 128 bits in 22 characters, 184 in 31. libcrypt writes the bits that are left over as zeros, so
  // that a hash with others would never fit.
  if (kBcryptAlphabet.find(text[kBcryptSaltEnd - 1]) % 16 != 0 ||
      kBcryptAlphabet.find(text.back()) % 4 != 0) {
    return "the salt or the end of the bcrypt hash has excess bits: it was not copied completely"s;
  }
  const auto rounds = static_cast<unsigned>(10 * (text[4] - '0') + (text[5] - '0'));
  if (rounds < kMinBcryptRounds || rounds > kMaxBcryptRounds) {
    return "a bcrypt hash must have a cost of 04 to 14"s;
  }
  return PasswordHash{.scheme = PasswordScheme::bcrypt, .cost = {}, .rounds_log2 = rounds};
}

Secret<32> compute(std::string_view password, const PasswordCost& cost, const Salt& salt) {
  Secret<32> digest;
  // crypto_pwhash_str_verify answers -1 for a wrong password and for a lack of memory alike; here
  // -1 can mean the memory alone, since the arguments are within libsodium's bounds.
  if (crypto_pwhash(digest.bytes().data(), digest.bytes().size(), password.data(), password.size(),
                    salt.data(), cost.iterations, cost.memory_bytes,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::bad_alloc{};
  }
  return digest;
}

bool fits_bcrypt(std::string_view hash, std::string_view password) {
  // 32 KiB, wiped with the password in it. Its fields end with the zeros that were there.
  std::vector<crypt_data, WipingAllocator<crypt_data>> memory(1);
  crypt_data& data = memory.front();
  // libcrypt refuses 512 bytes and more, where bcrypt itself looks at the first 72.
  password.copy(data.input, kBcryptPasswordBytes);
  hash.copy(data.setting, hash.size());
  const char* made = crypt_r(data.input, data.setting, &data);
  if (made == nullptr || made[0] == '*') throw std::runtime_error("crypt_r refused a bcrypt hash");
  return equal_secrets(bytes_of(made), bytes_of(hash));
}

}  // namespace

bool valid_password_cost(const PasswordCost& cost) {
  return cost.memory_bytes % kKiB == 0 && cost.memory_bytes >= kMinPasswordMemory &&
         cost.memory_bytes <= kMaxPasswordMemory && cost.iterations >= 1 &&
         cost.iterations <= kMaxPasswordIterations &&
         cost.memory_bytes * cost.iterations <= kMaxPasswordWork;
}

bool valid_password(std::string_view text) {
  return !text.empty() && text.size() <= kMaxPasswordBytes && text.find('\0') == text.npos;
}

bool may_become_password(std::string_view text) {
  return valid_password(text) && !text.starts_with("AWS4-HMAC-SHA256 ");
}

std::string hash_password(std::string_view password, const PasswordCost& cost,
                          std::span<const std::uint8_t, 16> salt) {
  if (!valid_password(password)) throw std::invalid_argument("not a valid password to hash");
  if (!valid_password_cost(cost)) throw std::invalid_argument("not a valid cost to hash with");
  Argon2id hash{.cost = cost};
  std::ranges::copy(salt, hash.salt.begin());
  const Secret<32> digest = compute(password, cost, hash.salt);
  std::ranges::copy(digest.bytes(), hash.digest.begin());
  return write(hash);
}

std::string decoy_password_hash(const PasswordCost& cost) {
  if (!valid_password_cost(cost)) throw std::invalid_argument("not a valid cost for a decoy");
  return write(Argon2id{.cost = cost});
}

Result<PasswordHash, std::string> read_password_hash(std::string_view text) {
  if (is_bcrypt(text)) return read_bcrypt(text);
  if (!take(text, kArgon2id)) {
    return "a password hash must begin with $argon2id$ (Argon2id), or $2a$, $2b$ or $2y$ (bcrypt)"s;
  }
  const auto hash = read_argon2id(text);
  if (!hash) return hash.error();
  return PasswordHash{.cost = hash->cost};
}

bool verify_password(std::string_view hash, std::string_view password) {
  if (!valid_password(password)) return false;
  if (is_bcrypt(hash)) return read_bcrypt(hash) && fits_bcrypt(hash, password);
  if (!take(hash, kArgon2id)) return false;
  const auto kept = read_argon2id(hash);
  return kept && equal_secrets(compute(password, kept->cost, kept->salt).bytes(), kept->digest);
}

}  // namespace auth
