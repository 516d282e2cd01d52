#pragma once
// Writes a new secret to standard output, or to a file that only its owner can read.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/cli/command.h"
#include "gateway/cli/context.h"
#include "gateway/cli/files.h"
#include "gateway/cli/output/client_lines.h"
#include "gateway/platform/fd.h"

namespace gateway::cli {

class ContextOutput;

// Created before the credential, so that no secret is created that cannot be written.
class SecretFile {
 public:
  // `option` named it. Throws OperationError: usage for "-", conflict if the file exists already.
  explicit SecretFile(std::string path, const char* option = "--out");
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;
  // Removes the file if nothing was written.
  ~SecretFile();
  // Both throw OperationError; then the file does not stay.
  void write(std::string_view text);
  void sync();
  // It does not stay, although it was written.
  void discard() { kept_ = false; }
  bool kept() const { return kept_; }

 private:
  [[noreturn]] void fail();
  std::string path_;
  std::string named_;  // with its option
  FileAt at_;          // root may lose its file's path to whoever owns a directory on it
  Fd fd_;
  bool kept_ = false;
};

// How `create` and `rotate` give the secret to who asked for it.
struct HandOver {
  std::string path;                 // --out; empty: standard output
  std::string program;              // --snippet; empty: the lines of all clients
  SecretFile* file = nullptr;       // of `path`
  ContextOutput* client = nullptr;  // --context-out; what it took is not printed
  PasswordFile password_file;       // as in Login
  bool escaped_password = false;

  // Whether somebody gets the lines of connect_help.h.
  bool shows_lines() const { return file != nullptr || client == nullptr; }
  bool writes_files() const { return file != nullptr || client != nullptr; }
  // Whether standard output is for the snippet alone.
  bool only_program(const Context& context) const {
    return writes_files() && !program.empty() && !context.json;
  }
};

void add_snippet(Command& command, std::string& into);

// Before anything is made: throws OperationError where the client of `program` could not connect. A
// remote gateway is not asked. `credential` as it will be, with `name`; `body` of the request.
void require_snippet(const Context& context, const std::string& program,
                     const nlohmann::ordered_json& credential, const nlohmann::json& body);

// Whether the password in the body of a request needs an escape in JSON.
bool has_escaped_password(const nlohmann::json& body);

// `done`: "created", "rotated". `made`: the result of the operation, done on the store or the
// gateway of `context`.
void hand_over(const Context& context, const std::string& done, nlohmann::ordered_json made,
               const HandOver& how);

}  // namespace gateway::cli
