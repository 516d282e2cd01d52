#include "gateway/platform/privileges.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <system_error>
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

void need(int result, const char* step) {
  if (result != 0) throw auth::ConfigError(std::string(step) + ": " + std::strerror(errno));
}

std::string user_name(uid_t uid) {
  const passwd* user =
      getpwuid(uid);  // NOLINT(concurrency-mt-unsafe): commands have one thread here
  return user != nullptr ? user->pw_name : "uid " + std::to_string(uid);
}

// The first directory on the way, as the path is written, that is not root's.
std::optional<Owner> first_other_owner(const fs::path& path) {
  fs::path directory;
  for (const fs::path& part : path) {
    directory /= part;
    struct stat s{};
    if (stat(directory.c_str(), &s) != 0) {
      if (errno == ENOENT) return std::nullopt;
      throw auth::ConfigError(directory.string() + ": " + std::strerror(errno));
    }
    if (!S_ISDIR(s.st_mode)) return std::nullopt;
    if (s.st_uid != 0) return Owner{s.st_uid, s.st_gid};
    const bool others = (s.st_mode & S_IWOTH) != 0 || ((s.st_mode & S_IWGRP) != 0 && s.st_gid != 0);
    if (others && (s.st_mode & S_ISVTX) == 0) {
      throw auth::ConfigError(directory.string() +
                              ": others than root may write in this directory, and could exchange "
                              "what root makes there; choose another one, or chmod go-w it");
    }
  }
  return std::nullopt;
}

void take_groups_of(const Owner& owner) {
  need(initgroups(user_name(owner.uid).c_str(), owner.gid) == 0 ? 0 : setgroups(0, nullptr),
       "setgroups");
}

}  // namespace

std::optional<Owner> owner_on_the_way(const fs::path& path) {
  const fs::path absolute = fs::absolute(path);
  if (const auto owner = first_other_owner(absolute)) return owner;
  // The links on it are root's, and stay as they are; where they lead to is a way of its own.
  std::error_code error;
  const fs::path real = fs::weakly_canonical(absolute, error);
  if (error) throw auth::ConfigError(path.string() + ": " + error.message());
  return first_other_owner(real);
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
                            "; create a store with: credgate init");
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
  before_ = std::move(before);
  try {
    take_groups_of(owner);
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
