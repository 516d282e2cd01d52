#pragma once
// Puts a backup into the place of the store.

#include <filesystem>
#include <memory>

#include "auth/credential/master_key.h"
#include "gateway/config/config.h"
#include "store/store.h"

namespace gateway::cli {

// Throws OperationError (conflict) unless the store's directory is missing or empty.
void require_empty(const std::filesystem::path& directory);

// Reads all of `file`, and says on standard error what is wrong. Throws OperationError for what is
// damaged, and for what is of another store than the one whose head is noted.
std::unique_ptr<store::Store> open_backup(const std::filesystem::path& file, const Config& config,
                                          const auth::MasterKeys& keys);

// Makes the directory if it is missing, and writes the backup into it, as the user who is to have
// the store: root becomes that user for good. Synced when this returns. Throws OperationError,
// ConfigError, store::Fault.
void put_in_place(const store::Store& backup, const store::Place& place);

}  // namespace gateway::cli
