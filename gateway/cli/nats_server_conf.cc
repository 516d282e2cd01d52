#include "gateway/cli/nats_server_conf.h"

#include <array>
#include <string_view>
#include <utility>

namespace gateway::cli {
namespace {

constexpr std::string_view kTemplate = R"(# Made by `credgate init`, for nats-server 2.10 and later.
listen: "{listen}"
jetstream { store_dir: "{jetstream_dir}" }

accounts {
  # The callout account: credgate and nobody else. Who may subscribe here reads every password.
  {callout_account} {
    users: [ { nkey: {gateway}, permissions: {
      subscribe: { allow: ["$SYS.REQ.USER.AUTH"] }
      publish: { allow: ["$SYS._INBOX.>"] }
    } } ]
  }
  # Your clients. Limits set here hold for each of them; those in their credentials would not.
  {app_account} { jetstream: enabled }
  # credgate closes connections from here.
  {system_account} {
    users: [ { nkey: {system}, permissions: {
      subscribe: { allow: ["_INBOX.>"] }
      publish: { allow: ["$SYS.REQ.SERVER.*.KICK"] }
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
# No no_auth_user, ever: before 2.12.14 it let clients in without any callout.
)";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

std::string nats_server_conf(const NatsServerConf& conf) {
  const std::array<std::pair<std::string_view, std::string_view>, 9> words = {
      {{"{listen}", conf.listen},
       {"{jetstream_dir}", conf.jetstream_dir},
       {"{callout_account}", kCalloutAccount},
       {"{app_account}", conf.app_account},
       {"{system_account}", kSystemAccount},
       {"{gateway}", conf.gateway},
       {"{system}", conf.system},
       {"{issuer}", conf.issuer},
       {"{xkey}", conf.xkey}}};
  std::string text{kTemplate};
  for (const auto& [from, to] : words)
    replace_all(text, from, to);
  return text;
}

}  // namespace gateway::cli
