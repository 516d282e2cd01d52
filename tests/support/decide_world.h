#pragma once
// All that a verdict depends on: good for each kind of credential, to be broken by one thing.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/credential/password_hash.h"
#include "auth/decision/judge.h"
#include "tests/support/make_proof.h"

namespace auth::made {

inline constexpr const char* kSecret = "a generated secret of forty characters.";
inline constexpr const char* kTokenSecret = "forty-characters-without-a-dot-in-them-x";
// Least memory, so that a hash takes no time.
inline constexpr PasswordCost kCheap{.memory_bytes = 8 << 10, .iterations = 1};
inline constexpr std::array<std::uint8_t, 24> kFresh{1, 2, 3};
inline constexpr std::span kSalt = std::span{kFresh}.first<16>();
// nats-server's test/auth_test.go, made by its mkpasswd.
inline constexpr const char* kBcrypt =
    "$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq";
inline constexpr const char* kBcryptPassword = "IW@$6v(y1(t@fhPDvf!5^%";

inline constexpr Time kStored = kNow - std::chrono::hours{24};

StoredSecret hashed(const MasterKey& key, std::string_view id, std::string_view secret);

StoredSecret registered(const KeyPair& pair);

StoredSecret argon2id(const std::string& login, std::string_view password,
                      const PasswordCost& cost = kCheap);

StoredSecret bcrypt(const std::string& login);

StoredSecret opaque(const MasterKey& key, std::string_view token);

StoredSecret fingerprint(const char* login);

// An offset that no real zone has: what is judged in UTC by mistake is off by hours.
std::optional<std::chrono::seconds> zone(std::string_view name, Time /*at*/);

struct World {
  const char* what = "";
  std::optional<Credential> credential;
  Json connect;
  Json wrong;  // a CONNECT of the same form whose proof does not hold
  Json client = {{"host", "192.0.2.7"}, {"id", 9}, {"kind", "Client"}, {"type", "nats"}};
  Json client_tls;
  Policy policy = {.accounts = {"APP", "AUTH", "SYS"},
                   .reserved = {"AUTH", "SYS"},
                   .scoped = {},
                   .region = "eu",
                   .mode = {},
                   .password_cost = kCheap};
  Time now = kNow;

  Request request() const;
  Judge judge() const { return Judge{policy, master_keys(), zone}; }

  Result<Grant, Deny> verdict() const;
  std::optional<Deny> denied() const;
  // The request must outlive the call only.
  std::optional<Judge::Rehash> rehash() const;
};

Credential base(Kind kind);

World with(Kind kind, StoredSecret secret);

World with_key();

World with_token();

World with_opaque_token();

World with_password();

World with_bcrypt();

World with_nkey();

// Operator mode.
World with_creds();

// There is no wrong proof: whoever presents another certificate presents another login.
World with_certificate(const char* login = kCertificateLogin);

// One of each kind, and of each form in which a proof is stored.
std::vector<World> every_world();

}  // namespace auth::made
