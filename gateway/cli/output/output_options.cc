#include "gateway/cli/output/output_options.h"

#include "auth/nats/subject.h"

namespace gateway::cli {

void OutputOptions::add(Command& command) {
  command.text("--out", "FILE", "write the secret to this new file (0600), not to standard output",
               out);
  add_snippet(command, snippet);
  client.add(command);
}

PreparedOutput::PreparedOutput(const Context& context, const OutputOptions& options,
                               const nlohmann::json& credential, const nlohmann::json& body,
                               const PasswordFile& password_file) {
  if (context.json && !auth::printable(options.out)) {
    throw OperationError(Code::usage,
                         "--out: must be printable UTF-8 with --json, which names the file");
  }
  client_ = make_context_output(context, options.client, options.out, credential, body);
  if (!options.out.empty()) file_ = std::make_unique<SecretFile>(options.out);
  how_ = {.path = options.out,
          .program = options.snippet,
          .file = file_.get(),
          .client = client_.get(),
          .password_file = password_file,
          .escaped_password = has_escaped_password(body)};
}

}  // namespace gateway::cli
