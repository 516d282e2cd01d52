#pragma once
// A file that is there whole or not at all, whatever ends the command that writes it.

#include <cstdint>
#include <filesystem>
#include <string>

#include "gateway/cli/files.h"
#include "gateway/platform/fd.h"

namespace gateway::cli {

// Written as FILE.tmp beside FILE, with mode 0600, and renamed when it is good. Root writes into a
// directory of another user with that user's rights.
class BackupFile {
 public:
  // Removes what an interrupted backup has left. Throws OperationError: conflict where FILE exists
  // and is not to be replaced, or another backup writes it now.
  BackupFile(std::filesystem::path file, bool replace);
  BackupFile(const BackupFile&) = delete;
  BackupFile& operator=(const BackupFile&) = delete;
  // Removes FILE.tmp unless it was kept.
  ~BackupFile();

  int fd() const { return fd_.get(); }
  std::uint64_t size() const;
  const std::filesystem::path& written() const { return written_; }  // FILE.tmp
  // On disk under its name when this returns. Throws OperationError.
  void keep();

 private:
  void remove_left_over() const;
  [[noreturn]] void fail(const std::string& step) const;

  const std::filesystem::path file_;
  const std::filesystem::path written_;
  const bool replace_;
  FileAt at_;  // of FILE.tmp
  Fd fd_;
  bool kept_ = false;
};

}  // namespace gateway::cli
