#pragma once
// Writes a new secret to standard output, or to a file that only its owner can read.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/cli/context.h"
#include "gateway/cli/files.h"
#include "gateway/platform/fd.h"

namespace gateway::cli {

// Created before the credential, so that no secret is created that cannot be written.
class SecretFile {
 public:
  // Throws OperationError if the file exists already.
  explicit SecretFile(std::string path);
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;
  // Removes the file if nothing was written.
  ~SecretFile();
  // Both throw OperationError.
  void write(std::string_view text);
  void sync();

 private:
  [[noreturn]] void fail();
  std::string path_;
  FileAt at_;  // root may lose its file's path to whoever owns a directory on it
  Fd fd_;
  bool kept_ = false;
};

// `done`: "created", "rotated". `made`: the result of the operation. `out` may be null; `path` is
// its name.
void hand_over(const Context& context, const std::string& done, const nlohmann::ordered_json& made,
               const std::string& path, SecretFile* out);

}  // namespace gateway::cli
