#include <iostream>
#include <memory>
#include <string>

#include "gateway/admin/operations/warnings.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/credential_options.h"
#include "gateway/cli/output/output_options.h"
#include "gateway/cli/run_operation.h"
#include "gateway/cli/secret_options.h"

namespace gateway::cli {
namespace {

struct CreateOptions {
  std::string name;
  std::string account;
  std::string kind = "key";
  std::string request_id;
  ProofOptions proof;
  OutputOptions output;
  FieldOptions fields;
};

void create(const Context& context, const CreateOptions& options) {
  const auto kind = auth::read_kind(options.kind);
  options.proof.check(*kind);
  nlohmann::json body;
  body["credential"] = options.fields.members();
  body["credential"]["name"] = options.name;
  body["credential"]["kind"] = options.kind;
  options.proof.put_into(body);
  if (!options.request_id.empty()) body["request_id"] = options.request_id;
  require_snippet(context, options.output.snippet, body["credential"], body);
  // A server that is silent must not leave an empty file behind where this is killed.
  if (context.remote.given()) static_cast<void>(reach(context));
  const PreparedOutput output{context, options.output, body["credential"], body,
                              options.proof.password_file()};
  const auto result = ask(context, "create", options.account, std::move(body));
  print_warnings(context, result, output.how().shows_lines() ? operations::kPresentSentinel : "");
  if (!context.json && result.contains("replayed")) {
    std::cerr << "note: this request was already carried out; its secret was shown then and is not "
                 "stored\n";
  }
  hand_over(context, "created", result, output.how());
}

}  // namespace

void add_create(App& app, const Context& context) {
  Command command = app.add("create", "Create a credential and print its secret, once");
  const auto options = std::make_shared<CreateOptions>();
  command.word("NAME", "name of the credential, unique within its account", options->name);
  command.text("--account", "ACCOUNT",
               "the NATS account of its clients (default: the only one configured)",
               options->account);
  command.choice(
      "--kind", "KIND",
      "key: an id and a generated secret; password: a user name and a password; token: a "
      "generated token; nkey: a key pair; creds: a credentials file; cert: a TLS client "
      "certificate (default key)",
      {"key", "password", "token", "nkey", "creds", "cert"}, options->kind);
  options->output.add(command);
  command.text("--request-id", "ID",
               "repeating the command with the same ID within a day creates no second credential, "
               "and shows no secret",
               options->request_id);
  options->proof.add(command);
  options->fields.add(command, FieldOptions::Use::creating);
  command.footer(
      "Examples:\n"
      "  credgate create shop --publish --receive --subjects 'orders.>'\n"
      "  credgate create worker --receive --streams ORDERS --consumers worker --expires 90d\n"
      "  credgate create sensor --kind nkey --publish --subjects 'sensors.7.>' --sources "
      "10.0.0.0/8\n"
      "  credgate create alice --kind password --receive --subjects 'news.>'\n"
      "  credgate create pump --role device --tag site=berlin\n"
      "  credgate create edge --kind cert --cert edge.pem --publish --subjects 'edge.>'\n"
      "--subjects has no default: what is not given is not allowed.");
  command.run([&context, options] { create(context, *options); });
}

}  // namespace gateway::cli
