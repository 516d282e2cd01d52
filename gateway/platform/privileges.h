#pragma once
// What root gives up, and when: whoever owns a directory may put a link in place of anything in it
// at any time, and root would follow that link.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

namespace gateway {

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
  bool operator==(const Owner&) const = default;
};

// The owner of the first directory or link on the way from / to `path` that is not root's: from
// there on this user decides what the path leads to, so root may neither create, open nor chown by
// it. So does the owner of a file in a directory where others than root may write. Absent where
// only root decides; only then may root change an owner by path. Links are followed; what does not
// exist yet is left out. Throws ConfigError for a directory that a group or everybody may write in,
// unless its sticky bit keeps them from each other's files.
std::optional<Owner> owner_on_the_way(const std::filesystem::path& path);

// "alice", or "uid 1000" for a user without a name. Not thread-safe.
std::string user_name(uid_t uid);

// Root becomes this user for good. Does nothing for other users. Throws ConfigError.
void become(const Owner& owner);

// Root becomes the owner of `directory`: the daemon's user could not read files that root writes
// there, and every login would be refused. Does nothing for other users, or if root owns the
// directory. Throws ConfigError.
void become_owner_of(const std::filesystem::path& directory);

// Root acts as another user while this exists: the kernel refuses what that user may not do,
// whatever a path leads to meanwhile. Does nothing for other users. Not thread-safe: glibc changes
// every thread of the process. Throws ConfigError, and then root is root as before; ends the
// process if it cannot come back.
class ActingAs {
 public:
  explicit ActingAs(const Owner& owner);
  ~ActingAs();
  ActingAs(const ActingAs&) = delete;
  ActingAs& operator=(const ActingAs&) = delete;

 private:
  struct Before;
  static void come_back(const Before& before);
  std::unique_ptr<const Before> before_;  // null: nothing was changed
};

// Who runs this command, for the journal: "local:alice". Uses the audit login user if the kernel
// knows one, so that `sudo` does not make everybody root.
std::string local_actor();

}  // namespace gateway
