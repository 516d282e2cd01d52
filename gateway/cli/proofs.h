#pragma once
// How a credential proves itself: the options that say so, what is stored of it, and what its owner
// is given.

#include <memory>
#include <string>

#include "auth/bytes.h"
#include "auth/credential.h"
#include "gateway/cli/command.h"
#include "gateway/cli/context.h"
#include "gateway/keys.h"

namespace gateway::cli {

// What a new credential's owner needs to connect. Empty where it does not apply, or where the owner
// brought it.
struct Proof {
  std::string login;  // password: the user name; nkey, creds: the public key; cert: fingerprint
  auth::SecretText secret;  // key; password, where it was made here
  auth::SecretText token;   // token, in full
  auth::SecretText seed;    // nkey
  auth::SecretText creds;   // creds: the credentials file
};

class ProofOptions {
 public:
  // This must outlive the command.
  void add(Command& command);

  // For kind creds: the keys that sign. To be called before a store is opened, which may give up
  // the rights to read them. Throws ConfigError.
  void read_keys(const Context& context);
  // Reads what the options name, and standard input: before a store is opened too, which must not
  // wait for it. Throws Failure.
  void read();
  // Whether they fit the kind. Throws Failure.
  void check(auth::Kind kind) const;

  // Appends to the credential's secrets what is kept. `login`: the user name, where --login does
  // not say it. Throws Failure, ConfigError.
  Proof make(auth::Credential& credential, const std::string& login, const Local& local) const;

 private:
  Proof make_key(auth::Credential& credential, const Local& local) const;
  Proof make_password(auth::Credential& credential, const std::string& login,
                      const Local& local) const;
  Proof make_nkey(auth::Credential& credential) const;
  Proof make_creds(auth::Credential& credential) const;
  Proof make_cert(auth::Credential& credential) const;

  std::string login_;
  std::string password_file_;
  std::string public_key_;
  std::string cert_file_;
  std::string fingerprint_;
  bool by_public_key_ = false;
  auth::SecretText password_;         // what the file holds
  std::shared_ptr<const Keys> keys_;  // for creds
  std::string cert_login_;            // what the certificate or the fingerprint comes to
};

}  // namespace gateway::cli
