#include "gateway/cli/output/program_lines.h"

#include "auth/base/text.h"
#include "gateway/cli/output/literals.h"

namespace gateway::cli {
namespace {

using auth::Kind;
using Strings = std::vector<std::string>;

std::string call(const std::string& function, const Strings& arguments) {
  return function + "(" + auth::join(arguments, ", ") + ")";
}

std::string javascript_creds(const std::string& file) {
  return "credsAuthenticator(await readFile(" + string_literal(file) + "))";
}

}  // namespace

ClientLines no_sentinel_beside() {
  return {{},
          "it sends either the sentinel or its own proof, not both; use kind creds, or "
          "default_sentinel in "
          "nats-server"};
}

ClientLines javascript_lines(const Login& login, const Servers& servers) {
  Strings members = {"servers: " + string_literal(servers.url)};
  if (has_password(login.kind)) {
    members.push_back("user: " + string_literal(login.user));
    members.emplace_back("pass: process.env.NATS_PASSWORD");
  }
  if (login.kind == Kind::token) members.emplace_back("token: process.env.NATS_TOKEN");
  // A later one replaces the nkey and the signature of an earlier one.
  Strings authenticators;
  if (needs_sentinel(login, servers)) authenticators.push_back(javascript_creds(servers.sentinel));
  if (login.kind == Kind::creds) authenticators.push_back(javascript_creds(login.file));
  if (login.kind == Kind::nkey) {
    authenticators.push_back("nkeyAuthenticator(Buffer.from((await readFile(" +
                             string_literal(login.file) + ", \"utf8\")).trim()))");
  }
  if (authenticators.size() == 1) members.push_back("authenticator: " + authenticators.front());
  if (authenticators.size() > 1)
    members.push_back("authenticator: [" + auth::join(authenticators, ", ") + "]");
  // Without `tls` it does without TLS where the server does, whatever its address says.
  Strings files;
  if (!servers.ca_file.empty()) files.push_back("caFile: " + string_literal(servers.ca_file));
  if (shows_certificate(login, servers)) {
    files.push_back("certFile: " + string_literal(kCertificateFile));
    files.push_back("keyFile: " + string_literal(kCertificateKeyFile));
  }
  if (needs_tls(login, servers))
    members.push_back(files.empty() ? "tls: {}" : "tls: { " + auth::join(files, ", ") + " }");
  if (!login.inbox_prefix.empty())
    members.push_back("inboxPrefix: " + string_literal(login.inbox_prefix));
  return {{"connect({ " + auth::join(members, ", ") + " })"}, {}};
}

ClientLines go_lines(const Login& login, const Servers& servers) {
  const bool sentinel = needs_sentinel(login, servers);
  if (sentinel && login.kind == Kind::nkey) return no_sentinel_beside();
  Strings statements;
  Strings options = {string_literal(servers.url)};
  if (has_password(login.kind)) {
    options.push_back(
        call("nats.UserInfo", {string_literal(login.user), "os.Getenv(\"NATS_PASSWORD\")"}));
  }
  if (login.kind == Kind::token) options.emplace_back("nats.Token(os.Getenv(\"NATS_TOKEN\"))");
  if (login.kind == Kind::nkey || (login.kind == Kind::creds && !servers.operator_mode)) {
    statements.push_back("option, err := " +
                         call("nats.NkeyOptionFromSeed", {string_literal(login.file)}));
    options.emplace_back("option");
  } else if (login.kind == Kind::creds) {
    options.push_back(call("nats.UserCredentials", {string_literal(login.file)}));
  }
  if (sentinel) options.push_back(call("nats.UserCredentials", {string_literal(servers.sentinel)}));
  if (!servers.ca_file.empty())
    options.push_back(call("nats.RootCAs", {string_literal(servers.ca_file)}));
  if (shows_certificate(login, servers)) {
    options.push_back(call("nats.ClientCert", {string_literal(kCertificateFile),
                                               string_literal(kCertificateKeyFile)}));
  }
  if (!login.inbox_prefix.empty())
    options.push_back(call("nats.CustomInboxPrefix", {string_literal(login.inbox_prefix)}));
  statements.push_back(call("nats.Connect", options));
  return {std::move(statements), {}};
}

// Whatever signs, nats.py sends nothing else beside the signature.
ClientLines python_lines(const Login& login, const Servers& servers) {
  const bool sentinel = needs_sentinel(login, servers);
  if (sentinel && login.kind != Kind::cert) return no_sentinel_beside();
  Strings statements;
  Strings arguments = {string_literal(servers.url)};
  const std::string file = string_literal(login.file);
  if (has_password(login.kind)) {
    arguments.push_back("user=" + string_literal(login.user));
    arguments.emplace_back("password=os.environ[\"NATS_PASSWORD\"]");
  }
  if (login.kind == Kind::token) arguments.emplace_back("token=os.environ[\"NATS_TOKEN\"]");
  if (login.kind == Kind::nkey)
    arguments.push_back("nkeys_seed_str=open(" + file + ").read().strip()");
  if (login.kind == Kind::creds && servers.operator_mode)
    arguments.push_back("user_credentials=" + file);
  if (login.kind == Kind::creds && !servers.operator_mode) {
    arguments.push_back("nkeys_seed_str=next(line.strip() for line in open(" + file +
                        ") if line.startswith(\"SU\"))");
  }
  if (sentinel) arguments.push_back("user_credentials=" + string_literal(servers.sentinel));
  if (needs_tls(login, servers)) {
    const std::string from =
        servers.ca_file.empty() ? "" : "cafile=" + string_literal(servers.ca_file);
    statements.push_back("context = ssl.create_default_context(" + from + ")");
    arguments.emplace_back("tls=context");
  }
  if (shows_certificate(login, servers)) {
    statements.push_back(call("context.load_cert_chain", {string_literal(kCertificateFile),
                                                          string_literal(kCertificateKeyFile)}));
  }
  if (!login.inbox_prefix.empty())
    arguments.push_back("inbox_prefix=" + string_literal(login.inbox_prefix));
  statements.push_back(call("nats.connect", arguments));
  return {std::move(statements), {}};
}

ClientLines c_lines(const Login& login, const Servers& servers) {
  const bool sentinel = needs_sentinel(login, servers);
  if (sentinel && login.kind == Kind::nkey) return no_sentinel_beside();
  if (login.kind == Kind::creds && !servers.operator_mode) {
    return {
        {},
        "it sends the user JWT without the nkey, and in configuration mode nats-server discards "
        "the user JWT; use kind nkey"};
  }
  if (has_password(login.kind) &&
      (login.escaped_password || login.user.find_first_of("\"\\") != login.user.npos))
    return {{}, "it sends a user name or password with \" or \\ in it wrongly"};
  Strings statements;
  const auto set = [&](const char* what, const Strings& values) {
    statements.push_back(std::string("natsOptions_") + what + "(opts, " + auth::join(values, ", ") +
                         ");");
  };
  const std::string file = c_literal(login.file);
  set("SetURL", {c_literal(servers.url)});
  if (needs_tls(login, servers)) set("SetSecure", {"true"});
  if (!servers.ca_file.empty()) set("LoadCATrustedCertificates", {c_literal(servers.ca_file)});
  if (shows_certificate(login, servers)) {
    set("LoadCertificatesChain", {c_literal(kCertificateFile), c_literal(kCertificateKeyFile)});
  }
  if (has_password(login.kind))
    set("SetUserInfo", {c_literal(login.user), "getenv(\"NATS_PASSWORD\")"});
  if (login.kind == Kind::token) set("SetToken", {"getenv(\"NATS_TOKEN\")"});
  if (login.kind == Kind::nkey) set("SetNKeyFromSeed", {c_literal(login.public_key), file});
  if (login.kind == Kind::creds) set("SetUserCredentialsFromFiles", {file, "NULL"});
  if (sentinel) set("SetUserCredentialsFromFiles", {c_literal(servers.sentinel), "NULL"});
  if (!login.inbox_prefix.empty()) set("SetCustomInboxPrefix", {c_literal(login.inbox_prefix)});
  return {std::move(statements), {}};
}

ClientLines java_lines(const Login& login, const Servers& servers) {
  if (!servers.ca_file.empty() || shows_certificate(login, servers))
    return {{}, "it takes certificates from a Java key store, not from PEM files"};
  const bool sentinel = needs_sentinel(login, servers);
  Strings statements;
  std::string options = "Options.builder() .server(" + string_literal(servers.url) + ")";
  if (has_password(login.kind)) {
    options +=
        " ." + call("userInfo", {string_literal(login.user), "System.getenv(\"NATS_PASSWORD\")"});
  }
  if (login.kind == Kind::token) options += " .token(System.getenv(\"NATS_TOKEN\").toCharArray())";
  if (login.kind == Kind::nkey) {
    statements.push_back("var seed = Files.readString(Path.of(" + string_literal(login.file) +
                         ")).strip().toCharArray();");
    // The user JWT is the second line of a credentials file.
    if (sentinel) {
      statements.push_back("var jwt = Files.readAllLines(Path.of(" +
                           string_literal(servers.sentinel) + ")).get(1).toCharArray();");
    }
    options += std::string(" .authHandler(Nats.staticCredentials(") + (sentinel ? "jwt" : "null") +
               ", seed))";
  } else if (login.kind == Kind::creds || sentinel) {
    options += " .authHandler(Nats.credentials(" +
               string_literal(sentinel ? servers.sentinel : login.file) + "))";
  }
  if (!login.inbox_prefix.empty())
    options += " .inboxPrefix(" + string_literal(login.inbox_prefix) + ")";
  statements.push_back(options + " .build()");
  return {std::move(statements), {}};
}

}  // namespace gateway::cli
