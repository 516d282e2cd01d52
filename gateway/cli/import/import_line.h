#pragma once
// One line of an import, from JSON to a credential that may be stored.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/bytes.h"
#include "auth/base/result.h"
#include "auth/credential/credential.h"
#include "auth/credential/validate.h"
#include "auth/decision/judge.h"
#include "gateway/config/config.h"

namespace gateway::cli {

// A credential, and where it brings a password that is not hashed yet, that one: the hash is
// costly, and made only once the whole file is known to be good.
struct ImportLine {
  auth::Credential credential;
  auth::SecretText password;
  // An opaque token's logins under master keys that are not the current, where it may be known
  // already.
  std::vector<std::string> older_logins{};
};

struct ImportRules {
  const Config& config;
  const auth::MasterKeys& keys;
  std::string account;  // for lines that name none
  auth::Inbox inbox = auth::Inbox::shared;
  auth::Time now;
  std::function<std::string()> make_id;
};

// A JSON object: the members of a record, and its proof as one of
//
//   login, password          a password as it is         login, password_hash   Argon2id or bcrypt
//   token                    an opaque token             public_key             an nkey
//   fingerprint              of a certificate            secrets                as `export` has
//   them
//
// `kind` follows from the proof where it is not given. Refused with the field; never throws.
auth::Result<ImportLine, auth::Invalid> read_import_line(std::string_view json,
                                                         const ImportRules& rules);

// What a credential that was made elsewhere proves itself with; exactly one.
struct GivenProof {
  std::string login;  // beside a password
  auth::SecretText password;
  std::string password_hash;
  auth::SecretText token;
  std::string public_key;
  std::string fingerprint;

  bool empty() const {
    return login.empty() && password.empty() && password_hash.empty() && token.empty() &&
           public_key.empty() && fingerprint.empty();
  }
};

// Puts it and the kind that follows into the credential, which has its name.
std::optional<auth::Invalid> put_proof(ImportLine& line, GivenProof proof,
                                       const ImportRules& rules);

// Fills in what a credential with its proof still lacks, and says whether it may be stored.
auth::Result<ImportLine, auth::Invalid> check_import(ImportLine line, const ImportRules& rules);

// Puts the password's hash in the place of the password.
void hash_import(ImportLine& line, const Config& config);

}  // namespace gateway::cli
