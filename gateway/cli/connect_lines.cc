#include "gateway/cli/connect_lines.h"

#include <string_view>
#include <utility>
#include <vector>

#include "auth/credential_json.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using auth::Kind;

// One line per client, in the words of each.
struct Lines {
  std::string cli;         // options of the nats command
  std::string javascript;  // options of connect()
  std::string go;          // an option of nats.Connect
  std::string python;      // arguments of nats.connect
  std::string c;           // a call on natsOptions
  std::string mqtt;        // options of mosquitto_pub; empty where MQTT cannot carry it
};

std::string literal(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// For a shell: names are other people's text.
std::string shell(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=";
  if (!text.empty() && text.find_first_not_of(kPlain) == text.npos) return std::string(text);
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

Lines with_user(std::string_view user, std::string_view password) {
  const std::string u = literal(user);
  const std::string p = literal(password);
  return {.cli = "--user " + shell(user) + " --password " + shell(password),
          .javascript = "user: " + u + ", pass: " + p,
          .go = "nats.UserInfo(" + u + ", " + p + ")",
          .python = "user=" + u + ", password=" + p,
          .c = "natsOptions_SetUserInfo(opts, " + u + ", " + p + ");",
          .mqtt = "-u " + shell(user) + " -P " + shell(password)};
}

Lines with_token(std::string_view token) {
  const std::string t = literal(token);
  return {.cli = "--user " + shell(token),
          .javascript = "token: " + t,
          .go = "nats.Token(" + t + ")",
          .python = "token=" + t,
          .c = "natsOptions_SetToken(opts, " + t + ");",
          .mqtt = ""};
}

Lines with_nkey() {
  return {.cli = "--nkey client.nk",
          .javascript = "authenticator: nkeyAuthenticator(seed)",
          .go = "nats.NkeyOptionFromSeed(\"client.nk\")",
          .python = "nkeys_seed=\"client.nk\"",
          .c = "natsOptions_SetNKeyFromSeed(opts, public_key, \"client.nk\");",
          .mqtt = ""};
}

Lines with_creds(const std::string& file) {
  const std::string f = literal(file);
  return {.cli = "--creds " + shell(file),
          .javascript = "authenticator: credsAuthenticator(await readFile(" + f + "))",
          .go = "nats.UserCredentials(" + f + ")",
          .python = "user_credentials=" + f,
          .c = "natsOptions_SetUserCredentialsFromFiles(opts, " + f + ", NULL);",
          .mqtt = ""};
}

Lines with_certificate() {
  return {.cli = "--tlscert client.pem --tlskey client.key --tlsca ca.pem",
          .javascript =
              "tls: { certFile: \"client.pem\", keyFile: \"client.key\", caFile: \"ca.pem\" }",
          .go = "nats.ClientCert(\"client.pem\", \"client.key\"), nats.RootCAs(\"ca.pem\")",
          .python = "tls=context",
          .c = "natsOptions_LoadCertificatesChain(opts, \"client.pem\", \"client.key\");",
          .mqtt = "--cert client.pem --key client.key --cafile ca.pem"};
}

std::string_view or_dots(const auth::SecretText& secret) {
  return secret.empty() ? std::string_view{"…"} : secret.view();
}

Lines lines_of(const Credential& c, const Proof& proof, const std::string& file) {
  switch (c.kind) {
    case Kind::key:
      return with_user(c.id, proof.secret.view());
    case Kind::password:
      return with_user(proof.login, or_dots(proof.secret));
    case Kind::token:
      return with_token(proof.token.view());
    case Kind::nkey:
      return with_nkey();
    case Kind::creds:
      return with_creds(file);
    case Kind::cert:
      return with_certificate();
  }
  return {};
}

std::string written(const Lines& lines, const std::string& inbox) {
  // A shared inbox needs no option.
  const auto with = [&inbox](const char* before, const char* after) {
    return inbox.empty() ? "" : before + inbox + after;
  };
  std::string text =
      "  nats CLI    nats " + lines.cli + with(" --inbox-prefix ", "") + " …\n" +
      "  JavaScript  connect({ servers, " + lines.javascript + with(", inboxPrefix: \"", "\"") +
      " })\n" + "  Go          nats.Connect(url, " + lines.go +
      with(", nats.CustomInboxPrefix(\"", "\")") + ")\n" + "  Python      nats.connect(url, " +
      lines.python + with(", inbox_prefix=\"", "\"") + ")\n" + "  C           " + lines.c +
      with(" natsOptions_SetCustomInboxPrefix(opts, \"", "\");") + "\n";
  if (!lines.mqtt.empty()) text += "  MQTT        mosquitto_pub " + lines.mqtt + " …\n";
  return text;
}

}  // namespace

std::string connect_lines(const std::string& what, const Credential& c, const Proof& proof,
                          const std::string& file) {
  const std::pair<const char*, std::string_view> rows[] = {{"id", c.id},
                                                           {"login", proof.login},
                                                           {"secret", proof.secret.view()},
                                                           {"token", proof.token.view()},
                                                           {"seed", proof.seed.view()}};
  std::string text = what + "\n\n";
  for (const auto& [label, value] : rows) {
    if (value.empty()) continue;
    const std::string shown =
        c.kind == Kind::nkey && std::string_view{label} == "login" ? "public key" : label;
    text += "  " + shown + std::string(12 - shown.size(), ' ') + std::string(value) + "\n";
  }
  const bool secret_shown = !proof.secret.empty() || !proof.token.empty() || !proof.seed.empty();
  if (secret_shown) {
    text += "\nThis is the only time that it is shown: credgate does not keep it.\n";
  }
  if (!proof.seed.empty()) text += "Put the seed into a file of its own, mode 0600: client.nk\n";
  const std::string inbox =
      c.inbox == auth::Inbox::private_inbox ? auth::inbox_prefix(c) : std::string{};
  return text + "\nTo connect:\n" + written(lines_of(c, proof, file), inbox);
}

std::string connect_json(const Credential& c, const Proof& proof) {
  nlohmann::ordered_json json = {{"credential", auth::write_json(c)}};
  const std::pair<const char*, std::string_view> members[] = {{"login", proof.login},
                                                              {"secret", proof.secret.view()},
                                                              {"token", proof.token.view()},
                                                              {"seed", proof.seed.view()},
                                                              {"creds", proof.creds.view()}};
  for (const auto& [key, value] : members) {
    if (!value.empty()) json[key] = value;
  }
  json["inbox_prefix"] = auth::inbox_prefix(c);
  return json.dump() + "\n";
}

}  // namespace gateway::cli
