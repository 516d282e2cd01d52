#include "gateway/cli/output/connect_help.h"

#include <string>

#include "tests/support/catch.h"

using gateway::cli::Client;
using gateway::cli::connect_text;
using gateway::cli::Login;
using gateway::cli::login_of;
using gateway::cli::Servers;
using Json = nlohmann::ordered_json;

namespace {

Json made(const char* kind) {
  return {{"credential",
           {{"id", "CGID"},
            {"name", "shop"},
            {"kind", kind},
            {"inbox", "private"},
            {"connection_types", Json::array()},
            {"secrets", {{{"login", "OLD"}}, {{"login", "NEW"}}}}}},
          {"inbox_prefix", "_CG.CGID"}};
}

const Servers kServers{.url = "nats://10.0.0.1:4222",
                       .ca_file = {},
                       .client_certificate = false,
                       .operator_mode = false,
                       .sentinel = {}};

bool has(const std::string& text, const char* part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("connect_help: a login is what the newest secret says", "[gateway]") {
  CHECK(login_of(made("key"), "f").user == "CGID");
  CHECK(login_of(made("password"), "f").user == "NEW");
  CHECK(login_of(made("nkey"), "f").public_key == "NEW");
  CHECK(login_of(made("nkey"), "f").file == "client.nk");
  CHECK(login_of(made("creds"), "f").file == "f");
}

TEST_CASE("connect_help: a secret is one word of the shell, also if it begins with a dash",
          "[gateway]") {
  Json result = made("key");
  result["secret"] = "-a'b";
  const std::string text = connect_text(result, login_of(result, "f"), kServers, {});
  CHECK(has(text, "  shell       export NATS_PASSWORD='-a'\\''b'\n"));
  CHECK(text.find("-a'", text.find("nats CLI")) == text.npos);
}

TEST_CASE("connect_help: a chosen password is read from its file, or asked for", "[gateway]") {
  const Json result = made("password");
  Login login = login_of(result, "f");
  CHECK(has(connect_text(result, login, kServers, {}), "IFS= read "));
  login.password_file = {.path = "my $file", .crlf = false};
  CHECK(has(connect_text(result, login, kServers, {}),
            "export NATS_PASSWORD=\"$(cat -- 'my $file')\"\n"));
  login.password_file.crlf = true;
  CHECK(has(connect_text(result, login, kServers, {}),
            "export NATS_PASSWORD=\"$(tr -d '\\r' < 'my $file')\"\n"));
}

TEST_CASE("connect_help: the rows of Python are one line of it", "[gateway]") {
  Servers secure = kServers;
  secure.ca_file = "/etc/ssl/private-certificates/ca.pem";
  secure.client_certificate = true;
  const Json result = made("key");
  const std::string text = connect_text(result, login_of(result, "f"), secure, {});
  const std::size_t begin = text.find("  Python ");
  const std::string rows = text.substr(begin, text.find("\n  C ") - begin);
  INFO(rows);
  REQUIRE(has(rows, "\n"));
  for (std::size_t end = rows.find('\n'); end != rows.npos; end = rows.find('\n', end + 1))
    CHECK(rows.substr(end - 2, 2) == " \\");
}

TEST_CASE("connect_help: a client without lines is told why", "[gateway]") {
  const Json result = made("nkey");
  CHECK(has(connect_text(result, login_of(result, "f"), kServers, {}), "  MQTT        none: MQTT"));
}

TEST_CASE("connect_help: a program replaces the lines, unless there is none", "[gateway]") {
  const Json result = made("nkey");
  const Login login = login_of(result, "f");
  const std::string program = connect_text(result, login, kServers, Client::python);
  CHECK(has(program, "asyncio.run(main())\n"));
  CHECK_FALSE(has(program, "nats CLI"));
  CHECK(has(connect_text(result, login, kServers, Client::mqtt), "nats CLI"));
}

TEST_CASE("connect_help: an address of this machine is said to be one", "[gateway]") {
  const Json result = made("key");
  Servers here = kServers;
  CHECK_FALSE(has(connect_text(result, login_of(result, "f"), here, {}), "this machine"));
  for (const char* url : {"nats://127.0.0.1:4222", "nats://localhost:4222", "nats://[::1]:4222"}) {
    here.url = url;
    CHECK(has(connect_text(result, login_of(result, "f"), here, {}), "this machine"));
  }
}
