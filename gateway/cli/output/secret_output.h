#pragma once
// Gives a new secret to whoever asked for it: on standard output, or in a file that nobody else
// reads.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/cli/context.h"

namespace gateway::cli {

// Made before the credential is, so that a secret that cannot be written is never made.
class SecretFile {
 public:
  // Throws OperationError where there is such a file already.
  explicit SecretFile(std::string path);
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;
  // Removes a file into which nothing was written.
  ~SecretFile();
  // Both throw OperationError.
  void write(std::string_view text);
  void sync();

 private:
  [[noreturn]] void fail();
  std::string path_;
  int fd_ = -1;
  bool kept_ = false;
};

// `done`: "created", "rotated". `made`: the result of the operation. `out` may be null; `path` is
// its name.
void hand_over(const Context& context, const std::string& done, const nlohmann::ordered_json& made,
               const std::string& path, SecretFile* out);

}  // namespace gateway::cli
