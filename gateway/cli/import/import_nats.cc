#include "gateway/cli/import/import_nats.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "auth/base/secret.h"
#include "auth/base/text.h"
#include "auth/nats/subject.h"
#include "gateway/cli/nats_config_file.h"
#include "gateway/natsconf/users.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using auth::Invalid;
using auth::Result;

// As nats-server tells one. A hash has no login to be found by, where the token is all that a
// client shows.
bool is_bcrypt(const auth::SecretText& secret) {
  const std::string_view text = secret.view();
  return text.size() > 7 && text.starts_with("$2") &&
         std::string_view{"abxy"}.find(text[2]) != std::string_view::npos && text[3] == '$' &&
         auth::is_digit(text[4]) && auth::is_digit(text[5]) && text[6] == '$';
}

// The shared inbox would let a user who could not read it before read everybody's replies.
bool reads_shared_inbox(const Credential& c) {
  const auto& lists = c.permissions.subscribe;
  const auto covers_it = [](const std::string& entry) { return auth::covers(entry, "_INBOX.>"); };
  const auto meets_it = [](const std::string& entry) { return auth::overlaps(entry, "_INBOX.>"); };
  return std::ranges::any_of(lists.allow, covers_it) && std::ranges::none_of(lists.deny, meets_it);
}

Result<ImportLine, Invalid> line_of(const NatsUser& user, const ImportRules& rules) {
  GivenProof proof;
  ImportLine line;
  Credential& c = line.credential;
  if (!user.token.empty()) {
    if (is_bcrypt(user.token)) {
      return Invalid{"token", "is a bcrypt hash; import the token itself, or create a new one"};
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
  c.connection_types = user.connection_types;
  // Where nats-server has no permissions, it allows everything.
  c.permissions = user.permissions.value_or(
      auth::Permissions{.publish = {{">"}, {}}, .subscribe = {{">"}, {}}, .responses = {}});
  c.inbox = reads_shared_inbox(c) ? rules.inbox : auth::Inbox::private_inbox;
  if (auto wrong = put_proof(line, std::move(proof), rules)) return *wrong;
  return check_import(std::move(line), rules);
}

}  // namespace

std::shared_ptr<const NatsUsers> read_nats_users_of(const std::string& file) {
  auto users = std::make_shared<const NatsUsers>(read_nats_users(read_nats_config_file(file)));
  if (users->users.empty() && users->problems.empty()) {
    throw OperationError(Code::usage, file + ": contains no users");
  }
  return users;
}

std::string where_of(const NatsProblem& problem) {
  return problem.file + ":" + std::to_string(problem.line);
}

ImportSource nats_users(std::shared_ptr<const NatsUsers> users, const ImportRules& rules) {
  return [users = std::move(users), &rules](const VisitLine& visit) {
    for (const NatsProblem& problem : users->problems)
      visit(where_of(problem), Invalid{"", problem.message});
    // Several may stand in one line of the file.
    for (const NatsUser& user : users->users) {
      const std::string& name = user.user.empty() ? user.nkey : user.user;
      visit(user.file + ":" + std::to_string(user.line) + " (" + (name.empty() ? "token" : name) +
                ")",
            line_of(user, rules));
    }
  };
}

}  // namespace gateway::cli
