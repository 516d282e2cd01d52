#pragma once
// The options that set what a credential or a role lets its holder do, the same for both.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/cli/command.h"

namespace gateway::cli {

class RightsOptions {
 public:
  // With `updating`, each flag has its opposite, --no-….
  enum class Use : std::uint8_t { creating, updating };

  // This object must outlive the command.
  void add_rights(Command& command, Use use);

  // The members of a record that were given as options (auth/credential/credential_read.h). Each
  // value was checked when it was parsed.
  const nlohmann::json& members() const { return members_; }

 protected:
  using Json = nlohmann::json;

  // What follows is added to this command. To be called before.
  void begin(Command& command, Use use);

  void put(const char* pointer, Json value) {
    members_[Json::json_pointer(pointer)] = std::move(value);
  }
  // `pointer`: the JSON pointer of the member in the record.
  void flag(const std::string& name, const char* pointer, const char* help);
  void list(const char* name, const char* shape, const char* pointer, const char* help);
  // `read` converts the given value, or throws OperationError. `shape` is the placeholder of the
  // value in the help.
  void words(const char* name, const char* shape, const char* pointer, const char* help,
             std::function<Json(const std::vector<std::string>&)> read);
  void word(const char* name, const char* shape, const char* pointer, const char* help,
            std::function<Json(const std::string&)> read);

  Command& command() { return *command_; }
  Use use() const { return use_; }

 private:
  void add_capabilities();
  void add_permissions();

  Command* command_ = nullptr;
  Use use_ = Use::creating;
  Json members_ = Json::object();
};

}  // namespace gateway::cli
