#include "gateway/cli/setup/server_conf_template.h"

#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/admin/subjects.h"
#include "gateway/cli/setup/template.h"
#include "gateway/nats/system_connection.h"

namespace gateway::cli {
namespace {

constexpr std::string_view kServerConf =
    R"(# Made by `credgate init`, for nats-server 2.10 and later.
listen: "{listen}"
jetstream { store_dir: "{jetstream_dir}" }

accounts {
  # The callout account: credgate and nobody else. Who may subscribe here reads every password.
  {callout_account} {
    users: [ { nkey: {gateway}, permissions: {
      subscribe: { allow: {gateway_subscribe} }
      publish: { allow: {gateway_publish} }
    } } ]
    # How credentials and roles are managed over NATS, and signed requests verified for proxies: by the admin
    # account alone.
    exports: [
      { service: "credgate.v1.credentials.>", accounts: [{admin_account}] }
      { service: "credgate.v1.roles.>", accounts: [{admin_account}] }
      { service: "credgate.v1.sigv4.>", accounts: [{admin_account}] }
      # Of what nobody answers, nats-server keeps the way back as long as the threshold.
      { service: "$SRV.>", response_type: stream, response_threshold: "5s", accounts: [{admin_account}] }
      { stream: "credgate.v1.events.>", accounts: [{admin_account}] }
    ]
  }
  # Who manages credentials: users with credentials of their own, and what their permissions let
  # them ask for. share: true is what tells credgate which of them asks.
  {admin_account} {
    # Twice the largest request: nobody fills credgate's connection with what it takes none of.
    limits: { max_payload: 512KB }
    imports: [
      { service: { account: {callout_account}, subject: "credgate.v1.credentials.>" }, share: true }
      { service: { account: {callout_account}, subject: "credgate.v1.roles.>" }, share: true }
      { service: { account: {callout_account}, subject: "credgate.v1.sigv4.>" }, share: true }
      { service: { account: {callout_account}, subject: "$SRV.>" } }
      { stream: { account: {callout_account}, subject: "credgate.v1.events.>" } }
    ]
  }
  # Your clients. Limits set here hold for each of them; those in their credentials would not.
  {app_account} { jetstream: enabled }
  # credgate closes connections from here.
  {system_account} {
    users: [ { nkey: {system}, permissions: {
      subscribe: { allow: {system_subscribe} }
      publish: { allow: {system_publish} }
    } } ]
  }
}
system_account: {system_account}

authorization {
  # Seconds, and a bare number: 2.10 reads "5s" as one second.
  timeout: 5
  auth_callout {
    issuer: {issuer}
    account: {callout_account}
    # These two go past the callout. Their being nkeys is what makes the server send a nonce at all,
    # without which no client could use an nkey.
    auth_users: [ {gateway}, {system} ]
    xkey: {xkey}
  }
}
# No no_auth_user, ever: nats-server gives its name and password to clients that have none.
)";

constexpr std::string_view kOperatorTemplate =
    R"(# Made by `credgate init --mode operator`, for nats-server 2.10 and later.
listen: "{listen}"
jetstream { store_dir: "{jetstream_dir}" }

# Who vouches for the accounts. Each is a JWT with its keys and limits, which the operator signs: who
# can change this file, but lacks the operator's seed, can change none of them.
operator: {operator}
system_account: {system_id}
resolver: MEMORY
resolver_preload {
  # The callout account: credgate, the ticket that clients show, and nobody else.
  {callout_id}: {callout_jwt}
  # Your clients. The limits in it hold for each of them; those in their credentials would not.
  {app_id}: {app_jwt}
  # Who manages credentials over NATS.
  {admin_id}: {admin_jwt}
  # credgate closes connections from here.
  {system_id}: {system_jwt}
}

authorization {
  # Seconds, and a bare number: 2.10 reads "5s" as one second.
  timeout: 5
}

# From nats-server 2.11.2 on: what a client without a user JWT is taken to have shown, so that those
# with a bare password, token or nkey, and those over MQTT, need no sentinel. An older server does
# not start with this line.
{comment}default_sentinel: {sentinel_jwt}
)";

}  // namespace

std::string nats_server_conf(const NatsServerConf& conf) {
  return fill(kServerConf, {{"{listen}", conf.listen},
                            {"{jetstream_dir}", conf.jetstream_dir},
                            {"{callout_account}", kCalloutAccount},
                            {"{app_account}", conf.app_account},
                            {"{admin_account}", kAdminAccount},
                            {"{gateway_subscribe}", nlohmann::json(kGatewaySubscribe).dump()},
                            {"{gateway_publish}", nlohmann::json(kGatewayPublish).dump()},
                            {"{system_account}", kSystemAccount},
                            {"{gateway}", conf.gateway},
                            {"{system}", conf.system},
                            {"{system_subscribe}", nlohmann::json(kSystemSubscribe).dump()},
                            {"{system_publish}", nlohmann::json(kSystemPublish).dump()},
                            {"{issuer}", conf.issuer},
                            {"{xkey}", conf.xkey}});
}

std::string operator_server_conf(const OperatorServerConf& conf) {
  return fill(kOperatorTemplate, {{"{listen}", conf.listen},
                                  {"{jetstream_dir}", conf.jetstream_dir},
                                  {"{operator}", conf.operator_jwt},
                                  {"{callout_id}", conf.callout.id},
                                  {"{callout_jwt}", conf.callout.jwt},
                                  {"{system_id}", conf.system.id},
                                  {"{system_jwt}", conf.system.jwt},
                                  {"{admin_id}", conf.admin.id},
                                  {"{admin_jwt}", conf.admin.jwt},
                                  {"{app_id}", conf.app.id},
                                  {"{app_jwt}", conf.app.jwt},
                                  {"{comment}", conf.default_sentinel ? "" : "# "},
                                  {"{sentinel_jwt}", conf.sentinel_jwt}});
}

}  // namespace gateway::cli
