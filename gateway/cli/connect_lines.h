#pragma once
// What a new credential's owner needs to connect, ready to paste.

#include <string>

#include "auth/credential.h"
#include "gateway/cli/proofs.h"

namespace gateway::cli {

// `what`: the sentence at the top. `file`: where a credentials file was or will be put.
std::string connect_lines(const std::string& what, const auth::Credential& credential,
                          const Proof& proof, const std::string& file);
// One line: {"credential":…, "secret"|"token"|"seed"|"creds":…, "login":…, "inbox_prefix":…}
std::string connect_json(const auth::Credential& credential, const Proof& proof);

}  // namespace gateway::cli
