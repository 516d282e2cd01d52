#pragma once
// One line of an import, from JSON to a credential or a role that may be stored.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "auth/base/result.h"
#include "auth/base/secret.h"
#include "auth/base/time.h"
#include "auth/credential/credential.h"
#include "auth/credential/validate.h"
#include "auth/decision/judge.h"
#include "gateway/cli/import/file_roles.h"
#include "gateway/config/config.h"

namespace gateway::cli {

inline constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;

// A credential, and its password if that is not yet hashed: hashing is costly, and happens only
// after the whole file was checked. Or a role, and nothing else.
struct ImportLine {
  auth::Credential credential;
  auth::SecretText password;
  // The logins of an opaque token under the other master keys, under which it may be stored
  // already.
  std::vector<std::string> older_logins{};
  std::optional<auth::Role> role{};
};

struct ImportRules {
  const Config& config;
  const auth::MasterKeys& keys;
  FileRoles& roles;
  std::string account;  // for lines that name none
  auth::Inbox inbox = auth::Inbox::shared;
  auth::Time now;
  std::function<std::string()> make_id;
};

// The secret of a credential that was made elsewhere; exactly one is set for an import.
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

// A line as it was written, of which nothing was checked but its form.
struct RecordLine {
  ImportLine line;
  GivenProof proof{};  // apart from `secrets`
  bool kind_given = false;
  bool status_given = false;
  bool secrets_given = false;
};

// `inbox`: of a record that does not say. A refusal names the field; never throws.
auth::Result<RecordLine, auth::Invalid> read_record_line(std::string_view json, auth::Inbox inbox);

// The same of the line of a role.
auth::Result<RecordLine, auth::Invalid> read_role_line(const nlohmann::json& record);

// Whether its secrets can let its owner in: `export` without --with-hashes leaves out what that
// takes.
bool has_whole_secrets(const auth::Credential& credential);

// Reads a JSON object: the members of a record, and its secret as one of
//
//   login, password          a password as it is         login, password_hash   Argon2id or bcrypt
//   token                    an opaque token             public_key             an nkey
//   fingerprint              of a certificate            secrets                as `export` has
//   them
//
// `kind` follows from the secret if it is not given. Or the object has the member `role` alone, and
// that has the members of a role. A refusal names the field; never throws.
auth::Result<ImportLine, auth::Invalid> read_import_line(std::string_view json,
                                                         const ImportRules& rules);

// Stores it and the resulting kind in the credential, whose name must be set.
std::optional<auth::Invalid> put_proof(ImportLine& line, GivenProof proof,
                                       const ImportRules& rules);

// As put_proof(), and the kind must be the one that the line gives, if it gives one.
std::optional<auth::Invalid> put_given_proof(RecordLine& read, const ImportRules& rules);

// Refuses an account whose clients this gateway lets nobody in to.
std::optional<auth::Invalid> account_wrong(const std::string& account, const ImportRules& rules);

// Completes a role, and checks whether it may be stored.
std::optional<auth::Invalid> check_role(auth::Role& role, const ImportRules& rules);

// Completes a credential that has its secret, and checks whether it may be stored.
auth::Result<ImportLine, auth::Invalid> check_import(ImportLine line, const ImportRules& rules);

// Replaces the password with its hash.
void hash_import(ImportLine& line, const Config& config);

}  // namespace gateway::cli
