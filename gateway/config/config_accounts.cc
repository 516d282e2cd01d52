#include "gateway/config/config_accounts.h"

#include <string>
#include <utility>

#include "auth/nats/nkey.h"
#include "auth/nats/subject.h"

namespace gateway {
namespace {

using auth::JsonObject;

constexpr const char* kReservedHint =
    "is the callout or the system account; its users could read every password or control the "
    "servers";

void read_account(JsonObject section, const std::string& name, Config& config) {
  AccountConfig account;
  section.required_string("id", "the account's id, A…", account.id);
  if (!auth::read_public_key(account.id, auth::Prefix::account)) {
    section.complain("id", "must be the account's id, A…");
  }
  if (account.id == config.callout_account || account.id == config.system_account) {
    section.complain("id", kReservedHint);
  }
  section.required_string("signing_key", "the name of the account's seed, or of a signing key's",
                          account.signing_key);
  section.boolean("scoped", account.scoped);
  section.finish();
  config.account_keys.emplace(name, std::move(account));
}

}  // namespace

void read_accounts(JsonObject& root, Config& config) {
  if (config.operator_mode) {
    JsonObject accounts = root.child("accounts");
    config.accounts = accounts.names();
    for (const std::string& name : config.accounts)
      read_account(accounts.child(name), name, config);
  } else {
    root.string_or_strings("accounts", config.accounts);
  }
  if (config.accounts.empty()) {
    root.missing("accounts", config.operator_mode
                                 ? "{ \"APP\": { \"id\": \"A…\", \"signing_key\": \"app.nk\" } }"
                                 : "the NATS accounts that clients may be placed in, [\"APP\"]");
  }
  for (const std::string& account : config.accounts) {
    if (!auth::valid_name(account)) {
      root.complain("accounts", "\"" + account +
                                    "\" is not an account name that credgate can grant: no blank, "
                                    "and none of . * > / \\");
    }
    if (account == config.callout_account || account == config.system_account) {
      root.complain("accounts", "\"" + account + "\" " + kReservedHint);
    }
  }
}

}  // namespace gateway
