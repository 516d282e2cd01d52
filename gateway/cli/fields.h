#pragma once
// The options that set a credential's fields, the same for `create` and `update`.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "auth/credential.h"
#include "auth/validate.h"
#include "gateway/cli/command.h"
#include "gateway/config.h"

namespace gateway::cli {

class FieldOptions {
 public:
  enum class Use : std::uint8_t { creating, updating };

  // This must outlive the command.
  void add(Command& command, Use use);

  bool empty() const { return edits_.empty(); }
  // What the options given say. Their values were checked one by one when they were parsed.
  void apply(auth::Credential& credential) const;

 private:
  using Edit = std::function<void(auth::Credential&)>;
  void flag(const std::string& name, std::function<void(auth::Credential&, bool)> set,
            const char* help);
  void flag(const char* name, bool auth::Credential::*field, const char* help);
  void list(const char* name, std::vector<std::string> auth::Credential::*field, const char* help);
  // `read` makes the edit of what was given, or throws Failure. `shape` stands for a
  // value in the help.
  void words(const char* name, const char* shape, const char* help,
             std::function<Edit(const std::vector<std::string>&)> read);
  void word(const char* name, const char* shape, const char* help,
            std::function<Edit(const std::string&)> read);
  void add_capabilities();
  void add_permissions();
  void add_restrictions();
  void add_lifetime();

  Command* command_ = nullptr;
  Use use_ = Use::creating;
  std::vector<Edit> edits_;
};

// What would be silent otherwise: a credential that may do nothing, and one whose permissions are
// not those that count, as its account has a scoped signing key.
std::optional<auth::Invalid> permissions_wrong(const Config& config,
                                               const auth::Credential& credential);
// Throws it as a Failure.
void check_permissions(const Config& config, const auth::Credential& credential);

}  // namespace gateway::cli
