#pragma once
// What `init --mode operator` creates for new and for existing accounts: the users of the callout
// account, an xkey, a master key, a store, and credgate.conf.

#include <string>
#include <vector>

#include "auth/nats/account_jwt.h"
#include "auth/nats/nkey.h"
#include "gateway/cli/context.h"
#include "gateway/cli/setup/setup_files.h"

namespace gateway::cli {

inline constexpr const char* kCalloutKeyFile = "callout-signing.nk";
inline constexpr const char* kSystemCredsFile = "system.creds";
inline constexpr const char* kSentinelFile = "sentinel.creds";

struct GrantedAccount {
  std::string name;
  auth::PublicKey id;
  std::string key_file;  // in the directory of keys
  bool scoped = false;
};

struct OperatorSetup {
  std::string listen;
  auth::PublicKey callout_account;
  auth::PublicKey system_account;
  std::vector<GrantedAccount> accounts;
  std::string admin_account{};  // one of these; empty: none
};

// Creates a user, in a credentials file of this name. `user.key` is ignored.
struct MadeUser {
  auth::PublicKey key;
  std::string jwt;
};
MadeUser make_user(const Layout& layout, std::string_view file, auth::SetupUser user,
                   const auth::Signer& account);

struct MadeSetup {
  MadeUser gateway;
  MadeUser sentinel;
  auth::PublicKey xkey;
};

// `callout` signs users of the callout account; its seed must already be in kCalloutKeyFile.
MadeSetup make_operator_setup(const Layout& layout, const OperatorSetup& setup,
                              const auth::Signer& callout);

// For programs: all paths and public keys.
nlohmann::ordered_json operator_json(const Layout& layout, const OperatorSetup& setup,
                                     const MadeSetup& made);

// For people: explains the sentinel.
std::string about_sentinel(const Layout& layout);

}  // namespace gateway::cli
