#pragma once
// Passwords as they are kept: hashed slowly, so that who steals the store pays for every guess.
// Ours are Argon2id; bcrypt is read too, as nats-server's own configuration has it.
// Source: RFC 9106 and the PHC string format; crypt(5) for bcrypt.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "auth/base/result.h"

namespace auth {

// What one Argon2id hash costs, in one lane.
struct PasswordCost {
  std::size_t memory_bytes = 64 << 20;
  std::uint64_t iterations = 2;
  bool operator==(const PasswordCost&) const = default;
};

// A stranger's login makes us pay, and each thread pays at once: an accepted hash costs at most
// 256 MiB and about a second.
inline constexpr std::size_t kMinPasswordMemory = 8 << 10;
inline constexpr std::size_t kMaxPasswordMemory = 256 << 20;
inline constexpr std::uint64_t kMaxPasswordIterations = 10;
inline constexpr std::uint64_t kMaxPasswordWork = 1 << 30;  // memory_bytes * iterations
inline constexpr unsigned kMinBcryptRounds = 4;
inline constexpr unsigned kMaxBcryptRounds = 14;

// Whether a cost is within these bounds, in whole KiB.
bool valid_password_cost(const PasswordCost& cost);

inline constexpr std::size_t kMaxPasswordBytes = 1024;

// Whether a text can be a password: 1 to kMaxPasswordBytes bytes without a NUL. bcrypt takes C
// strings: whatever followed a NUL would fit.
bool valid_password(std::string_view text);

// Whether a new credential may have it: not what AWS Signature Version 4 begins with, which a
// client sends in a password's place. `kPasswordRule` says it to people.
bool may_become_password(std::string_view text);
inline constexpr const char* kPasswordRule =
    "must be 1 to 1024 bytes, without a NUL and not beginning with AWS4-HMAC-SHA256";

// "$argon2id$v=19$m=65536,t=2,p=1$<salt>$<hash>", as libsodium's crypto_pwhash_str writes it.
// `salt`: 16 fresh random bytes. The password and the cost must be valid. Throws std::bad_alloc
// where memory is short.
std::string hash_password(std::string_view password, const PasswordCost& cost,
                          std::span<const std::uint8_t, 16> salt);

// A hash that no password fits, and that costs the same to verify: what an unknown user's password
// is verified against. The cost must be valid.
std::string decoy_password_hash(const PasswordCost& cost);

enum class PasswordScheme : std::uint8_t { argon2id = 1, bcrypt };

struct PasswordHash {
  PasswordScheme scheme = PasswordScheme::argon2id;
  PasswordCost cost;         // argon2id
  unsigned rounds_log2 = 0;  // bcrypt
  bool operator==(const PasswordHash&) const = default;
};

// What a hash says of itself; for people, why it cannot be verified, without quoting it. Argon2id:
// version 19, one lane, a salt of 16 bytes and a hash of 32, in unpadded base64: libsodium computes
// no other salt and no other lanes. bcrypt: "$2a$", "$2b$" or "$2y$". Both within the bounds above,
// and in their one spelling.
Result<PasswordHash, std::string> read_password_hash(std::string_view text);

// False for a hash that read_password_hash refuses and for an invalid password. bcrypt looks at the
// first 72 bytes of a password alone. Throws std::bad_alloc where memory is short, and
// std::runtime_error where libcrypt fails: neither is a wrong password.
bool verify_password(std::string_view hash, std::string_view password);

}  // namespace auth
