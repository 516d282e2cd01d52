#include "gateway/cli/import_nats.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "auth/password.h"
#include "gateway/nats_users.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using auth::Invalid;
using auth::Result;

std::optional<std::string> read_text(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

NatsUsers read_users(const std::string& file) {
  const auto text = read_text(file);
  if (!text) throw Failure(Code::fault, file + ": cannot be read");
  const NatsSurroundings around{
      .read_file = read_text,
      .environment = [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        return value != nullptr ? std::optional{std::string(value)} : std::nullopt;
      }};
  return read_nats_users(read_nats_config(*text, file, around));
}

// A hash has no login to be found by, where the token is all that a client shows.
bool is_bcrypt(const auth::SecretText& secret) {
  return secret.view().starts_with("$2");
}

Result<ImportLine, Invalid> line_of(const NatsUser& user, const ImportRules& rules) {
  GivenProof proof;
  ImportLine line;
  Credential& c = line.credential;
  if (!user.token.empty()) {
    if (is_bcrypt(user.token)) {
      return Invalid{"token", "is a bcrypt hash; import the token itself, or make a new one"};
    }
    c.name = "token";
    proof.token = auth::SecretText{user.token.view()};
  } else if (!user.nkey.empty()) {
    c.name = user.nkey;
    proof.public_key = user.nkey;
  } else {
    c.name = user.user;
    proof.login = user.user;
    if (is_bcrypt(user.password)) {
      proof.password_hash = user.password.view();
    } else {
      proof.password = auth::SecretText{user.password.view()};
    }
  }
  if (user.account != "$G") c.account = user.account;
  c.inbox = rules.inbox;
  c.connection_types = user.connection_types;
  // Where nats-server has no permissions, it allows everything.
  c.permissions = user.permissions.value_or(
      auth::RawPermissions{.publish = {{">"}, {}}, .subscribe = {{">"}, {}}, .responses = {}});
  if (auto wrong = put_proof(line, std::move(proof), rules)) return *wrong;
  return check_import(std::move(line), rules);
}

}  // namespace

ImportSource nats_users(const std::string& file, const ImportRules& rules) {
  const auto users = std::make_shared<const NatsUsers>(read_users(file));
  return [users, &rules](const VisitLine& visit) {
    const auto where = [](const std::string& name, std::size_t line) {
      return name + ":" + std::to_string(line);
    };
    for (const NatsProblem& problem : users->problems)
      visit(where(problem.file, problem.line), Invalid{"", problem.message});
    // Several may stand in one line of the file.
    for (const NatsUser& user : users->users) {
      const std::string& name = user.user.empty() ? user.nkey : user.user;
      visit(where(user.file, user.line) + " (" + (name.empty() ? "token" : name) + ")",
            line_of(user, rules));
    }
  };
}

}  // namespace gateway::cli
