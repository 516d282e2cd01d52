#pragma once
// Key files: nkey seeds and the master key. Each is one line of text in a file that nobody but its
// owner may read.

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credential/master_key.h"
#include "auth/nats/auth_response.h"
#include "auth/nats/nkey.h"
#include "gateway/config/config.h"

namespace gateway {

// Where a key of this name lies: a name with a slash is a path (relative to the configuration's
// directory); any other is looked up in $CREDENTIALS_DIRECTORY, there also as keys_NAME, which is
// how systemd names what it loads from a directory, then in keys_dir.
std::filesystem::path key_file(const Config& config, std::string_view name);

// Throws ConfigError where the file is missing, readable by others, or holds something else. The
// message names the file and never what is in it.
auth::MasterKeys load_master_keys(const Config& config);
auth::KeyPair load_seed(const Config& config, std::string_view name, auth::Prefix prefix);

// What credgate logs in to nats-server with. The user JWT is empty in configuration mode.
struct NatsLogin {
  auth::KeyPair key;
  std::string user_jwt;
};
NatsLogin load_login(const Config& config, const NatsConfig& nats);

// `key` is the account's own, or one of its signing keys. It must outlive the result.
auth::Signer signer_of(const auth::PublicKey& account, const auth::KeyPair& key);

// Operator mode: what makes users of one account.
struct AccountKey {
  auth::PublicKey id;
  auth::KeyPair key;
  bool scoped = false;
};

// All that the daemon signs, opens and hashes with. Immutable.
struct Keys {
  NatsLogin nats;
  std::optional<NatsLogin> system;
  std::vector<auth::KeyPair> issuers;  // never empty
  std::vector<auth::KeyPair> xkeys;    // none: requests come unsealed
  auth::MasterKeys master;
  std::optional<auth::PublicKey> callout_account;             // operator mode
  std::map<std::string, AccountKey, std::less<>> accounts{};  // operator mode, by name

  // What `sub` of a request may be.
  std::vector<auth::PublicKey> expected_issuers() const;
  // Who signs the answer to this request, and makes users of this account. Throws std::logic_error
  // for an account without a key, and for an issuer that is none of ours.
  auth::Signer callout_signer(const auth::PublicKey& expected) const;
  auth::Target target(std::string_view account, const auth::PublicKey& expected) const;
};
Keys load_keys(const Config& config);

// For people: "A…, A…".
std::string public_keys(const std::vector<auth::KeyPair>& pairs);

}  // namespace gateway
