#pragma once
// `--context-out FILE`: writes a context file of the nats CLI for a new credential or secret, and
// beside it the files that it names.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "auth/base/secret.h"
#include "auth/credential/credential.h"
#include "gateway/cli/command.h"
#include "gateway/cli/context.h"
#include "gateway/cli/nats_context.h"
#include "gateway/cli/output/client_lines.h"
#include "gateway/cli/output/secret_output.h"

namespace gateway::cli {

class ContextOptions {
 public:
  // This object must outlive the command.
  void add(Command& command);
  bool given() const { return !file.empty() || !url.empty(); }

  std::string file;
  std::string url;  // as server_urls.h reads it; empty: that of the configuration or of the remote
};

// All files are created empty before the credential is changed, 0600; none may be there. Those that
// were not written are removed with this object.
class ContextOutput {
 public:
  // `context`: with the paths of its files. `sentinel`: the content of its `creds`, if not empty.
  // `makes_login`: whether the seed or the credentials go into a file beside it. `named_url`: of
  // --context-url.
  ContextOutput(auth::Kind kind, std::string file, NatsContext context, bool makes_login,
                auth::SecretText sentinel, std::string named_url);

  // `made`: the result of `create` or `rotate`. Throws OperationError; then none of the files
  // stays.
  void write(const nlohmann::ordered_json& made);

  const std::string& file() const { return file_; }
  // For people: all the files.
  std::string written() const;
  // Where a program finds what is in the files, and the servers of the context.
  void put_into(Login& login, Servers& servers) const;
  // What the nats CLI needs more than the context, as the mode in `made` tells.
  std::vector<std::string> warnings(const nlohmann::ordered_json& made) const;

  void explain_no_sentinel(std::string why) { why_no_sentinel_ = std::move(why); }

 private:
  auth::Kind kind_;
  std::string file_;
  NatsContext context_;
  std::string named_url_;
  auth::SecretText sentinel_;
  std::string why_no_sentinel_;
  std::unique_ptr<SecretFile> output_;
  std::unique_ptr<SecretFile> login_output_;     // the seed or the credentials
  std::unique_ptr<SecretFile> sentinel_output_;  // operator mode
};

// Null without --context-out. `credential` has its `kind` and `sigv4`; `body` is that of the
// request, with its `proof`; `out` is the file of --out, which has the credentials of kind `creds`.
// Throws OperationError (usage for what no context can hold), ConfigError, and as Remote().
std::unique_ptr<ContextOutput> make_context_output(const Context& context,
                                                   const ContextOptions& options,
                                                   const std::string& out,
                                                   const nlohmann::json& credential,
                                                   const nlohmann::json& body);

}  // namespace gateway::cli
