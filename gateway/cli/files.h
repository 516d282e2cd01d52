#pragma once
// Reads and writes whole files.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "gateway/platform/fd.h"
#include "gateway/platform/privileges.h"

namespace gateway::cli {

// A file's directory, held open, and its name there. Root may work in a directory of somebody else,
// who may put a link in place of the directory, or of the file, between two uses of the path.
struct FileAt {
  Fd directory;
  std::string name;
};

// Without a directory if that cannot be opened, and then no file can be created in it.
FileAt file_at(const std::filesystem::path& path);
// A new, empty file of ours; a link in its place is not followed. Empty if it cannot be created,
// and errno says why.
Fd create_file(const FileAt& at, mode_t mode);

// Creates a new file. `owner`: of the file, if not this process. Throws OperationError: conflict if
// it exists already.
void write_file(const std::filesystem::path& path, mode_t mode, std::string_view text,
                const std::optional<Owner>& owner = {});

// Replaces the content of an existing file atomically, and keeps its mode and owner. If another
// user owns a directory on the way, root does so with that user's rights. Throws OperationError,
// ConfigError.
void replace_file(const std::filesystem::path& named, std::string_view text);

// The reason of changes that are made as a file has them, for the journal: "apply FILE". A name
// that cannot be printed, or is too long, is left out.
std::string reason_of(const std::string& command, const std::string& file);

// Absent if it cannot be read; errno says why.
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
