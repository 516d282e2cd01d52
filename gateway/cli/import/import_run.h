#pragma once
// An import: all lines are checked before any is stored, and what is already stored is removed if
// it fails.

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "auth/base/result.h"
#include "auth/credential/validate.h"
#include "gateway/cli/context.h"
#include "gateway/cli/import/import_line.h"

namespace gateway::cli {

// `where`: "users.jsonl:7", for people.
using VisitLine =
    std::function<void(const std::string& where, auth::Result<ImportLine, auth::Invalid> line)>;
// Calls `visit` for every line, in order. It can be called several times.
using ImportSource = std::function<void(const VisitLine& visit)>;

struct ImportFault {
  std::string where;
  auth::Invalid wrong;
};

// Of all lines that it is said of: a file may have the same for each.
struct ImportWarning {
  std::string where;  // the first of them
  std::uint64_t lines = 0;
  std::string message;
};

class Import {
 public:
  // Borrows `local` and `roles`, of which it makes those that the store lacks. `label` is the
  // reason in the journal. Construct this before any thread starts: it blocks SIGINT, SIGTERM,
  // SIGHUP and SIGQUIT, which then end the import.
  Import(Local& local, FileRoles& roles, ImportSource source, std::string label);

  // Checks every line, and returns the errors; stores nothing.
  std::vector<ImportFault> check();
  std::uint64_t lines() const { return lines_; }
  // About the good lines, once they were checked.
  const std::vector<ImportWarning>& warnings() const { return warnings_; }

  // Stores every good line, in short transactions between which others may write, and gives how
  // many, with the roles that are there already. `keep_going`: what the store refuses is added to
  // `faults`; otherwise, and when anything else fails, what was stored is taken back, and an
  // OperationError says so.
  std::uint64_t run(bool keep_going, std::vector<ImportFault>& faults);

 private:
  struct Batch {
    std::vector<std::string> where;
    std::vector<ImportLine> lines;
  };
  std::optional<auth::Invalid> check_line(const std::string& where, const ImportLine& line);
  std::optional<auth::Invalid> check_role(const std::string& where, const auth::Role& role);
  void note_warnings(const std::string& where, const ImportLine& line);
  void hash(Batch& batch) const;
  void store(Batch& batch, bool keep_going, std::vector<ImportFault>& faults);
  void store_role(const std::string& where, const auth::Role& role, bool keep_going,
                  std::vector<ImportFault>& faults);
  std::string take_back();
  std::string take_back_roles();

  Local& local_;
  FileRoles& roles_;
  ImportSource source_;
  std::string label_;
  std::uint64_t lines_ = 0;
  std::vector<ImportWarning> warnings_;
  std::unordered_map<std::string, std::size_t> warned_;  // by message, where in warnings_
  std::unordered_set<std::string> taken_;                // names, logins and ids of this import
  std::unordered_set<std::string> bad_;                  // lines that check() refused
  std::vector<std::string> made_;                        // ids
  std::vector<auth::Role> made_roles_;
  std::uint64_t known_roles_ = 0;  // equal to those that are there
};

}  // namespace gateway::cli
