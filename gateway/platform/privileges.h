#pragma once
// Which user touches the store.

#include <filesystem>
#include <string>

namespace gateway {

// Root becomes the owner of `directory`: what root alone would write there, the daemon's user could
// not read, and every login would be refused. Does nothing for anyone else, or where root owns it.
// Throws ConfigError.
void become_owner_of(const std::filesystem::path& directory);

// Who runs this command, for the journal: "local:alice". The audit's login user where the kernel
// knows one, so that `sudo` does not make everybody root.
std::string local_actor();

}  // namespace gateway
