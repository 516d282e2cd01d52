#include "gateway/cli/output/connect_help.h"

#include <string_view>
#include <utility>
#include <vector>

#include "auth/credential/credential.h"
#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"

namespace gateway::cli {
namespace {

using auth::Kind;
using Json = nlohmann::ordered_json;

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

std::string_view member_of(const Json& made, const char* name) {
  const auto at = made.find(name);
  return at == made.end() ? std::string_view{} : at->get_ref<const std::string&>();
}

std::string_view or_dots(std::string_view secret) {
  return secret.empty() ? "…" : secret;
}

Lines lines_of(const Json& made, Kind kind, const std::string& file) {
  switch (kind) {
    case Kind::key:
      return with_user(member_of(made.at("credential"), "id"), or_dots(member_of(made, "secret")));
    case Kind::password:
      return with_user(member_of(made, "login"), or_dots(member_of(made, "secret")));
    case Kind::token:
      return with_token(or_dots(member_of(made, "token")));
    case Kind::nkey:
      return with_nkey();
    case Kind::creds:
      return with_creds(file);
    case Kind::cert:
      return with_certificate();
  }
  return {};
}

// Where a line may be broken: outside of quotes, before an option of a command, or after a comma or
// semicolon of code.
std::vector<std::string_view> pieces_of(std::string_view line, char quote) {
  std::vector<std::string_view> pieces;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\') ++i;
    if (i < line.size() && line[i] == quote) quoted = !quoted;
    if (i + 1 >= line.size() || line[i] != ' ' || quoted) continue;
    const bool option = quote == '\'' && line[i + 1] == '-';
    const bool code = quote == '"' && (line[i - 1] == ',' || line[i - 1] == ';');
    if (!option && !code) continue;
    pieces.push_back(line.substr(begin, i - begin));
    begin = i + 1;
  }
  pieces.push_back(line.substr(begin));
  return pieces;
}

// A line that can be copied, although it is broken: a shell reads on after a backslash.
std::string client_line(const char* client, std::string_view line, bool shell_line) {
  constexpr std::size_t kIndent = 14;
  const std::string_view more = shell_line ? " \\" : "";
  std::string text;
  std::string row = "  " + std::string(client);
  row.resize(kIndent, ' ');
  bool begun = false;
  const auto pieces = pieces_of(line, shell_line ? '\'' : '"');
  for (const std::string_view piece : pieces) {
    if (begun && columns(row) + 1 + columns(piece) + more.size() > output_width()) {
      text += row + std::string(more) + "\n";
      row = std::string(kIndent + 2, ' ');
      begun = false;
    }
    row += (begun ? " " : "") + std::string(piece);
    begun = true;
  }
  return text + row + "\n";
}

std::string written(const Lines& lines, const std::string& inbox) {
  // A shared inbox needs no option.
  const auto with = [&inbox](const char* before, const char* after) {
    return inbox.empty() ? "" : before + inbox + after;
  };
  std::string text =
      client_line("nats CLI", "nats " + lines.cli + with(" --inbox-prefix ", "") + " …", true) +
      client_line(
          "JavaScript",
          "connect({ servers, " + lines.javascript + with(", inboxPrefix: \"", "\"") + " })",
          false) +
      client_line(
          "Go", "nats.Connect(url, " + lines.go + with(", nats.CustomInboxPrefix(\"", "\")") + ")",
          false) +
      client_line("Python",
                  "nats.connect(url, " + lines.python + with(", inbox_prefix=\"", "\"") + ")",
                  false) +
      client_line("C", lines.c + with(" natsOptions_SetCustomInboxPrefix(opts, \"", "\");"), false);
  if (!lines.mqtt.empty()) text += client_line("MQTT", "mosquitto_pub " + lines.mqtt + " …", true);
  return text;
}

}  // namespace

std::string connect_lines(const std::string& what, const Json& made, const std::string& file) {
  const Json& credential = made.at("credential");
  const Kind kind = auth::read_kind(member_of(credential, "kind")).value_or(Kind::key);
  const std::pair<const char*, std::string_view> rows[] = {{"id", member_of(credential, "id")},
                                                           {"login", member_of(made, "login")},
                                                           {"secret", member_of(made, "secret")},
                                                           {"token", member_of(made, "token")},
                                                           {"seed", member_of(made, "seed")}};
  std::string text = what + "\n\n";
  bool secret_shown = false;
  for (const auto& [label, value] : rows) {
    if (value.empty()) continue;
    const std::string_view word{label};
    const std::string shown(kind == Kind::nkey && word == "login" ? "public key" : word);
    text += "  " + shown + std::string(12 - shown.size(), ' ') + std::string(value) + "\n";
    secret_shown = secret_shown || (word != "id" && word != "login");
  }
  const auto sigv4 = credential.find("sigv4");
  const bool signs = sigv4 != credential.end() && sigv4->get<bool>();
  if (secret_shown) {
    text += signs ? "\n"
                    "This is the only time that the secret is shown: credgate stores it sealed.\n"
                  : "\n"
                    "This is the only time that the secret is shown: credgate does not store it.\n";
  }
  if (made.contains("seed")) {
    text += "Save the seed in a file of its own, mode 0600: client.nk\n";
  }
  const bool own_inbox = member_of(credential, "inbox") != name(auth::Inbox::shared);
  const std::string inbox(own_inbox ? member_of(made, "inbox_prefix") : std::string_view{});
  if (signs) {
    text += "\nFor AWS clients:\n  AWS_ACCESS_KEY_ID=" + std::string(member_of(credential, "id")) +
            "\n  AWS_SECRET_ACCESS_KEY=" + std::string(or_dots(member_of(made, "secret"))) + "\n";
  }
  return text + "\nTo connect:\n" + written(lines_of(made, kind, file), inbox);
}

}  // namespace gateway::cli
