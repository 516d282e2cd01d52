#pragma once
// The options that set a credential's fields, the same for `create` and `update`.

#include "gateway/cli/command.h"
#include "gateway/cli/rights_options.h"

namespace gateway::cli {

class FieldOptions : public RightsOptions {
 public:
  // This object must outlive the command.
  void add(Command& command, Use use);

 private:
  void add_inbox();
  void add_roles();  // of `create`; those of `update` are in role_options.h
  void add_sigv4();
  void add_restrictions();
  void add_lifetime();
};

}  // namespace gateway::cli
