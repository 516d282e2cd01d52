#pragma once
// The three credentials of the admin account that `init` makes, as examples to use or to revoke:
// viewer, editor, security-officer.

#include <string>

#include "gateway/cli/setup/setup_files.h"

namespace gateway::cli {

// Puts them into the new store, and for each a context file (of the nats command line, 0600) into
// the directory of admins. `sentinel`: operator mode: the credentials file that they show too.
// Throws OperationError.
void make_admins(const Layout& layout, const std::string& listen,
                 const std::filesystem::path& sentinel);

}  // namespace gateway::cli
