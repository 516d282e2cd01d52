#include "gateway/cli/setup/operator_setup.h"

#include <utility>

#include "auth/nats/creds_file.h"
#include "gateway/admin/subjects.h"
#include "gateway/cli/setup/template.h"
#include "gateway/config/keys.h"
#include "gateway/config/server_urls.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/random.h"

namespace gateway::cli {
namespace {

using auth::Prefix;

constexpr std::string_view kOperatorConf =
    R"(// Made by `credgate init --mode operator`. JSON with comments; every key is explained in
// doc/configuration.md.
{
  "nats": { "url": {url}, "creds": "gateway.creds" },
  "system": { "account": {system_account}, "creds": {system_creds} },
  "callout": {
    "mode": "operator",
    "account": {callout_account},
    "issuer": {issuer},
    "xkey": "xkey.nk",
    // The ticket that clients show beside their own proof: the user in sentinel.creds.
    "sentinels": [{sentinel}]
  },
  "accounts": {
    {accounts}
  },{admin}
  "store": { "dir": {store} },
  "keys_dir": {keys},{run_dir}
  "master_key": "master.key"
}
)";

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump();
}

std::string quoted(const auth::PublicKey& key) {
  return quoted(write_public_key(key));
}

std::string write_accounts(const std::vector<GrantedAccount>& accounts) {
  std::string text;
  for (const GrantedAccount& account : accounts) {
    if (!text.empty()) text += ",\n    ";
    text += quoted(account.name) + ": { \"id\": " + quoted(account.id) +
            ", \"signing_key\": " + quoted(account.key_file) +
            (account.scoped ? ", \"scoped\": true }" : " }");
  }
  return text;
}

}  // namespace

MadeUser make_user(const Layout& layout, std::string_view file, auth::SetupUser user,
                   const auth::Signer& account) {
  const auth::KeyPair pair{Prefix::user, random_bytes<32>()};
  user.key = pair.public_key();
  std::string jwt = auth::write_setup_user(user, now_in_seconds(), account);
  write_key_file(layout, file, auth::write_creds(jwt, pair).view());
  return {.key = pair.public_key(), .jwt = std::move(jwt)};
}

MadeSetup make_operator_setup(const Layout& layout, const OperatorSetup& setup,
                              const auth::Signer& callout) {
  MadeSetup made{.gateway = make_user(layout, "gateway.creds",
                                      {.key = {},
                                       .name = "credgate",
                                       .publish = {.allow = kGatewayPublish, .deny = {}},
                                       .subscribe = {.allow = kGatewaySubscribe, .deny = {}}},
                                      callout),
                 // Whoever has it may ask to be let in, and that is all: it is not a secret.
                 .sentinel = make_user(layout, kSentinelFile,
                                       {.key = {}, .name = "sentinel", .bearer = true}, callout),
                 .xkey = make_seed(layout, "xkey.nk", Prefix::curve).public_key()};
  make_master_key(layout);
  make_store(layout);
  make_run_directory(layout);
  write_config(layout, layout.config(),
               fill(kOperatorConf, {{"{url}", quoted("nats://" + address_to_reach(setup.listen))},
                                    {"{system_account}", quoted(setup.system_account)},
                                    {"{system_creds}", quoted(kSystemCredsFile)},
                                    {"{callout_account}", quoted(setup.callout_account)},
                                    {"{issuer}", quoted(kCalloutKeyFile)},
                                    {"{sentinel}", quoted(made.sentinel.key)},
                                    {"{accounts}", write_accounts(setup.accounts)},
                                    {"{admin}", setup.admin_account.empty()
                                                    ? ""
                                                    : "\n  \"admin\": { \"account\": " +
                                                          quoted(setup.admin_account) + " },"},
                                    {"{store}", quoted(layout.store.string())},
                                    {"{keys}", quoted(layout.keys().string())},
                                    {"{run_dir}", run_dir_line(layout)}}));
  return made;
}

nlohmann::ordered_json operator_json(const Layout& layout, const OperatorSetup& setup,
                                     const MadeSetup& made) {
  nlohmann::ordered_json accounts = nlohmann::ordered_json::object();
  for (const GrantedAccount& account : setup.accounts)
    accounts[account.name] = write_public_key(account.id);
  return {{"config", layout.config().string()},
          {"store", layout.store.string()},
          {"keys", layout.keys().string()},
          {"sentinel_creds", (layout.keys() / kSentinelFile).string()},
          {"callout_account", write_public_key(setup.callout_account)},
          {"system_account", write_public_key(setup.system_account)},
          {"accounts", accounts},
          {"gateway", write_public_key(made.gateway.key)},
          {"sentinel", write_public_key(made.sentinel.key)},
          {"xkey", write_public_key(made.xkey)}};
}

std::string about_sentinel(const Layout& layout) {
  return "Clients present the user JWT of " + (layout.keys() / kSentinelFile).string() +
         " with their\n"
         "own secret; the JWT itself is not a secret. Credentials of kind creds do not need it, "
         "and no client\n"
         "does if nats-server, from 2.11.2 on, has it as default_sentinel. The nats CLI presents "
         "it beside a\n"
         "token, and not beside a user or an nkey.\n";
}

}  // namespace gateway::cli
