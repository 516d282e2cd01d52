#pragma once
// Drops root's privileges for the owner of the store.

#include <filesystem>
#include <string>

namespace gateway {

// Root becomes the owner of `directory`: the daemon's user could not read files that root writes
// there, and every login would be refused. Does nothing for other users, or if root owns the
// directory. Throws ConfigError.
void become_owner_of(const std::filesystem::path& directory);

// Who runs this command, for the journal: "local:alice". Uses the audit login user if the kernel
// knows one, so that `sudo` does not make everybody root.
std::string local_actor();

}  // namespace gateway
