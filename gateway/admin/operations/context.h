#pragma once
// The context of an operation: where it is carried out, and for whom.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "auth/base/json_object.h"
#include "auth/credential/credential.h"
#include "auth/credential/master_key.h"
#include "auth/credential/role.h"
#include "gateway/admin/operation_error.h"
#include "gateway/config/config.h"
#include "gateway/config/keys.h"
#include "store/store.h"

namespace gateway {

using OrderedJson = nlohmann::ordered_json;

class SharedSearch;

// That a change ends the sessions of a credential, or of all who have a role, which a daemon
// closes: up to this entry of the journal.
struct ClosingRequest {
  std::string credential;  // or auth::role_id()
  std::uint64_t sequence = 0;
  bool repeated = false;  // the change was made before: what that closed, this one did not
};

// Borrows from the caller.
struct OperationContext {
  const Config& config;
  const auth::MasterKeys& master;
  const Keys* keys;  // null: kind `creds` cannot be created, and sessions cannot be queried
  store::Store& store;
  SharedSearch* sessions = nullptr;  // how to search for them; null: with a search of one's own
  std::optional<ClosingRequest>* closing = nullptr;  // what whoever asks has to wait for; null: no
  std::string actor;                                 // "local:alice", "nats:CG…"
  bool local = true;                                 // the caller can read the store's files anyway
  std::optional<std::string> account;                // the caller sees only this account
  auth::Time now;

  // Whether the caller answers for one account, and is to learn nothing of the others.
  bool confined() const { return !local && account.has_value(); }
  store::Intent intent(store::Action action) const;
  // The sessions of this credential (or auth::role_id()) are closed by what was just committed.
  // `sequence`: of the entry that says so; 0: there is none, as the change was made before.
  void note_closing(const std::string& credential, std::uint64_t sequence) const;
};

// Calls `read` with the members; members that it does not take are refused. Throws OperationError
// (usage).
template <class Read>
void read_body(const nlohmann::json& body, Read read) {
  std::optional<auth::Invalid> wrong;
  auth::JsonObject members{body, "", wrong};
  read(members);
  members.finish();
  if (!wrong) return;
  throw OperationError(Code::usage, (wrong->field.empty() ? "the body" : wrong->field) +
                                        (wrong->field.empty() ? " " : ": ") + wrong->message);
}

// Absent if the credential is not in an account of this context. A damaged record has no account,
// so only a context for all accounts sees it. Throws store::Damaged.
std::optional<auth::Credential> get_credential(const OperationContext& context,
                                               const std::string& id);

// Finds a credential by id or by name. Throws OperationError: not_found, or usage if several
// accounts have the name; store::Damaged.
auth::Credential find_credential(const OperationContext& context, const std::string& id_or_name);

// A role as it is found: the record is absent where it is damaged.
struct FoundRole {
  std::string account;
  std::string name;
  std::optional<auth::Role> role{};
};

// Finds roles by name, in each account of the context, or one by ACCOUNT/NAME. Of an account that
// is not the context's there is none.
std::vector<FoundRole> roles_named(const OperationContext& context, const std::string& text);

// The only one. Throws OperationError: not_found, or usage if several accounts have the name.
FoundRole find_role(const OperationContext& context, const std::string& text);

// The record as operations show it: `status` is what it and the dates come to now (validity.h).
OrderedJson write_record(const OperationContext& context, const auth::Credential& credential);

// Whether a leafnode may connect with it: servers before 2.11.5 do not report those.
bool may_be_leafnode(const auth::Credential& credential);

// The accounts of clients: all except the admin account.
std::vector<std::string> client_accounts(const Config& config);

// Refuses the account of the context if it is not configured, and no credential is in it: one that
// was configured once may still have credentials. Throws OperationError (not_found).
void require_account(const OperationContext& context);

// Whether the account has a scoped signing key, whose template defines what users may do instead of
// their records.
bool has_scoped_key(const Config& config, const std::string& account);

// Refuses a credential that may do nothing, with its roles, and permissions that have no effect
// because the account has a scoped signing key.
std::optional<auth::Invalid> permissions_wrong(const Config& config,
                                               const auth::Credential& credential,
                                               std::span<const auth::Role> roles = {});

}  // namespace gateway
