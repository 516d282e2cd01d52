#include <iostream>
#include <memory>
#include <string>

#include "gateway/cli/cli.h"
#include "gateway/cli/fields.h"
#include "gateway/cli/hand_over.h"
#include "gateway/cli/proofs.h"

namespace gateway::cli {
namespace {

using auth::Credential;

struct CreateOptions {
  std::string name;
  std::string account;
  std::string kind = "key";
  std::string out;
  ProofOptions proof;
  FieldOptions fields;
};

std::string default_account(const Local& local, const std::string& account) {
  if (!account.empty()) return account;
  const auto& accounts = local.config().accounts;
  if (accounts.size() == 1) return accounts.front();
  std::string list;
  for (const std::string& one : accounts)
    list += " " + one;
  throw Failure(Code::usage, "--account is missing; the configuration has:" + list);
}

void check_account(const Local& local, const std::string& account) {
  const auth::Judge judge{local.config().policy(), local.keys(), {}};
  if (judge.may_grant(account)) return;
  throw Failure(Code::refused, "account \"" + account + "\" may not be granted by this gateway; " +
                                   "`accounts` in " + local.config().file.string() +
                                   " lists those that may");
}

void warn(const Credential& c) {
  const auto say = [](const char* text) { std::cerr << "warning: " << text << '\n'; };
  if (c.everything) {
    say("--everything: it may use every subject of the account but the reserved ones; any message "
        "there can be read or forged with it");
  }
  if (c.manage) {
    say("--manage on one stream is trust over the whole account's data: a stream can capture, "
        "source and republish anything");
  }
  if (c.inbox == auth::Inbox::shared) {
    say("a shared inbox: it sees the replies and pulled messages of every client with a shared "
        "inbox");
  }
  if (c.allow_responses) {
    say("--allow-responses: whoever sends it a request names the subject that it answers on, "
        "$JS.API included");
  }
}

void create(const Context& context, CreateOptions& options) {
  const auto kind = auth::read_kind(options.kind);
  if (!kind) {
    throw Failure(Code::usage, "--kind: must be key, password, token, nkey, creds or cert");
  }
  if (kind == auth::Kind::creds) options.proof.read_keys(context);
  options.proof.check(*kind);
  options.proof.read();
  std::unique_ptr<SecretFile> out;
  if (!options.out.empty()) out = std::make_unique<SecretFile>(options.out);

  Local local{context};
  Credential credential;
  credential.id = auth::make_id(random_bytes<12>());
  credential.name = options.name;
  credential.kind = *kind;
  credential.account = default_account(local, options.account);
  check_account(local, credential.account);
  options.fields.apply(credential);
  check_permissions(local.config(), credential);
  const Proof proof = options.proof.make(credential, options.name, local);
  const auto created = local.store().create(credential, local.intent(store::Action::create));
  if (!created) fail(created.error());

  warn(*created);
  if (local.config().operator_mode && kind != auth::Kind::creds) {
    std::cerr
        << "note: in operator mode its client shows the sentinel (sentinel.creds) beside this, "
           "unless nats-server has a default_sentinel\n";
  }
  hand_over(context, "created", *created, proof, options.out, out.get());
}

}  // namespace

void add_create(App& app, const Context& context) {
  Command command = app.add("create", "Create a credential; prints its secret, once");
  const auto options = std::make_shared<CreateOptions>();
  command.word("NAME", "a label, unique within its account", options->name);
  command.text("--account", "ACCOUNT",
               "the NATS account it lands in (default: the only one configured)", options->account);
  command.text("--kind", "KIND",
               "key: an id and a generated secret; password: a user name and a password; token; "
               "nkey: a key pair of its own; creds: a credentials file; cert: a TLS client "
               "certificate (default key)",
               options->kind);
  command.text("--out", "FILE", "write the secret to this new file (0600), not here", options->out);
  options->proof.add(command);
  options->fields.add(command, FieldOptions::Use::creating);
  command.footer(
      "Examples:\n"
      "  credgate create shop --publish --receive --subjects 'orders.>'\n"
      "  credgate create worker --receive --streams ORDERS --consumers worker --expires 90d\n"
      "  credgate create sensor --kind nkey --publish --subjects 'sensors.7.>' --sources "
      "10.0.0.0/8\n"
      "  credgate create alice --kind password --receive --subjects 'news.>'\n"
      "  credgate create edge --kind cert --cert edge.pem --publish --subjects 'edge.>'\n"
      "There is no default for --subjects: what is not given is not allowed.");
  command.run([&context, options] { create(context, *options); });
}

}  // namespace gateway::cli
