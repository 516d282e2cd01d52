#include <iostream>
#include <memory>
#include <string>

#include "auth/base/base64.h"
#include "auth/credential/credential_json.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/import/file_roles.h"
#include "gateway/cli/output/progress.h"
#include "gateway/cli/output/secret_output.h"
#include "gateway/cli/pages.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using Json = nlohmann::ordered_json;

struct ExportOptions {
  std::string account;
  std::string out;
  bool with_hashes = false;
};

Json secret(const auth::StoredSecret& s, Json json, bool with_hashes) {
  if (!with_hashes) {
    if (s.scheme == auth::Scheme::opaque_token) json.erase("login");
    return json;
  }
  if (s.hash) json["hash"] = auth::write_base64url(*s.hash);
  if (!s.password_hash.empty()) json["password_hash"] = s.password_hash;
  if (!s.sealed.empty()) json["sealed"] = auth::write_base64url(auth::bytes_of(s.sealed));
  return json;
}

// The members that `import` takes.
std::string line_of(const Credential& c, bool with_hashes) {
  Json json = auth::write_json(c);
  for (const char* own : {"revision", "created_at", "created_by", "updated_at", "updated_by",
                          "revoked_at", "revoked_by", "revoke_reason"}) {
    json.erase(own);
  }
  for (std::size_t i = 0; i < c.secrets.size(); ++i)
    json["secrets"][i] = secret(c.secrets[i], json["secrets"][i], with_hashes);
  return json.dump() + "\n";
}

void export_all(const Context& context, const ExportOptions& options) {
  std::unique_ptr<SecretFile> out;
  if (!options.out.empty()) out = std::make_unique<SecretFile>(options.out);
  Local local{context};
  if (const auto& back = local.store().went_back()) warn(context, *back);
  const auto totals = local.store().totals();
  const auto write = [&out](const std::string& line) {
    if (out) {
      out->write(line);
    } else {
      std::cout << line;
    }
  };
  for_roles(local.store(), options.account,
            [&](const auth::Role& role) { write(role_line(role)); });
  Progress progress{"exporting", totals.active + totals.suspended};
  store::Filter filter;
  if (!options.account.empty()) filter.account = options.account;
  std::uint64_t count = 0;
  for_pages(local.store(), filter, [&](const std::vector<Credential>& page) {
    for (const Credential& c : page) {
      if (c.status == auth::Status::revoked) continue;
      write(line_of(c, options.with_hashes));
      progress.at(++count);
    }
  });
}

}  // namespace

void add_export(App& app, const Context& context) {
  Command command = app.add(
      "export", "Export all roles, and all credentials that are not revoked, as JSON Lines");
  const auto options = std::make_shared<ExportOptions>();
  command.text("--account", "ACCOUNT", "only of this account", options->account);
  command.text("--out", "FILE", "write to this new file (0600), not to standard output",
               options->out);
  command.flag("--with-hashes",
               "include the hashes that secrets are checked against, and the sealed secrets of "
               "--sigv4; keyed hashes and sealed secrets need the same master key; password hashes "
               "can be attacked by guessing",
               options->with_hashes);
  command.footer("Example:\n  credgate export --with-hashes --out all.jsonl");
  command.run([&context, options] { export_all(context, *options); });
}

}  // namespace gateway::cli
