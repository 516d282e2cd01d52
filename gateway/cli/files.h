#pragma once
// Files that are read whole, and written whole or not at all.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace gateway::cli {

// A new file. Throws OperationError: conflict where there is one already.
void write_file(const std::filesystem::path& path, mode_t mode, std::string_view text);

// Puts another text into the place of an existing file, with its mode and owner; whoever opens it
// sees the old text or the new one. Throws OperationError.
void replace_file(const std::filesystem::path& path, std::string_view text);

// Absent where it cannot be read.
std::optional<std::string> read_text(const std::filesystem::path& path);

// Nobody else who takes it changes this directory's files meanwhile; waits for whoever has it.
// Ends with the object. Throws OperationError.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::filesystem::path& directory);
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock();

 private:
  int fd_ = -1;
};

[[noreturn]] void fail_at(const std::filesystem::path& path);

}  // namespace gateway::cli
