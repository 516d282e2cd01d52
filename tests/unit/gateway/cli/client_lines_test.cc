#include "gateway/cli/output/client_lines.h"

#include <string>

#include "auth/base/text.h"
#include "gateway/cli/output/literals.h"
#include "gateway/cli/output/snippet.h"
#include "tests/support/catch.h"

using auth::Kind;
using gateway::cli::c_literal;
using gateway::cli::Client;
using gateway::cli::client_lines;
using gateway::cli::ClientLines;
using gateway::cli::ClientName;
using gateway::cli::file_name;
using gateway::cli::kClients;
using gateway::cli::Login;
using gateway::cli::Servers;
using gateway::cli::snippet;
using gateway::cli::string_literal;

namespace {

constexpr Kind kKinds[] = {Kind::key,  Kind::password, Kind::token,
                           Kind::nkey, Kind::creds,    Kind::cert};

Login login_of(Kind kind) {
  return {.kind = kind,
          .user = "alice",
          .file = kind == Kind::nkey ? "client.nk" : "shop.creds",
          .public_key = "UABC",
          .inbox_prefix = "_CG.X",
          .connection_types = {}};
}

Servers servers(bool operator_mode) {
  return {.url = "nats://127.0.0.1:4222",
          .ca_file = {},
          .client_certificate = false,
          .operator_mode = operator_mode,
          .sentinel = "sentinel.creds"};
}

// What the clients of a kind are told, one letter each: x for lines, - for none.
std::string row_of(Kind kind, bool operator_mode) {
  std::string row;
  for (const ClientName& client : kClients) {
    const ClientLines lines = client_lines(client.client, login_of(kind), servers(operator_mode));
    CHECK(lines.statements.empty() != lines.why_none.empty());
    row += lines.statements.empty() ? '-' : 'x';
  }
  return row;
}

}  // namespace

TEST_CASE("literals: hostile text stays one word or one string", "[gateway]") {
  struct Row {
    const char* text;
    const char* shell;
    const char* literal;
    const char* c;
  };
  const Row rows[] = {
      {"plain_1.a-b", "plain_1.a-b", "\"plain_1.a-b\"", "\"plain_1.a-b\""},
      {"", "''", "\"\"", "\"\""},
      {"a b", "'a b'", "\"a b\"", "\"a b\""},
      {"it's", "'it'\\''s'", "\"it's\"", "\"it's\""},
      {"$(id)`id`", "'$(id)`id`'", "\"$(id)`id`\"", "\"$(id)`id`\""},
      {"a\"b\\c", "'a\"b\\c'", "\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\""},
      {"a\nb\rc", "'a\nb\rc'", "\"a\\nb\\rc\"", "\"a\\nb\\rc\""},
      {"a\x1b\x7f", "'a\x1b\x7f'", "\"a\\u001b\\u007f\"", "\"a\\033\\177\""},
      {"what\?\?/", "'what\?\?/'", "\"what\?\?/\"", "\"what\\?\\?/\""},
      {"ä", "'ä'", "\"ä\"", "\"ä\""},
      {"=ls", "'=ls'", "\"=ls\"", "\"=ls\""},
      {"a=b", "a=b", "\"a=b\"", "\"a=b\""},
      {"#a", "'#a'", "\"#a\"", "\"#a\""},
      {"^a", "'^a'", "\"^a\"", "\"^a\""},
      {"~root", "'~root'", "\"~root\"", "\"~root\""},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(auth::shell_word(row.text) == row.shell);
    CHECK(string_literal(row.text) == row.literal);
    CHECK(c_literal(row.text) == row.c);
  }
}

TEST_CASE("literals: a file is named after a credential whose name can be typed", "[gateway]") {
  CHECK(file_name("shop-1.eu", "CG1") == "shop-1.eu");
  for (const char* name : {"", "-rf", ".hidden", "a/b", "a b", "../x", "ä", "a'b", "a\nb"}) {
    INFO(name);
    CHECK(file_name(name, "CG1") == "CG1");
  }
}

TEST_CASE("client_lines: each client of each kind has lines, or a reason", "[gateway]") {
  struct Row {
    Kind kind;
    const char* config;         // nats CLI, JavaScript, Go, Python, C, Java, MQTT
    const char* operator_mode;  // likewise
  };
  const Row rows[] = {
      {Kind::key, "xxxxxxx", "-xx-xx-"},   {Kind::password, "xxxxxxx", "-xx-xx-"},
      {Kind::token, "xxxxxxx", "xxx-xx-"}, {Kind::nkey, "xxxxxx-", "-x---x-"},
      {Kind::creds, "xxxx-x-", "xxxxxx-"}, {Kind::cert, "xxxxx-x", "xxxxx--"},
  };
  for (const Row& row : rows) {
    INFO(name(row.kind));
    CHECK(row_of(row.kind, false) == row.config);
    CHECK(row_of(row.kind, true) == row.operator_mode);
  }
}

