#include "gateway/cli/output/connect_help.h"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/base/text.h"
#include "auth/credential/credential.h"
#include "gateway/cli/output/snippet.h"
#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string_view member_of(const Json& made, const char* name) {
  const auto at = made.find(name);
  return at == made.end() ? std::string_view{} : at->get_ref<const std::string&>();
}

constexpr std::size_t kTextIndent = 14;

// Where a statement may be broken: outside of quotes, before an option of a command, or after a
// comma or semicolon of code, or before the dot of a call.
std::vector<std::string_view> pieces_of(std::string_view line, bool shell_line) {
  std::vector<std::string_view> pieces;
  char quote = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && quote != '\'') {
      ++i;
    } else if (quote != 0) {
      if (line[i] == quote) quote = 0;
    } else if (line[i] == '"' || (shell_line && line[i] == '\'')) {
      quote = line[i];
    } else if (line[i] == ' ' && i > begin && i + 1 < line.size()) {
      const bool option = shell_line && line[i + 1] == '-';
      const bool code =
          !shell_line && (line[i - 1] == ',' || line[i - 1] == ';' || line[i + 1] == '.');
      if (!option && !code) continue;
      pieces.push_back(line.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  pieces.push_back(line.substr(begin));
  return pieces;
}

// How the rows of a statement go on.
enum class Rows : std::uint8_t {
  shell,   // after a backslash
  python,  // likewise: a row of its own must not be indented
  code     // anywhere
};

// A statement that can be copied, although it is broken.
std::string statement_rows(const std::string& label, std::string_view statement, Rows rows) {
  const bool shell_line = rows == Rows::shell;
  const std::string_view more = rows == Rows::code ? "" : " \\";
  std::string text;
  std::string row = "  " + label;
  row.resize(kTextIndent, ' ');
  bool begun = false;
  for (const std::string_view piece : pieces_of(statement, shell_line)) {
    if (begun && columns(row) + 1 + columns(piece) + more.size() > output_width()) {
      text += row + std::string(more) + "\n";
      row = std::string(kTextIndent + 2, ' ');
      begun = false;
    }
    row += (begun ? " " : "") + std::string(piece);
    begun = true;
  }
  return text + row + "\n";
}

std::string client_rows(const ClientName& client, const Login& login, const Servers& servers) {
  const ClientLines lines = client_lines(client.client, login, servers);
  std::string label = client.label;
  if (lines.statements.empty()) {
    std::string head = "  " + label;
    head.resize(kTextIndent, ' ');
    return paragraph(head, kTextIndent, "none: " + lines.why_none, output_width());
  }
  if (client.client == Client::python)
    return statement_rows(label, auth::join(lines.statements, "; "), Rows::python);
  const bool shell_line = client.client == Client::cli || client.client == Client::mqtt;
  std::string text;
  for (const std::string& statement : lines.statements) {
    text += statement_rows(label, statement, shell_line ? Rows::shell : Rows::code);
    label.clear();
  }
  return text;
}

// The statement that puts the secret where the clients read it. It reads one that is not known
// here.
std::string variable_row(const Json& made, const Login& login) {
  const char* variable = secret_variable(login.kind);
  if (variable == nullptr) return "";
  const std::string_view secret =
      member_of(made, login.kind == auth::Kind::token ? "token" : "secret");
  const std::string name = variable;
  const PasswordFile& file = login.password_file;
  std::string row = "export " + name + "=";
  if (!secret.empty()) {
    row += auth::shell_word(secret);
  } else if (file.path.empty()) {
    // The -s of bash's read is unknown to dash.
    row = "stty -echo; IFS= read -r " + name + "; stty echo; export " + name;
  } else {
    const std::string word = auth::shell_word(file.path);
    row += file.crlf ? "\"$(tr -d '\\r' < " + word + ")\"" : "\"$(cat -- " + word + ")\"";
  }
  return statement_rows("shell", row, Rows::shell);
}

bool is_this_machine(std::string_view url) {
  const std::string_view host = url.substr(url.find("://") + 3);
  return host.starts_with("127.") || host.starts_with("localhost:") || host.starts_with("[::1]");
}

std::string notes(const Login& login, const Servers& servers, std::optional<Client> program) {
  std::string text;
  const auto note = [&text](const std::string& sentence) {
    text += paragraph("", 0, sentence, output_width());
  };
  if (needs_sentinel(login, servers))
    note(servers.sentinel + " is not a secret: copy it to where the clients run.");
  if (shows_certificate(login, servers)) {
    note(std::string(kCertificateFile) + " and " + kCertificateKeyFile +
         " are the client's certificate and its key.");
  }
  if (is_this_machine(servers.url)) {
    note(servers.url +
         " is this machine: elsewhere the clients need the address that nats-server has there.");
  }
  if (program.value_or(Client::mqtt) == Client::mqtt &&
      !client_lines(Client::mqtt, login, servers).statements.empty())
    note("The port for MQTT is that of the mqtt block in nats-server's configuration.");
  return text.empty() ? "" : "\n" + text;
}

}  // namespace

Login login_of(const Json& made, const std::string& file) {
  const Json& credential = made.at("credential");
  Login login{.kind = auth::read_kind(member_of(credential, "kind")).value_or(auth::Kind::key),
              .user = {},
              .file = file,
              .public_key = {},
              .inbox_prefix = {},
              .connection_types = {}};
  const auto secrets = credential.find("secrets");
  const bool has_login = secrets != credential.end() && !secrets->empty();
  const std::string last(has_login ? member_of(secrets->back(), "login") : std::string_view{});
  login.user = login.kind == auth::Kind::password ? last : member_of(credential, "id");
  if (login.kind == auth::Kind::nkey) login.file = "client.nk";
  login.public_key = last;
  // A shared inbox needs no option.
  if (member_of(credential, "inbox") != name(auth::Inbox::shared))
    login.inbox_prefix = member_of(made, "inbox_prefix");
  const auto types = credential.find("connection_types");
  for (const Json& word : types == credential.end() ? Json::array() : *types) {
    if (const auto type = auth::read_connection_type(word.get_ref<const std::string&>()))
      login.connection_types.push_back(*type);
  }
  return login;
}

std::string secret_text(const std::string& what, const Json& made) {
  const Json& credential = made.at("credential");
  const bool nkey = member_of(credential, "kind") == name(auth::Kind::nkey);
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
    const std::string shown(nkey && word == "login" ? "public key" : word);
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
  if (signs) {
    const std::string secret(member_of(made, "secret"));
    text += "\nFor AWS clients:\n  AWS_ACCESS_KEY_ID=" + std::string(member_of(credential, "id")) +
            "\n  AWS_SECRET_ACCESS_KEY=" + (secret.empty() ? "…" : secret) + "\n";
  }
  return text;
}

std::string connect_text(const Json& made, const Login& login, const Servers& servers,
                         std::optional<Client> program) {
  std::string text = "\nTo connect:\n" + variable_row(made, login);
  const std::string whole = program ? snippet(*program, login, servers) : "";
  if (!whole.empty()) return text + notes(login, servers, program) + "\n" + whole;
  for (const ClientName& client : kClients)
    text += client_rows(client, login, servers);
  return text + notes(login, servers, {});
}

}  // namespace gateway::cli
