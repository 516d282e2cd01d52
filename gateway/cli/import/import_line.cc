#include "gateway/cli/import/import_line.h"

#include <algorithm>
#include <span>
#include <utility>

#include <nlohmann/json.hpp>

#include "auth/base/json.h"
#include "auth/credential/certificate_fingerprint.h"
#include "auth/credential/credential_read.h"
#include "auth/credential/password_hash.h"
#include "auth/decision/proof.h"
#include "gateway/admin/operations/context.h"
#include "gateway/cli/context.h"
#include "gateway/config/keys.h"
#include "gateway/platform/random.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using auth::Invalid;
using auth::Kind;
using auth::Result;
using auth::Scheme;
using auth::StoredSecret;

std::string take_text(nlohmann::json& record, const char* name, std::optional<Invalid>& wrong) {
  const auto at = record.find(name);
  if (at == record.end()) return "";
  std::string text;
  if (at->is_string()) {
    text = at->get<std::string>();
  } else if (!wrong) {
    wrong = Invalid{name, "must be a string"};
  }
  record.erase(at);
  return text;
}

Result<GivenProof, Invalid> take_proof(nlohmann::json& record) {
  std::optional<Invalid> wrong;
  for (const char* secret : {"password", "token"}) {
    const auto at = record.find(secret);
    if (at != record.end() && !at->is_string()) return Invalid{secret, "must be a string"};
  }
  GivenProof proof;
  proof.password = auth::take_secret(record, "password");
  proof.token = auth::take_secret(record, "token");
  record.erase("password");
  record.erase("token");
  proof.login = take_text(record, "login", wrong);
  proof.password_hash = take_text(record, "password_hash", wrong);
  proof.public_key = take_text(record, "public_key", wrong);
  proof.fingerprint = take_text(record, "fingerprint", wrong);
  if (wrong) return *wrong;
  return proof;
}

struct Secret {
  Kind kind = Kind::key;
  StoredSecret stored;
};

Result<Secret, Invalid> password_secret(const GivenProof& proof, const std::string& name) {
  Secret secret{Kind::password, {.scheme = Scheme::argon2id, .created_at = {}}};
  secret.stored.login = proof.login.empty() ? name : proof.login;
  if (proof.password_hash.empty()) {
    if (auth::may_become_password(proof.password.view())) return secret;
    return Invalid{"password", auth::kPasswordRule};
  }
  const auto hash = auth::read_password_hash(proof.password_hash);
  if (!hash) return Invalid{"password_hash", hash.error()};
  const bool bcrypt = hash->scheme == auth::PasswordScheme::bcrypt;
  secret.stored.scheme = bcrypt ? Scheme::bcrypt : Scheme::argon2id;
  secret.stored.password_hash = proof.password_hash;
  return secret;
}

Result<Secret, Invalid> token_secret(const GivenProof& proof, const auth::MasterKey& key) {
  const std::string_view token = proof.token.view();
  if (token.size() > auth::kMaxTokenBytes) {
    return Invalid{"token", "must be at most 4096 bytes"};
  }
  if (auth::has_id_form(token.substr(0, token.find('.'))) && token.find('.') != token.npos) {
    return Invalid{"token", "has the form of a token made by credgate, which cannot be imported"};
  }
  return Secret{Kind::token,
                {.scheme = Scheme::opaque_token,
                 .key_id = key.key_id(),
                 .login = key.token_login(token),
                 .created_at = {}}};
}

Result<Secret, Invalid> nkey_secret(const GivenProof& proof) {
  if (!auth::read_public_key(proof.public_key, auth::Prefix::user)) {
    return Invalid{"public_key", "must be a user nkey, 56 characters that begin with U"};
  }
  return Secret{Kind::nkey,
                {.scheme = Scheme::public_key, .login = proof.public_key, .created_at = {}}};
}

