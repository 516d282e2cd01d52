#pragma once
// Passwords that were proved a short time ago, so that a login that reconnects often, or from many
// clients at once, costs one hash and not one each time.
//
// What is remembered can only spare the hash: it is bound to one stored hash of one revision of one
// credential, so every change of the record forgets it, and all else is judged as ever. A password
// that did not fit is never remembered. Whoever is let in sooner than a hash takes learns that this
// login was let in lately; but only with the right password.
//
// In memory alone: BLAKE2b-256 of login and password, under a key that each process makes anew, and
// wiped when it goes. A hit does not extend it, so a password is hashed once in kKeptFor at least.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "auth/base/secret.h"
#include "auth/credential/credential.h"
#include "auth/credential/master_key.h"
#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe.
class ProvedPasswords {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kKeptFor{60};
  static constexpr std::size_t kMaxEntries = 4096;  // beyond them the oldest goes

  // What a password was proved by.
  struct Proved {
    std::string id;  // of the credential
    std::uint64_t revision = 0;
    std::string password_hash;  // the stored one that it fitted
  };

  ProvedPasswords();

  // Absent for one that was not proved with this login, or too long ago.
  std::optional<Proved> find(std::string_view login, std::string_view password,
                             Clock::time_point now = Clock::now()) const;
  // This password has just been hashed, and has fitted.
  void remember(std::string_view login, std::string_view password, Proved proved,
                Clock::time_point now = Clock::now());
  std::size_t size() const { return table_.lock()->size(); }

 private:
  struct Entry {
    Proved proved;
    Clock::time_point until;
  };
  // Nobody outside knows the hash of any password, so that its first bytes tell nothing.
  struct FirstBytes {
    std::size_t operator()(const auth::Hash32& hash) const;
  };
  struct Equal {
    bool operator()(const auth::Hash32& a, const auth::Hash32& b) const {
      return auth::equal_secrets(a, b);
    }
  };
  using Table = std::unordered_map<auth::Hash32, Entry, FirstBytes, Equal,
                                   auth::WipingAllocator<std::pair<const auth::Hash32, Entry>>>;

  const auth::MasterKey key_;  // this process's own, for no other use
  Locked<Table> table_;
};

}  // namespace gateway
