#pragma once
// The options of `create` and `rotate` for where the new secret goes.

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "gateway/cli/command.h"
#include "gateway/cli/output/context_output.h"
#include "gateway/cli/output/secret_output.h"

namespace gateway::cli {

class OutputOptions {
 public:
  // This object must outlive the command.
  void add(Command& command);

  std::string out;
  std::string snippet;
  ContextOptions client;
};

// The files of these options, created empty before the credential is changed.
class PreparedOutput {
 public:
  // `credential`, `body`: as for make_context_output(), and it throws as that does.
  // `password_file`: as in Login.
  PreparedOutput(const Context& context, const OutputOptions& options,
                 const nlohmann::json& credential, const nlohmann::json& body,
                 const PasswordFile& password_file);

  // Borrows from this object.
  const HandOver& how() const { return how_; }

 private:
  std::unique_ptr<ContextOutput> client_;
  std::unique_ptr<SecretFile> file_;
  HandOver how_;
};

}  // namespace gateway::cli