Result<Secret, Invalid> certificate_secret(const GivenProof& proof) {
  const auto login = auth::read_fingerprint(proof.fingerprint);
  if (!login) {
    return Invalid{"fingerprint", "must be sha256:… or spki-sha256:… with 64 hexadecimal digits"};
  }
  return Secret{Kind::cert, {.scheme = Scheme::fingerprint, .login = *login, .created_at = {}}};
}

Result<Secret, Invalid> read_secret(const GivenProof& proof, const std::string& name,
                                    const auth::MasterKey& key) {
  const bool hash = !proof.password_hash.empty();
  const bool given[] = {hash, !proof.password.empty(), !proof.token.empty(),
                        !proof.public_key.empty(), !proof.fingerprint.empty()};
  if (std::ranges::count(given, true) != 1) {
    return Invalid{"secrets",
                   "must be given, or exactly one of password, password_hash, token, public_key, "
                   "fingerprint; to generate a new key use: credgate create"};
  }
  if (hash || !proof.password.empty()) return password_secret(proof, name);
  if (!proof.login.empty()) return Invalid{"login", "is only for a password"};
  if (!proof.token.empty()) return token_secret(proof, key);
  return proof.public_key.empty() ? certificate_secret(proof) : nkey_secret(proof);
}

bool fits(Kind kind, const StoredSecret& secret) {
  const bool reserves = !secret.reserved.empty();
  if (reserves && (secret.scheme != Scheme::fingerprint ||
                   auth::read_fingerprint(secret.reserved) != secret.reserved)) {
    return false;
  }
  switch (secret.scheme) {
    case Scheme::blake2b:
      return kind == Kind::key || kind == Kind::token;
    case Scheme::opaque_token:
      return kind == Kind::token;
    case Scheme::argon2id:
    case Scheme::bcrypt:
      return kind == Kind::password;
    case Scheme::public_key:
      return (kind == Kind::nkey || kind == Kind::creds) &&
             auth::read_public_key(secret.login, auth::Prefix::user);
    case Scheme::fingerprint:
      return kind == Kind::cert && auth::read_fingerprint(secret.login) == secret.login;
  }
  return false;
}

bool complete(const StoredSecret& secret) {
  if (secret.scheme == Scheme::blake2b) return secret.hash.has_value();
  const bool password = secret.scheme == Scheme::argon2id || secret.scheme == Scheme::bcrypt;
  return !secret.login.empty() && (!password || !secret.password_hash.empty());
}

bool is_keyed(const StoredSecret& secret) {
  return secret.scheme == Scheme::blake2b || secret.scheme == Scheme::opaque_token;
}

