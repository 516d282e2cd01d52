#pragma once
// What `apply` would change: the roles and credentials of a file compared with those of the store.
// Nothing here changes the store.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/admin/operations/context.h"
#include "gateway/cli/import/import_line.h"
#include "gateway/cli/import/import_run.h"

namespace gateway::cli {

// What the file is the whole truth for: the credentials of both, and of an account alone its roles
// too. Both empty: what it names.
struct ApplyScope {
  std::string account;
  std::string tag;  // "key=value"
  bool empty() const { return account.empty() && tag.empty(); }
};

enum class StepKind : std::uint8_t { create, update, revoke };

struct Step {
  StepKind kind = StepKind::update;
  std::string where{};        // "all.jsonl:7"; empty: no line has it
  auth::Credential before{};  // as it was read; of an update and a revocation
  ImportLine after{};         // of a new one and an update
  bool makes_secret = false;  // of a new one: no line has it
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();  // as `history --json` has them

  const auth::Credential& credential() const {
    return kind == StepKind::revoke ? before : after.credential;
  }
};

struct RoleStep {
  StepKind kind = StepKind::update;  // revoke: delete
  std::string where{};               // as above
  auth::Role before{};               // as it was read; but of a new one
  auth::Role after{};                // of one that is deleted as before
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();  // as above
};

struct Plan {
  std::vector<Step> steps;  // revocations last
  std::vector<RoleStep> roles{};
  std::uint64_t lines = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t unchanged_roles = 0;
  std::uint64_t other_secrets = 0;  // lines with a secret that the store has otherwise
  std::vector<ImportFault> faults;  // then nothing may be changed
  std::vector<ImportWarning> warnings;

  bool changes() const { return !steps.empty() || !roles.empty(); }
  std::uint64_t count(StepKind kind) const;  // of credentials
  std::uint64_t count_roles(StepKind kind) const;
};

// What differs, as `history --json` has it. `before`: null for a new one.
nlohmann::ordered_json fields_of(const auth::Credential* before, const auth::Credential& after);
nlohmann::ordered_json fields_of(const auth::Role* before, const auth::Role& after);

// Not thread-safe.
class Planner {
 public:
  // Borrows its arguments. `context.keys`: null where no kind `creds` can be made.
  Planner(const OperationContext& context, const ApplyScope& scope);

  // Takes one line of the file. What is wrong with it becomes a fault.
  void add(const std::string& where, std::string_view json);
  // Adds the revocation of every credential of the scope that no line has, and the deletion of
  // every role that no line has or names. Throws OperationError where a record is damaged.
  void prune();
  const Plan& plan() const { return plan_; }
  Plan take() { return std::move(plan_); }

 private:
  using Wrong = std::optional<auth::Invalid>;
  using Found = auth::Result<std::optional<auth::Credential>, auth::Invalid>;

  Wrong plan_line(const std::string& where, RecordLine record);
  Wrong plan_role(const std::string& where, auth::Role role);
  void prune_roles();
  Wrong check_scope(const auth::Credential& credential) const;
  Wrong check_earlier(const std::string& where, const auth::Credential& credential,
                      const std::string& id);
  Found find(const auth::Credential& credential) const;
  Wrong plan_update(const std::string& where, RecordLine record, const auth::Credential& before);
  Wrong check_update(const auth::Credential& after, const auth::Credential& before);
  Wrong check_proof(const GivenProof& proof, const auth::Credential& before) const;
  Wrong plan_create(const std::string& where, RecordLine record);
  Wrong prepare_secret(RecordLine& record) const;
  Wrong check_logins(const std::string& where, const ImportLine& line);
  void add_step(Step step);
  void note_warnings(const Step& step);

  const OperationContext& context_;
  const ApplyScope& scope_;
  FileRoles roles_;
  ImportRules rules_;
  Plan plan_;
  std::unordered_map<std::string, std::string> taken_;   // name, id or login -> where
  std::unordered_set<std::string> seen_;                 // ids in the store that a line has
  std::unordered_map<std::string, std::size_t> warned_;  // by message, where in the warnings
};

}  // namespace gateway::cli
