#pragma once
// The options that say how a credential proves itself.

#include <string>

#include <nlohmann/json.hpp>

#include "auth/base/bytes.h"
#include "auth/credential/credential.h"
#include "gateway/cli/command.h"

namespace gateway::cli {

class ProofOptions {
 public:
  // This must outlive the command.
  void add(Command& command);

  // Whether they fit the kind. Throws OperationError.
  void check(auth::Kind kind) const;
  // Reads what the options name, and standard input, into the member `proof` of the body of a
  // request: before a store is opened, which must not wait for it. Throws OperationError.
  void put_into(nlohmann::json& body) const;

 private:
  std::string login_;
  std::string password_file_;
  std::string public_key_;
  std::string cert_file_;
  std::string fingerprint_;
  bool by_public_key_ = false;
};

// The one line of a file, or of standard input where its name is -. Throws OperationError.
auth::SecretText read_password_file(const std::string& option, const std::string& file);

}  // namespace gateway::cli
