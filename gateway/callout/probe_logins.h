#pragma once
// The logins of the gateway's own probes (self_probe.h), which no store has.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credential/credential.h"
#include "auth/credential/master_key.h"
#include "auth/decision/probe_credential.h"
#include "auth/decision/proof.h"
#include "gateway/config/current_config.h"
#include "gateway/platform/locked.h"

namespace gateway {

// The accounts that probes are let into: those whose permissions the gateway itself decides. The
// one that manages credentials is among them only where there is no other.
std::vector<std::string> probe_accounts(const Config& config);

// The keys that probes use just now: those of this daemon, and of another that has the same master
// key. Thread-safe. Borrows its argument.
class ProbeKeys {
 public:
  explicit ProbeKeys(const auth::MasterKeys& master) : master_(master) {}
  auth::KeyPair now() const;
  // Of this minute, the one before and the one after, by any of the master keys.
  bool has(std::string_view public_key);

 private:
  struct Known {
    auth::Minute made_for{};
    std::vector<std::string> keys;
  };
  const auth::MasterKeys& master_;
  Locked<Known> known_;
};

// Thread-safe. Borrows its arguments.
class ProbeLogins {
 public:
  // `enabled`: whether this daemon makes probes; otherwise their logins lead to nothing.
  ProbeLogins(const CurrentConfig& config, const auth::MasterKeys& master, bool enabled)
      : config_(config), keys_(master), enabled_(enabled) {}

  bool enabled() const { return enabled_; }
  auth::KeyPair key_now() const { return keys_.now(); }
  // The credential of a probe, which may do nothing; absent where the identity is not a probe's.
  // Accounts take turns, by the clock, a probe's interval each. The proof is still to be judged:
  // the keys are public.
  std::optional<auth::Credential> find(const auth::Identity& identity);

 private:
  const CurrentConfig& config_;
  ProbeKeys keys_;
  const bool enabled_;
};

}  // namespace gateway
