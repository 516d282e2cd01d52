#pragma once
// The three admin credentials that `init` creates, as examples to use or to revoke: viewer, editor,
// security-officer.

#include <string>

#include "gateway/cli/setup/setup_files.h"

namespace gateway::cli {

// Creates them in the new store, and for each a context file of the nats CLI (0600) in the
// directory of admins. `url`: where they reach the server. `sentinel`: in operator mode, the
// credentials file that they also present; they are tokens then, because beside a user the nats CLI
// presents no other credentials. Throws OperationError.
void make_admins(const Layout& layout, const std::string& url,
                 const std::filesystem::path& sentinel);

}  // namespace gateway::cli
