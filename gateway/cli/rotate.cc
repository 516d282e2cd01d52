#include <algorithm>
#include <iostream>
#include <memory>
#include <string>

#include "auth/time_text.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/hand_over.h"
#include "gateway/cli/proofs.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using auth::StoredSecret;

struct RotateOptions {
  std::string credential;
  std::string overlap = "24h";
  std::string out;
  std::optional<std::uint64_t> revision;
  ProofOptions proof;
};

std::chrono::seconds read_overlap(const std::string& text) {
  if (text == "0" || text == "0s") return std::chrono::seconds{0};
  if (const auto span = auth::read_duration(text)) return *span;
  throw Failure(Code::usage, "--overlap: must be a span (24h, 30m) or 0");
}

// The old secrets up to the end of the overlap, then the new one.
std::vector<StoredSecret> after_rotation(const std::vector<StoredSecret>& before,
                                         const StoredSecret& made, std::chrono::seconds overlap) {
  const auth::Time now = clock_now();
  std::vector<StoredSecret> kept;
  if (overlap.count() > 0) {
    for (StoredSecret secret : before) {
      if (secret.expires_at && *secret.expires_at <= now) continue;
      if (secret.expires_at) {
        throw Failure(Code::conflict,
                      "a rotation is under way, and its overlap ends at " +
                          auth::write_time(*secret.expires_at) +
                          "; wait for that, or give --overlap 0, which ends both old secrets now");
      }
      secret.expires_at = now + overlap;
      kept.push_back(std::move(secret));
    }
  }
  kept.push_back(made);
  return kept;
}

void rotate(const Context& context, RotateOptions& options) {
  const std::chrono::seconds overlap = read_overlap(options.overlap);
  std::unique_ptr<SecretFile> out;
  if (!options.out.empty()) out = std::make_unique<SecretFile>(options.out);

  options.proof.read_keys(context);
  options.proof.read();

  Local local{context};
  const std::string id = local.resolve(options.credential);
  const auto found = local.store().get(id);
  if (!found) throw Failure(Code::not_found, "there is no credential " + id);
  const Credential& before = *found;
  options.proof.check(before.kind);
  Credential made = before;
  made.secrets.clear();
  const std::string login = before.secrets.empty() ? before.name : before.secrets.back().login;
  const Proof proof = options.proof.make(made, login, local);
  store::Intent intent = local.intent(store::Action::rotate);
  intent.revision = options.revision;
  const auto changed = local.store().change(before.id, intent, [&](Credential& c) {
    c.secrets = after_rotation(c.secrets, made.secrets.front(), overlap);
  });
  if (!changed) fail(changed.error());
  hand_over(context, "rotated", changed->credential, proof, options.out, out.get());
  if (context.json) return;
  const std::vector<StoredSecret>& secrets = changed->credential.secrets;
  std::cout << (secrets.size() > 1 && secrets.front().expires_at
                    ? "\nThe old one is good until " + auth::write_time(*secrets.front().expires_at)
                    : std::string("\nThe old one is good no more"))
            << "; connections that were made with it stay open\n";
}

}  // namespace

void add_rotate(App& app, const Context& context) {
  const auto options = std::make_shared<RotateOptions>();
  Command command =
      app.add("rotate", "Give a credential a second secret; the first one ends after an overlap");
  command.word("CREDENTIAL", "its id or its name", options->credential);
  command.text("--overlap", "SPAN",
               "how long the old secret stays good (default 24h; 0: not at all)", options->overlap);
  command.text("--out", "FILE", "write the secret to this new file (0600), not here", options->out);
  command.number("--revision", "N",
                 "only if it is still at this revision (see show); else exit code 4",
                 options->revision);
  options->proof.add(command);
  command.footer(
      "Connections that were made with the old secret stay open.\n"
      "Examples:\n"
      "  credgate rotate shop --overlap 2h\n"
      "  credgate rotate edge --cert edge-2027.pem --overlap 30d");
  command.run([&context, options] { rotate(context, *options); });
}

}  // namespace gateway::cli
