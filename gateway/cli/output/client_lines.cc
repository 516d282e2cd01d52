#include "gateway/cli/output/client_lines.h"

#include <algorithm>

#include "auth/base/text.h"
#include "gateway/cli/output/literals.h"
#include "gateway/cli/output/program_lines.h"

namespace gateway::cli {
namespace {

using auth::ConnectionType;
using auth::Kind;
using Strings = std::vector<std::string>;

// Beside --user, the nats CLI drops --creds; without a password it takes the user for a token.
ClientLines cli_lines(const Login& login, const Servers& servers) {
  const bool sentinel = needs_sentinel(login, servers);
  if (sentinel && has_password(login.kind)) {
    return {{},
            "it sends either the sentinel or a user name, not both; use kind token or creds, or "
            "default_sentinel in nats-server"};
  }
  if (sentinel && login.kind == Kind::nkey) return no_sentinel_beside();
  Strings words;
  // An argument would be in the list of processes. A password that is exported makes the token a
  // user name.
  if (login.kind == Kind::token) words = {"NATS_USER=\"$NATS_TOKEN\"", "NATS_PASSWORD="};
  words.insert(words.end(), {"nats", "--server=" + auth::shell_word(servers.url)});
  if (has_password(login.kind)) words.push_back("--user=" + auth::shell_word(login.user));
  if (login.kind == Kind::nkey) words.push_back("--nkey=" + auth::shell_word(login.file));
  // In configuration mode nats-server discards the user JWT; the nkey of its seed proves as much.
  if (login.kind == Kind::creds) {
    words.push_back((servers.operator_mode ? "--creds=" : "--nkey=") +
                    auth::shell_word(login.file));
  }
  if (sentinel) words.push_back("--creds=" + auth::shell_word(servers.sentinel));
  if (!servers.ca_file.empty()) words.push_back("--tlsca=" + auth::shell_word(servers.ca_file));
  if (shows_certificate(login, servers)) {
    words.push_back(std::string("--tlscert=") + kCertificateFile);
    words.push_back(std::string("--tlskey=") + kCertificateKeyFile);
  }
  if (!login.inbox_prefix.empty())
    words.push_back("--inbox-prefix=" + auth::shell_word(login.inbox_prefix));
  words.emplace_back("rtt");
  return {{auth::join(words, " ")}, {}};
}

std::string topic_of(std::string subject) {
  std::ranges::replace(subject, '.', '/');
  return subject;
}

// nats://[::1]:4222 has the host ::1.
std::string host_of(const std::string& url) {
  std::string host = url.substr(url.find("://") + 3);
  host.resize(host.rfind(':'));
  if (host.starts_with('[')) return host.substr(1, host.size() - 2);
  return host;
}

// It subscribes, because a client may always subscribe to its own inbox.
ClientLines mqtt_lines(const Login& login, const Servers& servers) {
  if (login.kind == Kind::nkey || login.kind == Kind::creds)
    return {{}, "MQTT has no nonce that a client could sign; use kind key"};
  if (servers.operator_mode) {
    return {{},
            "MQTT has no place for the sentinel; nats-server needs default_sentinel (2.11.2 and "
            "later)"};
  }
  Strings words = {"mosquitto_sub", "-h " + auth::shell_word(host_of(servers.url)),
                   std::string("-p ") + (needs_tls(login, servers) ? "8883" : "1883")};
  if (has_password(login.kind))
    words.push_back("-u " + auth::shell_word(login.user) + " -P \"$NATS_PASSWORD\"");
  if (login.kind == Kind::token) words.emplace_back("-u \"$NATS_TOKEN\"");
  if (!servers.ca_file.empty()) {
    words.push_back("--cafile " + auth::shell_word(servers.ca_file));
  } else if (needs_tls(login, servers)) {
    words.emplace_back("--capath /etc/ssl/certs");
  }
  if (shows_certificate(login, servers)) {
    words.push_back(std::string("--cert ") + kCertificateFile);
    words.push_back(std::string("--key ") + kCertificateKeyFile);
  }
  const std::string inbox = login.inbox_prefix.empty() ? "_INBOX" : login.inbox_prefix;
  words.push_back("-t " + auth::shell_word(topic_of(inbox) + "/mqtt"));
  words.emplace_back("-E");
  return {{auth::join(words, " ")}, {}};
}

}  // namespace

bool has_password(Kind kind) {
  return kind == Kind::key || kind == Kind::password;
}

const char* secret_variable(Kind kind) {
  if (has_password(kind)) return "NATS_PASSWORD";
  return kind == Kind::token ? "NATS_TOKEN" : nullptr;
}

bool shows_certificate(const Login& login, const Servers& servers) {
  return login.kind == Kind::cert || servers.client_certificate;
}

bool needs_tls(const Login& login, const Servers& servers) {
  return servers.url.starts_with("tls:") || !servers.ca_file.empty() ||
         shows_certificate(login, servers);
}

std::optional<Client> client_named(std::string_view word) {
  for (const ClientName& client : kClients) {
    if (word == client.word) return client.client;
  }
  return std::nullopt;
}

bool needs_sentinel(const Login& login, const Servers& servers) {
  return servers.operator_mode && login.kind != Kind::creds;
}

ClientLines client_lines(Client client, const Login& login, const Servers& servers) {
  const ConnectionType needed =
      client == Client::mqtt ? ConnectionType::mqtt : ConnectionType::standard;
  const auto& allowed = login.connection_types;
  if (!allowed.empty() && std::ranges::find(allowed, needed) == allowed.end()) {
    return {{}, "--connection-types does not list " + std::string(name(needed))};
  }
  switch (client) {
    case Client::cli:
      return cli_lines(login, servers);
    case Client::javascript:
      return javascript_lines(login, servers);
    case Client::go:
      return go_lines(login, servers);
    case Client::python:
      return python_lines(login, servers);
    case Client::c:
      return c_lines(login, servers);
    case Client::java:
      return java_lines(login, servers);
    case Client::mqtt:
      return mqtt_lines(login, servers);
  }
  return {};
}

}  // namespace gateway::cli
