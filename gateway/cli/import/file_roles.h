#pragma once
// The roles of a file whose credentials name them, beside those of the store.

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "auth/base/result.h"
#include "auth/credential/credential.h"
#include "auth/credential/role.h"
#include "auth/credential/validate.h"
#include "store/store.h"

namespace gateway::cli {

// The line of a role, for `export`.
std::string role_line(const auth::Role& role);

// With the fields that only the store sets as `stored` has them: equal to it where nothing differs
// that people set.
auth::Role with_own_fields(auth::Role role, const auth::Role& stored);

// Not thread-safe.
class FileRoles {
 public:
  // Borrows it.
  explicit FileRoles(const store::Store& store) : store_(store) {}

  // What the store has under the name of the role; absent: nothing. Refused: it is damaged.
  auth::Result<std::optional<auth::Role>, auth::Invalid> stored(const auth::Role& role) const;

  // Takes a role that may be stored. Refused: an earlier line has one of its name.
  std::optional<auth::Invalid> add(const std::string& where, const auth::Role& role);

  // Those that the credential names, as an earlier line has them, else the store. Refused: neither
  // has one that can be read, or they must not be together.
  auth::Result<std::vector<auth::Role>, auth::Invalid> roles_of(const auth::Credential& credential);

  // Whether a credential may be stored as a new one, once the roles of the file are.
  std::optional<store::Refused> check_new(const auth::Credential& credential) const;

  bool has(const auth::Role& role) const;
  // Whether roles_of() was asked for a credential that names it.
  bool is_named(const auth::Role& role) const;
  bool empty() const { return lines_.empty(); }

 private:
  struct Line {
    std::string where;
    auth::Role role;
  };

  const store::Store& store_;
  std::unordered_map<std::string, Line> lines_;  // by auth::role_id()
  std::unordered_set<std::string> named_;        // likewise
};

}  // namespace gateway::cli
