#pragma once
// The options for the secret of a credential.

#include <string>

#include <nlohmann/json.hpp>

#include "auth/base/secret.h"
#include "auth/credential/credential.h"
#include "gateway/cli/command.h"
#include "gateway/cli/output/client_lines.h"

namespace gateway::cli {

class ProofOptions {
 public:
  // This object must outlive the command.
  void add(Command& command);

  // Throws OperationError if an option does not fit the kind.
  void check(auth::Kind kind) const;
  // Reads the files of the options, or standard input, into the member `proof` of a request body.
  // Call this before opening a store, because no transaction may wait for input. Throws
  // OperationError.
  void put_into(nlohmann::json& body) const;
  // For whoever reads the password again. Call this before opening a store, too.
  PasswordFile password_file() const;

 private:
  std::string login_;
  std::string password_file_;
  std::string public_key_;
  std::string signature_;
  std::string cert_file_;
  std::string fingerprint_;
  bool by_public_key_ = false;
};

// Reads the single line of a file, or of standard input if its name is -. Throws OperationError.
auth::SecretText read_password_file(const std::string& option, const std::string& file);

}  // namespace gateway::cli
