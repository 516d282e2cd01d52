#pragma once
// Key files: nkey seeds and the master key. Each is one line of text in a file that only its owner
// may read.

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

// The file of a key. A name with a slash is a path relative to the configuration's directory. Any
// other name is looked up in $CREDENTIALS_DIRECTORY, there also as keys_NAME (systemd's name for a
// file loaded from a directory), then in keys_dir.
std::filesystem::path key_file(const Config& config, std::string_view name);

// Whether users other than its owner may read or write the file that is open as `fd`, named for its
// place: systemd guards its credentials otherwise than by their mode. Throws ConfigError.
bool open_to_others(int fd, const std::filesystem::path& file);

// Throws ConfigError if the file is missing, readable by others, or not a key. The message names
// the file and never quotes it.
auth::MasterKeys load_master_keys(const Config& config);
auth::KeyPair load_seed(const Config& config, std::string_view name, auth::Prefix prefix);

// The login of credgate to nats-server. The user JWT is empty in configuration mode.
struct NatsLogin {
  auth::KeyPair key;
  std::string user_jwt;
};
NatsLogin load_login(const Config& config, const NatsConfig& nats);

// `key` is the account's own key or one of its signing keys. The result borrows it.
auth::Signer signer_of(const auth::PublicKey& account, const auth::KeyPair& key);

// Operator mode: the key that signs users of one account.
struct AccountKey {
  auth::PublicKey id;
  auth::KeyPair key;
  bool scoped = false;
};

// All keys of the daemon. Immutable.
struct Keys {
  NatsLogin nats;
  std::optional<NatsLogin> system;
  std::vector<auth::KeyPair> issuers;  // never empty
  std::vector<auth::KeyPair> xkeys;    // none: requests come unsealed
  auth::MasterKeys master;
  std::optional<auth::PublicKey> callout_account;             // operator mode
  std::map<std::string, AccountKey, std::less<>> accounts{};  // operator mode, by name

  // The accepted values of `sub` of a request.
  std::vector<auth::PublicKey> expected_issuers() const;
  // The signers of the answer to this request and of users of this account. Throws std::logic_error
  // for an account without a key, and for an unknown issuer.
  auth::Signer callout_signer(const auth::PublicKey& expected) const;
  auth::Target target(std::string_view account, const auth::PublicKey& expected) const;
};
Keys load_keys(const Config& config);

// For people: "A…, A…".
std::string public_keys(const std::vector<auth::KeyPair>& pairs);

}  // namespace gateway
