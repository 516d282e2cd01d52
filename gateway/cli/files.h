#pragma once
// Reads and writes whole files.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "gateway/platform/fd.h"

namespace gateway::cli {

// Creates a new file. Throws OperationError: conflict if it exists already.
void write_file(const std::filesystem::path& path, mode_t mode, std::string_view text);

// Replaces the content of an existing file atomically, and keeps its mode and owner. Throws
// OperationError.
void replace_file(const std::filesystem::path& named, std::string_view text);

// Absent if it cannot be read.
std::optional<std::string> read_text(const std::filesystem::path& path);

// An advisory lock on a directory, so that two commands do not change its files at the same time.
// Waits for the lock; the destructor releases it. Throws OperationError.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::filesystem::path& directory);

 private:
  Fd fd_;
};

[[noreturn]] void fail_at(const std::filesystem::path& path);

}  // namespace gateway::cli
