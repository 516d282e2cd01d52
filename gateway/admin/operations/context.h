#pragma once
// Where an operation is carried out, and for whom.

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "auth/base/json_object.h"
#include "auth/credential/credential.h"
#include "auth/credential/master_key.h"
#include "gateway/admin/operation_error.h"
#include "gateway/config/config.h"
#include "gateway/config/keys.h"
#include "store/store.h"

namespace gateway {

using OrderedJson = nlohmann::ordered_json;

// The caller's own things must outlive it.
struct OperationContext {
  const Config& config;
  const auth::MasterKeys& master;
  const Keys* keys;  // null: kind `creds` cannot be made, nor sessions be found
  store::Store& store;
  std::string actor;                   // "local:alice", "nats:CG…"
  bool local = true;                   // whoever asks may read the store's file anyway
  std::optional<std::string> account;  // outside of it nothing exists for the caller
  auth::Time now;

  store::Intent intent(store::Action action) const;
};

// `read` is given the members; what it does not take is refused. Throws OperationError (usage).
template <class Read>
void read_body(const nlohmann::json& body, Read read) {
  std::optional<auth::Invalid> wrong;
  auth::Members members{body, "", wrong};
  read(members);
  members.finish();
  if (!wrong) return;
  throw OperationError(Code::usage, (wrong->field.empty() ? "the body" : wrong->field) +
                                        (wrong->field.empty() ? " " : ": ") + wrong->message);
}

// Absent where it is in no account of the desk's; a damaged record is in none, but for whoever is
// responsible for all of them. Throws store::Damaged.
std::optional<auth::Credential> get_credential(const OperationContext& context,
                                               const std::string& id);

// By id or by name. Throws OperationError: not_found, or usage where several accounts have the
// name; store::Damaged.
auth::Credential find_credential(const OperationContext& context, const std::string& id_or_name);

// The accounts of clients, which is all but the admin account.
std::vector<std::string> client_accounts(const Config& config);

// Whether what its account's users may do is in the account and not in their records.
bool has_scoped_key(const Config& config, const std::string& account);

// What would be silent otherwise: a credential that may do nothing, and one whose permissions are
// not those that count, as its account has a scoped signing key.
std::optional<auth::Invalid> permissions_wrong(const Config& config,
                                               const auth::Credential& credential);

}  // namespace gateway
