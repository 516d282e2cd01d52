#include "gateway/platform/privileges.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/base/config_error.h"

namespace gateway {
namespace {

void need(int result, const char* step) {
  if (result != 0) throw auth::ConfigError(std::string(step) + ": " + std::strerror(errno));
}

std::string user_name(uid_t uid) {
  const passwd* user =
      getpwuid(uid);  // NOLINT(concurrency-mt-unsafe): commands have one thread here
  return user != nullptr ? user->pw_name : "uid " + std::to_string(uid);
}

}  // namespace

void become_owner_of(const std::filesystem::path& directory) {
  if (geteuid() != 0) return;
  struct stat s{};
  if (stat(directory.c_str(), &s) != 0) {
    throw auth::ConfigError(directory.string() + ": " + std::strerror(errno) +
                            "; create a store with: credgate init");
  }
  if (s.st_uid == 0) return;
  const std::string name = user_name(s.st_uid);
  need(initgroups(name.c_str(), s.st_gid) == 0 ? 0 : setgroups(0, nullptr), "setgroups");
  need(setgid(s.st_gid), "setgid");
  need(setuid(s.st_uid), "setuid");
}

std::string local_actor() {
  uid_t uid = getuid();
  std::ifstream audit{"/proc/self/loginuid"};
  uid_t login = 0;
  if (audit >> login && login != std::numeric_limits<uid_t>::max()) uid = login;
  return "local:" + user_name(uid);
}

}  // namespace gateway
