#include "gateway/admin/operations/context.h"

#include <algorithm>
#include <utility>

#include "auth/base/text.h"
#include "auth/base/typo.h"
#include "auth/credential/capabilities.h"
#include "auth/credential/credential_json.h"
#include "auth/credential/validity.h"

namespace gateway {

store::Intent OperationContext::intent(store::Action action) const {
  return {
      .action = action, .actor = actor, .at = now, .revision = {}, .reason = {}, .metered = !local};
}

void OperationContext::note_closing(const std::string& credential, std::uint64_t sequence) const {
  if (closing == nullptr || !config.has_system) return;
  const bool repeated = sequence == 0;
  *closing = ClosingRequest{credential, repeated ? store.totals().sequence : sequence, repeated};
}

std::optional<auth::Credential> get_credential(const OperationContext& context,
                                               const std::string& id) {
  try {
    auto credential = context.store.get(id);
    if (context.account && credential && credential->account != *context.account)
      return std::nullopt;
    return credential;
  } catch (const store::Damaged&) {
    if (!context.account) throw;
    return std::nullopt;
  }
}

auth::Credential find_credential(const OperationContext& context, const std::string& id_or_name) {
  const bool by_id = auth::has_id_form(id_or_name);
  const auto ids = by_id ? std::vector{id_or_name} : context.store.ids_named(id_or_name);
  std::vector<auth::Credential> found;
  for (const std::string& id : ids) {
    if (auto credential = get_credential(context, id)) found.push_back(std::move(*credential));
  }
  if (found.size() == 1) return std::move(found.front());
  if (by_id) throw OperationError(Code::not_found, "there is no credential " + id_or_name);
  if (found.empty()) {
    throw OperationError(Code::not_found, "there is no credential named \"" + id_or_name +
                                              "\" (not revoked); see: credgate list");
  }
  throw OperationError(Code::usage,
                       "more than one account has a credential named \"" + id_or_name +
                           "\"; use its id: " + auth::join(found, " ", &auth::Credential::id));
}

std::vector<FoundRole> roles_named(const OperationContext& context, const std::string& text) {
  const auto slash = text.rfind('/');
  const bool whole = slash != std::string::npos;
  const std::string name = whole ? text.substr(slash + 1) : text;
  std::vector<std::string> accounts = context.config.accounts;
  if (whole) accounts = {text.substr(0, slash)};
  if (context.account && whole && accounts.front() != *context.account) return {};
  if (context.account) accounts = {*context.account};
  std::vector<FoundRole> found;
  for (const std::string& account : accounts) {
    try {
      if (auto role = context.store.role(account, name))
        found.push_back({account, name, std::move(role)});
    } catch (const store::Damaged&) {  // its key says whose it is
      found.push_back({account, name});
    }
  }
  return found;
}

FoundRole find_role(const OperationContext& context, const std::string& text) {
  auto found = roles_named(context, text);
  if (found.size() == 1) return std::move(found.front());
  if (found.empty()) {
    throw OperationError(Code::not_found,
                         "there is no role \"" + text + "\"; see: credgate role list");
  }
  throw OperationError(Code::usage,
                       "more than one account has a role \"" + text +
                           "\"; use one of: " + auth::join(found, " ", [](const FoundRole& role) {
                             return auth::role_id(role.account, role.name);
                           }));
}

OrderedJson write_record(const OperationContext& context, const auth::Credential& credential) {
  OrderedJson json = auth::write_json(credential);
  json["status"] = auth::validity(credential, context.now);
  return json;
}

bool may_be_leafnode(const auth::Credential& credential) {
  const auto& types = credential.connection_types;
  return std::ranges::find(types, auth::ConnectionType::leafnode) != types.end();
}

std::vector<std::string> client_accounts(const Config& config) {
  std::vector<std::string> accounts = config.accounts;
  std::erase(accounts, config.admin_account);
  return accounts;
}

void require_account(const OperationContext& context) {
  const auto& known = context.config.accounts;
  if (context.confined() || !context.account) return;
  if (std::ranges::find(known, *context.account) != known.end()) return;
  if (!context.store
           .list({.account = context.account, .region = {}, .status = {}, .tags = {}}, "", 1)
           .credentials.empty())
    return;
  throw OperationError(Code::not_found, "there is no account \"" + *context.account +
                                            "\"; choose one of: " + auth::join(known) +
                                            auth::did_you_mean(*context.account, known));
}

bool has_scoped_key(const Config& config, const std::string& account) {
  const auto found = config.account_keys.find(account);
  return found != config.account_keys.end() && found->second.scoped;
}

std::optional<auth::Invalid> permissions_wrong(const Config& config, const auth::Credential& c,
                                               std::span<const auth::Role> roles) {
  const bool scoped = has_scoped_key(config, c.account);
  const auto& raw = c.permissions;
  const bool denies = !raw.publish.deny.empty() || !raw.subscribe.deny.empty();
  if (scoped && (auth::gives_anything(c) || denies || !c.roles.empty())) {
    return auth::Invalid{"capabilities",
                         "must be empty, with no permissions and no roles: account " + c.account +
                             " has a scoped signing key, whose template defines what users may do"};
  }
  if (!scoped && !auth::gives_anything(c, roles)) {
    return auth::Invalid{
        "capabilities",
        "must include publish, receive or manage, unless buckets, services, allow_responses, "
        "permissions or roles are given"};
  }
  return std::nullopt;
}

}  // namespace gateway
