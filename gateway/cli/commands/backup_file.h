#pragma once
// A file that is there whole or not at all, whatever ends the command that writes it.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gateway/cli/files.h"
#include "gateway/platform/fd.h"

namespace gateway::cli {

// Written as FILE.tmp beside FILE, with mode 0600, and renamed when it is good. Root writes into a
// directory of another user with that user's rights.
class BackupFile {
 public:
  // Removes what an interrupted backup has left. Throws OperationError: conflict where FILE exists
  // and is not to be replaced, or another backup writes it now; usage where it would be in one of
  // `not_in`, which are the store's own.
  BackupFile(std::filesystem::path file, bool replace,
             const std::vector<std::filesystem::path>& not_in);
  BackupFile(const BackupFile&) = delete;
  BackupFile& operator=(const BackupFile&) = delete;
  // Removes FILE.tmp unless it was kept.
  ~BackupFile();

  int fd() const { return fd_.get(); }
  std::uint64_t size() const;
  // What was written, whatever has FILE.tmp for its name by now.
  std::filesystem::path written() const;
  // Whether it would replace a file.
  bool replaces() const { return replaces_; }
  // On disk under its name when this returns. Throws OperationError.
  void keep();

 private:
  void require_not_in(const std::vector<std::filesystem::path>& directories) const;
  void remove_left_over() const;
  bool create();
  bool is_named() const;
  [[noreturn]] void fail(const std::string& step) const;

  const std::filesystem::path file_;
  const std::filesystem::path written_;
  const bool replace_;
  FileAt at_;  // of FILE.tmp
  Fd fd_;
  bool replaces_ = false;
  bool kept_ = false;
};

}  // namespace gateway::cli
