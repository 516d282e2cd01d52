#include "gateway/platform/privileges.h"

#include <array>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/base/config_error.h"
#include "gateway/platform/fd.h"
#include "tests/support/catch.h"
#include "tests/support/other_user.h"

using gateway::ActingAs;
using gateway::Fd;
using gateway::owner_on_the_way;
using made::kOtherUser;

namespace {

bool may_open(const std::filesystem::path& file) {
  return static_cast<bool>(Fd{open(file.c_str(), O_RDWR | O_CLOEXEC)});
}

std::vector<gid_t> groups() {
  std::vector<gid_t> all(static_cast<std::size_t>(getgroups(0, nullptr)));
  all.resize(static_cast<std::size_t>(getgroups(static_cast<int>(all.size()), all.data())));
  return all;
}

// In a process of its own, which then lacks it for good.
bool refused_without(int capability) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return false;
  sets[0].effective &= ~(1U << capability);
  sets[0].permitted &= ~(1U << capability);
  if (syscall(SYS_capset, &header, sets.data()) != 0) return false;
  const auto before = groups();
  try {
    const ActingAs other{kOtherUser};
  } catch (const auth::ConfigError& error) {
    const bool remedy = std::string_view{error.what()}.find("CAP_SETUID") != std::string_view::npos;
    return remedy && geteuid() == 0 && getegid() == 0 && groups() == before;
  }
  return false;
}

}  // namespace

TEST_CASE("privileges: root acts as another user with that user's rights alone, and comes back",
          "[platform]") {
  const auto before = groups();
  const uid_t user = geteuid();
  const made::RootOnly root_only;
  {
    const ActingAs other{kOtherUser};
    // Another user than root stays who it is.
    CHECK(geteuid() == (user == 0 ? kOtherUser.uid : user));
    CHECK(getuid() == user);
    CHECK(may_open(root_only.file()) == (user != 0));
  }
  CHECK(geteuid() == user);
  CHECK(groups() == before);
  CHECK(may_open(root_only.file()));
}

TEST_CASE("privileges: without the capability to act as another user root says so, and stays root",
          "[platform]") {
  if (geteuid() != 0) {
    SUCCEED("nobody but root has it");
    return;
  }
  for (const int capability : {CAP_SETGID, CAP_SETUID}) {
    CAPTURE(capability);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) _exit(refused_without(capability) ? 0 : 1);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
}

TEST_CASE("privileges: the first owner other than root decides what a path leads to",
          "[platform]") {
  if (geteuid() != 0) {
    // Whose temporary directory it is, is not known here.
    CHECK(owner_on_the_way("/") == std::nullopt);
    return;
  }
  const made::RootOnly ours;
  const made::OthersDir theirs;
  std::filesystem::create_directories(theirs.path() / "of-root");
  std::filesystem::create_directory_symlink(theirs.path(), ours.directory() / "link");
  std::filesystem::create_directory_symlink(ours.directory(), theirs.path() / "link");
  const made::RootOnly everybodys;  // as /tmp is
  REQUIRE(chmod(everybodys.directory().c_str(), 01777) == 0);
  const auto put = [&](const char* name, const std::filesystem::path& target) {
    const auto at = everybodys.directory() / name;
    if (target.empty()) std::ofstream{at} << "theirs";
    if (!target.empty()) std::filesystem::create_symlink(target, at);
    REQUIRE(lchown(at.c_str(), kOtherUser.uid, kOtherUser.gid) == 0);
    return at;
  };
  const auto their_link = put("link", ours.directory());
  const auto their_file_link = put("file-link", ours.file());
  const auto their_file = put("their-file", "");
  const auto dangling = put("dangling", ours.directory() / "none");
  std::filesystem::create_symlink(their_link / "file", ours.directory() / "link-by-link");
  std::filesystem::create_symlink("loop", ours.directory() / "loop");
  const auto given = ours.directory() / "given";
  std::ofstream{given} << "given";
  REQUIRE(chown(given.c_str(), kOtherUser.uid, kOtherUser.gid) == 0);
  struct Row {
    const char* what;
    std::filesystem::path path;
    bool other;
  };
  for (const Row& row : std::vector<Row>{
           {"a directory of root in one for everybody, with the sticky bit", ours.directory(),
            false},
           {"a file there", ours.file(), false},
           {"what is not there yet", ours.directory() / "a" / "b", false},
           {"another's directory", theirs.path(), true},
           {"what is not there yet, in another's", theirs.path() / "a" / "b", true},
           {"root's directory in another's", theirs.path() / "of-root", true},
           {"root's link to another's directory", ours.directory() / "link" / "a", true},
           {"another's link to root's directory", theirs.path() / "link" / "a", true},
           {"another's link in a directory for everybody", their_link / "a", true},
           {"the same, as the last", their_link, true},
           {"another's link to a file there", their_file_link, true},
           {"another's link to nothing there", dangling / "a", true},
           {"root's link to a path with that link", ours.directory() / "link-by-link", true},
           {"another's file in a directory for everybody", their_file, true},
           {"root's file there", everybodys.file(), false},
           {"another's file in root's own directory", given, false},
           {"up and down again", theirs.path() / ".." / ours.directory().filename(), true},
           {"up from root's", ours.directory() / ".." / ours.directory().filename() / ".", false},
       }) {
    CAPTURE(row.what);
    CHECK(owner_on_the_way(row.path) == (row.other ? std::optional{kOtherUser} : std::nullopt));
  }
  CHECK_THROWS_AS(owner_on_the_way(ours.directory() / "loop"), auth::ConfigError);
  for (const auto& [mode, group] :
       std::vector<std::pair<mode_t, gid_t>>{{0777, 0}, {0720, kOtherUser.gid}, {0720, 0}}) {
    CAPTURE(mode, group);
    const auto shared = ours.directory() / "shared";
    std::filesystem::create_directories(shared);
    REQUIRE(chown(shared.c_str(), 0, group) == 0);
    REQUIRE(chmod(shared.c_str(), mode) == 0);
    CHECK_THROWS_AS(owner_on_the_way(shared / "a"), auth::ConfigError);
    REQUIRE(chmod(shared.c_str(), mode | S_ISVTX) == 0);
    CHECK(owner_on_the_way(shared / "a") == std::nullopt);
  }
}
