#pragma once
// How each client logs in with a credential: statements to paste, or why there are none. Clients
// differ in what they can send at once, and nats-server in what it hands on of that. Source:
// connectProto() of nats.go, _connect_command() of nats.py, _connectProto() of nats.c,
// buildAuthenticator() of nats.js, buildProtocolConnectOptionsString() of jnats, NATSOptions() of
// jsm.go's natscontext, which the nats CLI uses; processConnect() of nats-server.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credential/credential.h"

namespace gateway::cli {

enum class Client : std::uint8_t { cli, javascript, go, python, c, java, mqtt };

struct ClientName {
  Client client;
  const char* word;   // the value of --snippet
  const char* label;  // in a table
};
inline constexpr std::array<ClientName, 7> kClients = {{{Client::cli, "cli", "nats CLI"},
                                                        {Client::javascript, "js", "JavaScript"},
                                                        {Client::go, "go", "Go"},
                                                        {Client::python, "python", "Python"},
                                                        {Client::c, "c", "C"},
                                                        {Client::java, "java", "Java"},
                                                        {Client::mqtt, "mqtt", "MQTT"}}};

// The client that a value of --snippet names.
std::optional<Client> client_named(std::string_view word);

// A file that a shell can read a password from.
struct PasswordFile {
  std::string path;  // empty: there is none, and the password is typed
  bool crlf = false;
};

// What a client proves itself with.
struct Login {
  auth::Kind kind = auth::Kind::key;
  std::string user;          // kinds key and password
  std::string file;          // kind nkey: its seed; kind creds: the credentials file
  std::string public_key;    // kind nkey
  std::string inbox_prefix;  // empty: shared
  // Kind password, where its owner chose it, and whether it needs an escape in JSON.
  PasswordFile password_file{};
  bool escaped_password = false;
  std::vector<auth::ConnectionType> connection_types;  // empty: all but LEAFNODE
};

// Where it connects to.
struct Servers {
  std::string url;                  // nats://HOST:PORT or tls://HOST:PORT
  std::string ca_file;              // PEM; empty: the system's
  bool client_certificate = false;  // each client needs one
  bool operator_mode = false;
  std::string sentinel;  // operator mode: its credentials file
};

// Where the clients find their certificate and its key.
inline constexpr const char* kCertificateFile = "client.pem";
inline constexpr const char* kCertificateKeyFile = "client.key";

// The variable that they take the secret from, so that it is in no source, and not in the list of
// processes. Null if they read a file.
const char* secret_variable(auth::Kind kind);

// Whether the client sends a user name and a password.
bool has_password(auth::Kind kind);
bool shows_certificate(const Login& login, const Servers& servers);
// Whether the client must refuse a server without TLS.
bool needs_tls(const Login& login, const Servers& servers);
// All but creds show the user JWT of a sentinel in operator mode.
bool needs_sentinel(const Login& login, const Servers& servers);

struct ClientLines {
  // The last one connects. Each is a whole command, statement or, in JavaScript, Go, Python and
  // Java, an expression. Empty: `why_none`.
  std::vector<std::string> statements;
  std::string why_none;
};
ClientLines client_lines(Client client, const Login& login, const Servers& servers);

}  // namespace gateway::cli
