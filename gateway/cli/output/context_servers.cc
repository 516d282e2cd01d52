#include "gateway/cli/output/context_servers.h"

#include <algorithm>
#include <filesystem>

#include "auth/nats/creds_file.h"
#include "gateway/cli/remote.h"
#include "gateway/cli/run_operation.h"
#include "gateway/cli/setup/operator_setup.h"
#include "gateway/config/keys.h"

namespace gateway::cli {
namespace {

// The name is that of init, and any other file of that name is not one to hand out.
auth::SecretText own_sentinel(const Config& config) {
  if (!config.operator_mode) return {};
  try {
    NatsConfig named;
    named.creds = kSentinelFile;
    const NatsLogin login = load_login(config, named);
    const std::string key = write_public_key(login.key.public_key());
    if (std::ranges::find(config.sentinels, key) == config.sentinels.end()) return {};
    return auth::write_creds(login.user_jwt, login.key);
  } catch (const auth::ConfigError&) {
    return {};  // with default_sentinel nobody needs it
  }
}

ContextServers own_servers(const Context& context) {
  const Config config = load_config(context.config);
  return {.urls = config.nats.urls,
          .tls = !config.nats.ca_file.empty() || !config.nats.cert_file.empty(),
          .asks_for_certificates = !config.nats.cert_file.empty(),
          .ca_file = config.nats.ca_file,
          .configuration_mode = !config.operator_mode,
          .sentinel = own_sentinel(config),
          .why_no_sentinel = std::string(kSentinelFile) + " is not in the directory of keys"};
}

// The credentials file beside its login may be that of another user, which is not to be handed on.
ContextServers servers_of(const Remote& remote) {
  const RemoteOptions& options = remote.options();
  return {.urls = remote.servers(),
          .tls = !options.tlsca.empty() || !options.tlscert.empty(),
          .asks_for_certificates = !options.tlscert.empty(),
          .ca_file = options.tlsca.empty() ? "" : std::filesystem::absolute(options.tlsca).string(),
          .configuration_mode = false,
          .sentinel = auth::SecretText{remote.sentinel().view()},
          .why_no_sentinel = "this command shows no sentinel that could be copied"};
}

}  // namespace

ContextServers context_servers(const Context& context) {
  return context.remote.given() ? servers_of(reach(context)) : own_servers(context);
}

}  // namespace gateway::cli
