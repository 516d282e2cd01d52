#pragma once
// Slow password hashes, so that guessing is expensive even with a stolen store. New hashes are
// Argon2id; bcrypt is also verified, because nats-server's configuration uses it.
// Source: RFC 9106 and the PHC string format; crypt(5) for bcrypt.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "auth/base/result.h"

namespace auth {

// The cost of one Argon2id hash (parallelism 1).
struct PasswordCost {
  std::size_t memory_bytes = 64 << 20;
  std::uint64_t iterations = 2;
  bool operator==(const PasswordCost&) const = default;
};

// Every login attempt costs a hash, on each thread at once: an accepted hash costs at most 256 MiB
// and about a second.
inline constexpr std::size_t kMinPasswordMemory = 8 << 10;
inline constexpr std::size_t kMaxPasswordMemory = 256 << 20;
inline constexpr std::uint64_t kMaxPasswordIterations = 10;
inline constexpr std::uint64_t kMaxPasswordWork = 1 << 30;  // memory_bytes * iterations
inline constexpr unsigned kMinBcryptRounds = 4;
inline constexpr unsigned kMaxBcryptRounds = 14;

// Whether a cost is within these bounds and in whole KiB.
bool valid_password_cost(const PasswordCost& cost);

inline constexpr std::size_t kMaxPasswordBytes = 1024;

// Whether a text can be a password: 1 to kMaxPasswordBytes bytes without a NUL. bcrypt takes C
// strings, so it would ignore everything after a NUL.
bool valid_password(std::string_view text);

// Whether a new credential may have this password: it must not begin as an AWS Signature Version 4,
// which a client may send instead of a password. `kPasswordRule` is the error message.
bool may_become_password(std::string_view text);
inline constexpr const char* kPasswordRule =
    "must be 1 to 1024 bytes, without a NUL and not beginning with AWS4-HMAC-SHA256";

// "$argon2id$v=19$m=65536,t=2,p=1$<salt>$<hash>", as libsodium's crypto_pwhash_str writes it.
// `salt`: 16 fresh random bytes. The password and the cost must be valid. Throws std::bad_alloc if
// memory is short.
std::string hash_password(std::string_view password, const PasswordCost& cost,
                          std::span<const std::uint8_t, 16> salt);

// A hash that no password matches, and that costs the same to verify: used for unknown users, so
// that timing does not reveal whether a user exists. The cost must be valid.
std::string decoy_password_hash(const PasswordCost& cost);

enum class PasswordScheme : std::uint8_t { argon2id = 1, bcrypt };

struct PasswordHash {
  PasswordScheme scheme = PasswordScheme::argon2id;
  PasswordCost cost;         // argon2id
  unsigned rounds_log2 = 0;  // bcrypt
  bool operator==(const PasswordHash&) const = default;
};

// Parses a hash; otherwise gives the reason in words, without quoting the hash. Argon2id: version
// 19, one lane, a salt of 16 bytes and a hash of 32, in unpadded base64: libsodium supports no
// other salt size and no other number of lanes. bcrypt: "$2a$", "$2b$" or "$2y$". Both must be
// within the bounds above and in canonical form.
Result<PasswordHash, std::string> read_password_hash(std::string_view text);

// False for a hash that read_password_hash refuses and for an invalid password. bcrypt uses only
// the first 72 bytes of a password. Throws std::bad_alloc if memory is short, and
// std::runtime_error if libcrypt fails: neither means a wrong password.
bool verify_password(std::string_view hash, std::string_view password);

}  // namespace auth
