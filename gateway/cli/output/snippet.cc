#include "gateway/cli/output/snippet.h"

#include <utility>
#include <vector>

namespace gateway::cli {
namespace {

using auth::Kind;
using Strings = std::vector<std::string>;

std::string rows(const Strings& statements, const std::string& before, const std::string& after) {
  std::string text;
  for (const std::string& statement : statements)
    text.append(before).append(statement).append(after).append("\n");
  return text;
}

// All but the last.
Strings preparations(const Strings& statements) {
  return {statements.begin(), statements.end() - 1};
}

// Where the program takes the secret from.
std::string about_secret(const std::string& comment, Kind kind) {
  const char* variable = secret_variable(kind);
  if (variable == nullptr) return "";
  return comment + " The secret is in the variable " + variable + ".\n";
}

std::string javascript_program(const Strings& statements, const Login& login,
                               const Servers& servers) {
  const bool creds = login.kind == Kind::creds || needs_sentinel(login, servers);
  const bool nkey = login.kind == Kind::nkey;
  std::string text = "// npm install @nats-io/transport-node && node connect.mjs\n" +
                     about_secret("//", login.kind);
  if (creds || nkey) text += "import { readFile } from \"node:fs/promises\";\n";
  text += "import { connect" + std::string(creds ? ", credsAuthenticator" : "") +
          (nkey ? ", nkeyAuthenticator" : "") + " } from \"@nats-io/transport-node\";\n\n";
  return text + "const connection = await " + statements.back() +
         ";\n"
         "console.log(`connected to ${connection.getServer()}`);\n"
         "await connection.close();\n";
}

std::string go_program(const Strings& statements, const Login& login) {
  const std::string check = "\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}";
  const std::string text =
      "// go mod init connect && go get github.com/nats-io/nats.go && go run connect.go\n" +
      about_secret("//", login.kind) + "package main\n\nimport (\n\t\"fmt\"\n\t\"log\"\n" +
      (secret_variable(login.kind) != nullptr ? "\t\"os\"\n" : "") +
      "\n\t\"github.com/nats-io/nats.go\"\n)\n\nfunc main() {\n";
  return text + rows(preparations(statements), "\t", check) +
         "\tconnection, err := " + statements.back() + check +
         "\n\tdefer connection.Close()\n"
         "\tfmt.Println(\"connected to\", connection.ConnectedUrl())\n"
         "}\n";
}

std::string python_program(const Strings& statements, const Login& login, const Servers& servers) {
  std::string text = "# pip install 'nats-py[nkeys]' && python3 connect.py\n" +
                     about_secret("#", login.kind) + "import asyncio\n";
  if (secret_variable(login.kind) != nullptr) text += "import os\n";
  if (needs_tls(login, servers)) text += "import ssl\n";
  text += "\nimport nats\n\n\nasync def main():\n";
  return text + rows(preparations(statements), "    ", "") + "    connection = await " +
         statements.back() +
         "\n"
         "    print(\"connected to\", connection.connected_url.geturl())\n"
         "    await connection.close()\n"
         "\n\n"
         "asyncio.run(main())\n";
}

std::string c_program(const Strings& statements, const Login& login) {
  return "// cc connect.c -lnats -o connect && ./connect\n" + about_secret("//", login.kind) +
         "#include <nats/nats.h>\n"
         "#include <stdio.h>\n"
         "#include <stdlib.h>\n"
         "\n"
         "int main(void) {\n"
         "  natsOptions *opts = NULL;\n"
         "  natsConnection *connection = NULL;\n"
         "  char url[256] = \"\";\n"
         "  natsStatus s = natsOptions_Create(&opts);\n" +
         rows(statements, "  if (s == NATS_OK) s = ", "") +
         "  if (s == NATS_OK) s = natsConnection_Connect(&connection, opts);\n"
         "  if (s == NATS_OK) s = natsConnection_GetConnectedUrl(connection, url, sizeof url);\n"
         "  if (s == NATS_OK) {\n"
         "    printf(\"connected to %s\\n\", url);\n"
         "  } else {\n"
         "    fprintf(stderr, \"%s\\n\", natsStatus_GetText(s));\n"
         "  }\n"
         "  natsConnection_Destroy(connection);\n"
         "  natsOptions_Destroy(opts);\n"
         "  nats_Close();\n"
         "  return s == NATS_OK ? 0 : 1;\n"
         "}\n";
}

std::string java_program(const Strings& statements, const Login& login) {
  return "// javac -cp jnats.jar Connect.java && java -cp jnats.jar:. Connect\n" +
         about_secret("//", login.kind) +
         "import io.nats.client.Connection;\n"
         "import io.nats.client.Nats;\n"
         "import io.nats.client.Options;\n"
         "import java.nio.file.Files;\n"
         "import java.nio.file.Path;\n"
         "\n"
         "public class Connect {\n"
         "  public static void main(String[] arguments) throws Exception {\n" +
         rows(preparations(statements), "    ", "") + "    Options options = " + statements.back() +
         ";\n"
         "    try (Connection connection = Nats.connect(options)) {\n"
         "      System.out.println(\"connected to \" + connection.getConnectedUrl());\n"
         "    }\n"
         "  }\n"
         "}\n";
}

}  // namespace

std::string snippet(Client client, const Login& login, const Servers& servers) {
  const Strings statements = client_lines(client, login, servers).statements;
  if (statements.empty()) return "";
  switch (client) {
    case Client::javascript:
      return javascript_program(statements, login, servers);
    case Client::go:
      return go_program(statements, login);
    case Client::python:
      return python_program(statements, login, servers);
    case Client::c:
      return c_program(statements, login);
    case Client::java:
      return java_program(statements, login);
    case Client::cli:
      return about_secret("#", login.kind) + statements.back() + "\n";
    case Client::mqtt:
      return about_secret("#", login.kind) + statements.back() + " && echo connected\n";
  }
  return "";
}

}  // namespace gateway::cli