// Of the records that `export` wrote: what is stored must be able to let its owner in.
std::optional<Invalid> check_secrets(const Credential& c, const auth::MasterKeys& keys) {
  if (c.secrets.empty()) return Invalid{"secrets", "must hold one secret"};
  for (const StoredSecret& secret : c.secrets) {
    if (!complete(secret)) {
      return Invalid{
          "secrets",
          "lack the hashes that secrets are checked against; export them with --with-hashes"};
    }
    if (!fits(c.kind, secret)) {
      return Invalid{"secrets", "scheme and login must fit the kind " + std::string(name(c.kind))};
    }
    const auto& all = keys.all();
    if (is_keyed(secret) &&
        std::ranges::find(all, secret.key_id, &auth::MasterKey::key_id) == all.end()) {
      return Invalid{"secrets", "were hashed with master key " + secret.key_id +
                                    ", which this gateway does not have"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Invalid> put_proof(ImportLine& line, GivenProof proof, const ImportRules& rules) {
  auto secret = read_secret(proof, line.credential.name, rules.keys.current());
  if (!secret) return secret.error();
  line.credential.kind = secret->kind;
  line.credential.secrets = {std::move(secret->stored)};
  if (proof.password_hash.empty()) line.password = std::move(proof.password);
  if (secret->kind == Kind::token) {
    for (const auth::MasterKey& key : std::span{rules.keys.all()}.subspan(1))
      line.older_logins.push_back(key.token_login(proof.token.view()));
  }
  return std::nullopt;
}

std::optional<Invalid> put_given_proof(RecordLine& read, const ImportRules& rules) {
  const Kind given = read.line.credential.kind;
  if (auto wrong = put_proof(read.line, std::move(read.proof), rules)) return *wrong;
  const Kind kind = read.line.credential.kind;
  if (!read.kind_given || kind == given) return std::nullopt;
  return Invalid{"kind", "must be " + std::string(name(kind)) + " with this secret"};
}

std::optional<Invalid> account_wrong(const std::string& account, const ImportRules& rules) {
  const auth::Judge judge{rules.config.policy(), rules.keys, {}};
  if (judge.may_grant(account)) return std::nullopt;
  return Invalid{"account",
                 "\"" + account +
                     "\" is not configured for this gateway; see `accounts` in its configuration"};
}

Result<ImportLine, Invalid> check_import(ImportLine line, const ImportRules& rules) {
  Credential& c = line.credential;
  if (c.id.empty()) c.id = rules.make_id();
  if (c.account.empty()) c.account = rules.account;
  if (auto wrong = account_wrong(c.account, rules)) return *wrong;
  if (c.status == auth::Status::revoked) return Invalid{"status", "must not be revoked"};
  for (StoredSecret& secret : c.secrets) {
    if (secret.created_at == auth::Time{}) secret.created_at = rules.now;
  }
  // Until hash_import puts the real one there: a hash that no password fits.
  if (!line.password.empty()) c.secrets.front().password_hash = auth::decoy_password_hash({});
  if (auto wrong = check_secrets(c, rules.keys)) return *wrong;
  if (auto wrong = auth::validate(c)) return *wrong;
  const auto roles = rules.roles.roles_of(c);
  if (!roles) return roles.error();
  if (auto wrong = permissions_wrong(rules.config, c, *roles)) return *wrong;
  return line;
}

bool has_whole_secrets(const Credential& credential) {
  return !credential.secrets.empty() && std::ranges::all_of(credential.secrets, complete);
}

Result<RecordLine, Invalid> read_record_line(std::string_view json, auth::Inbox inbox) {
  std::string twice;
  auto record = auth::read_json_object(json, twice);
  if (!record) return Invalid{"", "must be one JSON object: {…}"};
  if (!twice.empty()) return Invalid{twice, "is given twice"};
  if (record->contains("role")) return read_role_line(*record);
  auto proof = take_proof(*record);
  if (!proof) return proof.error();
  RecordLine read{.line = {},
                  .proof = std::move(*proof),
                  .kind_given = record->contains("kind"),
                  .status_given = record->contains("status"),
                  .secrets_given = record->contains("secrets")};
  read.line.credential.inbox = inbox;
  if (auto wrong = auth::read_json(*record, read.line.credential)) return *wrong;
  if (read.secrets_given && !read.proof.empty())
    return Invalid{"secrets", "must not be given together with another secret"};
  return read;
}

Result<ImportLine, Invalid> read_import_line(std::string_view json, const ImportRules& rules) {
  auto read = read_record_line(json, rules.inbox);
  if (!read) return read.error();
  if (read->line.role) {
    if (auto wrong = check_role(*read->line.role, rules)) return *wrong;
    return std::move(read->line);
  }
  if (!read->secrets_given) {
    if (auto wrong = put_given_proof(*read, rules)) return *wrong;
  }
  return check_import(std::move(read->line), rules);
}

void hash_import(ImportLine& line, const Config& config) {
  if (line.password.empty()) return;
  line.credential.secrets.front().password_hash =
      auth::hash_password(line.password.view(), config.passwords.cost, random_bytes<16>());
  line.password = {};
}

}  // namespace gateway::cli