TEST_CASE("client_lines: a line has the server, the sentinel, and no secret", "[gateway]") {
  for (const Kind kind : kKinds) {
    for (const bool operator_mode : {false, true}) {
      for (const ClientName& client : kClients) {
        std::string whole;
        const Login login = login_of(kind);
        for (const std::string& text :
             client_lines(client.client, login, servers(operator_mode)).statements)
          whole += text + "\n";
        if (whole.empty()) continue;
        INFO(whole);
        CHECK(whole.find("127.0.0.1") != whole.npos);
        CHECK((whole.find("sentinel.creds") != whole.npos) ==
              (operator_mode && kind != Kind::creds));
        CHECK(whole.find(client.client == Client::mqtt ? "_CG/X/" : "_CG.X") != whole.npos);
        if (const char* variable = gateway::cli::secret_variable(kind);
            variable != nullptr && !(client.client == Client::cli && kind != Kind::token))
          CHECK(whole.find(variable) != whole.npos);
      }
    }
  }
}

TEST_CASE("client_lines: what a client cannot do is not printed", "[gateway]") {
  Login login = login_of(Kind::key);
  login.connection_types = {auth::ConnectionType::mqtt};
  for (const ClientName& client : kClients) {
    const ClientLines lines = client_lines(client.client, login, servers(false));
    CHECK(lines.statements.empty() == (client.client != Client::mqtt));
  }
  login.connection_types = {auth::ConnectionType::standard};
  CHECK(client_lines(Client::mqtt, login, servers(false)).why_none ==
        "--connection-types does not list MQTT");
  login.user = "al\"ice";
  CHECK(client_lines(Client::c, login, servers(false)).statements.empty());
  login.user = "alice";
  CHECK_FALSE(client_lines(Client::c, login, servers(false)).statements.empty());
  login.escaped_password = true;
  CHECK(client_lines(Client::c, login, servers(false)).statements.empty());
  Servers secure = servers(false);
  secure.ca_file = "ca.pem";
  CHECK(client_lines(Client::java, login, secure).statements.empty());
}

TEST_CASE("client_lines: TLS has its certificates in each line", "[gateway]") {
  Servers secure = servers(false);
  secure.url = "tls://nats.example.com:4222";
  secure.ca_file = "my ca.pem";
  secure.client_certificate = true;
  for (const ClientName& client : kClients) {
    if (client.client == Client::java) continue;
    std::string whole;
    for (const std::string& text :
         client_lines(client.client, login_of(Kind::key), secure).statements)
      whole += text + "\n";
    INFO(whole);
    for (const char* file : {"my ca.pem", "client.pem", "client.key"})
      CHECK(whole.find(file) != whole.npos);
  }
}

TEST_CASE("client_lines: TLS is demanded with the CAs of the system, too", "[gateway]") {
  struct Row {
    Client client;
    const char* part;
  };
  const Row rows[] = {{Client::cli, "=tls://"},
                      {Client::javascript, "tls: {}"},
                      {Client::go, "\"tls://"},
                      {Client::python, "tls=context"},
                      {Client::c, "natsOptions_SetSecure(opts, true)"},
                      {Client::java, "\"tls://"},
                      {Client::mqtt, "--capath"}};
  Servers secure = servers(false);
  secure.url = "tls://nats.example.com:4222";
  for (const Row& row : rows) {
    std::string whole;
    for (const std::string& text : client_lines(row.client, login_of(Kind::key), secure).statements)
      whole += text + "\n";
    INFO(whole);
    CHECK(whole.find(row.part) != whole.npos);
  }
}

TEST_CASE("client_lines: a certificate is shown with TLS, whatever the address", "[gateway]") {
  const Login login = login_of(Kind::cert);
  const auto python = client_lines(Client::python, login, servers(false)).statements;
  REQUIRE(python.size() == 3);
  CHECK(python[0] == "context = ssl.create_default_context()");
  CHECK(python[2].find("tls=context") != python[2].npos);
  CHECK(client_lines(Client::javascript, login, servers(false)).statements[0].find("tls: {") !=
        std::string::npos);
  CHECK(client_lines(Client::c, login, servers(false)).statements[1] ==
        "natsOptions_SetSecure(opts, true);");
}

TEST_CASE("client_lines: the nats CLI gets a token in its environment", "[gateway]") {
  const std::string line =
      client_lines(Client::cli, login_of(Kind::token), servers(false)).statements[0];
  CHECK(line.starts_with("NATS_USER=\"$NATS_TOKEN\" NATS_PASSWORD= nats "));
  CHECK(line.find("NATS_TOKEN", line.find(" nats ")) == line.npos);
}

TEST_CASE("snippet: a client that has no lines has no program", "[gateway]") {
  for (const Kind kind : kKinds) {
    for (const bool operator_mode : {false, true}) {
      for (const ClientName& client : kClients) {
        const Login login = login_of(kind);
        const Servers where = servers(operator_mode);
        const bool has_lines = !client_lines(client.client, login, where).statements.empty();
        CHECK(snippet(client.client, login, where).empty() != has_lines);
      }
    }
  }
}
