#include "gateway/platform/privileges.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <utility>
#include <vector>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/base/config_error.h"

namespace gateway {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40;  // as Linux has it (path_resolution(7))

void need(int result, const char* step) {
  if (result == 0) return;
  const char* remedy =
      errno == EPERM ? "; to act as another user, root needs CAP_SETGID and CAP_SETUID" : "";
  throw auth::ConfigError(std::string(step) + ": " + std::strerror(errno) + remedy);
}

void take_groups_of(const Owner& owner) {
  need(initgroups(user_name(owner.uid).c_str(), owner.gid) == 0 ? 0 : setgroups(0, nullptr),
       "setgroups");
}

// Whether others than root may make files in this directory of root's. Throws ConfigError if they
// may also exchange those of root.
bool is_shared(const fs::path& directory, const struct stat& s) {
  const bool shared = (s.st_mode & (S_IWOTH | S_IWGRP)) != 0;
  if (shared && (s.st_mode & S_ISVTX) == 0) {
    throw auth::ConfigError(directory.string() +
                            ": others than root may write in this directory, and could exchange "
                            "what root makes there; choose another one, or chmod go-w it");
  }
  return shared;
}

// As the kernel resolves the path. It may refuse to follow another user's link in a directory for
// everybody (fs.protected_symlinks), but need not.
std::optional<Owner> first_other_owner(const fs::path& path) {
  fs::path at;  // without links
  bool shared = false;
  std::vector<fs::path> left{path.begin(), path.end()};
  std::ranges::reverse(left);
  for (int links = 0; !left.empty();) {
    const fs::path part = left.back();
    left.pop_back();
    if (part.empty() || part == ".") continue;
    const fs::path next = part == ".." ? at.parent_path() : at / part;
    struct stat s{};
    if (lstat(next.c_str(), &s) != 0) {
      if (errno == ENOENT) return std::nullopt;
      throw auth::ConfigError(next.string() + ": " + std::strerror(errno));
    }
    // A file of another user is that user's to exchange only where that user may write.
    if (s.st_uid != 0 && (shared || !S_ISREG(s.st_mode))) return Owner{s.st_uid, s.st_gid};
    if (S_ISLNK(s.st_mode)) {
      if (++links > kMaxLinks) {
        throw auth::ConfigError(path.string() + ": " + std::strerror(ELOOP));
      }
      const fs::path target = fs::read_symlink(next);
      const std::vector<fs::path> more{target.begin(), target.end()};
      left.insert(left.end(), more.rbegin(), more.rend());
      continue;
    }
    if (!S_ISDIR(s.st_mode)) return std::nullopt;
    shared = is_shared(next, s);
    at = next;
  }
  return std::nullopt;
}

}  // namespace

std::string user_name(uid_t uid) {
  const passwd* user =
      getpwuid(uid);  // NOLINT(concurrency-mt-unsafe): commands have one thread here
  return user != nullptr ? user->pw_name : "uid " + std::to_string(uid);
}

std::optional<Owner> owner_on_the_way(const fs::path& path) {
  return first_other_owner(fs::absolute(path));
}

void become(const Owner& owner) {
  if (geteuid() != 0) return;
  take_groups_of(owner);
  need(setgid(owner.gid), "setgid");
  need(setuid(owner.uid), "setuid");
}

void become_owner_of(const fs::path& directory) {
  if (geteuid() != 0) return;
  struct stat s{};
  if (stat(directory.c_str(), &s) != 0) {
    throw auth::ConfigError(directory.string() + ": " + std::strerror(errno) +
                            "; put the store back, or restore it from a backup");
  }
  if (s.st_uid != 0) become({s.st_uid, s.st_gid});
}

struct ActingAs::Before {
  gid_t gid = getegid();
  std::vector<gid_t> groups;
};

ActingAs::ActingAs(const Owner& owner) {
  if (geteuid() != 0) return;
  auto before = std::make_unique<Before>();
  const int count = getgroups(0, nullptr);
  need(std::min(count, 0), "getgroups");
  before->groups.resize(static_cast<std::size_t>(count));
  need(std::min(getgroups(count, before->groups.data()), 0), "getgroups");
  // Where this fails, nothing was changed, and what it changes root could not undo either.
  take_groups_of(owner);
  before_ = std::move(before);
  try {
    need(setegid(owner.gid), "setegid");
    need(seteuid(owner.uid), "seteuid");
  } catch (const auth::ConfigError&) {
    come_back(*before_);
    throw;
  }
}

ActingAs::~ActingAs() {
  if (before_) come_back(*before_);
}

// As half another user it would do half of what it is asked, and nobody would know which.
void ActingAs::come_back(const Before& before) {
  if (seteuid(0) != 0 || setegid(before.gid) != 0 ||
      setgroups(before.groups.size(), before.groups.data()) != 0) {
    std::abort();
  }
}

std::string local_actor() {
  uid_t uid = getuid();
  std::ifstream audit{"/proc/self/loginuid"};
  uid_t login = 0;
  if (audit >> login && login != std::numeric_limits<uid_t>::max()) uid = login;
  return "local:" + user_name(uid);
}

}  // namespace gateway
