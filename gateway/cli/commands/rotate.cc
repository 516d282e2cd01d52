#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "auth/base/time_format.h"
#include "gateway/admin/operations/warnings.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/closing.h"
#include "gateway/cli/output/output_options.h"
#include "gateway/cli/run_operation.h"
#include "gateway/cli/secret_options.h"

namespace gateway::cli {
namespace {

struct RotateOptions {
  std::string credential;
  std::string account;
  std::string overlap = "24h";
  std::string reason;
  std::optional<std::uint64_t> revision;
  bool now = false;
  ProofOptions proof;
  OutputOptions output;
};

std::chrono::seconds read_overlap(const std::string& text) {
  if (text == "0" || text == "0s") return std::chrono::seconds{0};
  if (const auto span = auth::read_duration(text)) return *span;
  throw OperationError(Code::usage, "--overlap: must be a duration (24h, 30m) or 0");
}

// What becomes of the old secret, and of what was let in by it.
void print_end(std::ostream& to, const nlohmann::ordered_json& result, std::chrono::seconds overlap,
               const std::optional<ClosingWords>& closing) {
  const auto& old = result.at("credential").at("secrets").at(0);
  std::string text = overlap.count() > 0
                         ? "The old secret is valid until " + text_at(old, "expires_at")
                         : "The old secret is no longer valid";
  if (closing) {
    if (!closing->closed().empty()) text += "; " + closing->closed();
  } else {
    text += overlap.count() > 0 ? "; connections that used it are closed then"
                                : "; connections that used it stay open";
  }
  to << '\n' << text << '\n';
}

void rotate(const Context& context, const RotateOptions& options) {
  const std::chrono::seconds overlap = read_overlap(options.overlap);
  nlohmann::json body = {{"credential", options.credential},
                         {"overlap", static_cast<std::uint64_t>(overlap.count())}};
  if (options.revision) body["revision"] = *options.revision;
  if (options.now) body["now"] = true;
  if (!options.reason.empty()) body["reason"] = options.reason;
  options.proof.put_into(body);
  nlohmann::ordered_json record;
  // A server that is silent must not leave an empty file behind where this is killed.
  if (context.remote.given()) static_cast<void>(reach(context));
  const bool own_snippet = !options.output.snippet.empty() && !context.remote.given();
  if (options.output.client.given() || own_snippet)
    record = look_up(context, options.account, options.credential);
  if (own_snippet) require_snippet(context, options.output.snippet, record, body);
  const PreparedOutput output{context, options.output, record, body, options.proof.password_file()};
  const auto result = ask(context, "rotate", options.account, std::move(body));
  print_warnings(context, result, output.how().shows_lines() ? operations::kPresentSentinel : "");
  hand_over(context, "rotated", result, output.how());
  std::optional<ClosingWords> closing;
  if (options.now) closing.emplace(result);
  if (!context.json)
    print_end(output.how().only_program(context) ? std::cerr : std::cout, result, overlap, closing);
  if (closing) report_unclosed(*closing, /*required=*/true);
}

}  // namespace

void add_rotate(App& app, const Context& context) {
  const auto options = std::make_shared<RotateOptions>();
  Command command =
      app.add("rotate", "Give a credential a new secret; the old one expires after an overlap");
  command.word("CREDENTIAL", "id or name of the credential", options->credential);
  add_account(command, options->account);
  command.text("--overlap", "DURATION",
               "how long the old secret stays valid (default 24h; 0: not at all)",
               options->overlap);
  options->output.add(command);
  command.number(
      "--revision", "N",
      "only if the credential is still at this revision (see show); otherwise exit code 4",
      options->revision);
  command.text("--reason", "TEXT", "the reason, for the journal", options->reason);
  command.flag("--now", "close the connections that used the old secret", options->now);
  options->proof.add(command);
  command.footer(
      "Connections that used the old secret are closed at the end of the overlap. With --overlap "
      "0 they stay open, unless --now is given. Exit code 6: --now did not close all connections.\n"
      "Examples:\n"
      "  credgate rotate shop --overlap 2h\n"
      "  credgate rotate edge --cert edge-2027.pem --overlap 30d");
  command.run([&context, options] { rotate(context, *options); });
}

}  // namespace gateway::cli
