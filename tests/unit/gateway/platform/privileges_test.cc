#include "gateway/platform/privileges.h"

#include <fcntl.h>

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
       }) {
    CAPTURE(row.what);
    CHECK(owner_on_the_way(row.path) == (row.other ? std::optional{kOtherUser} : std::nullopt));
  }
  for (const mode_t mode : {0777U, 0720U}) {
    CAPTURE(mode);
    const auto shared = ours.directory() / "shared";
    std::filesystem::create_directories(shared);
    REQUIRE(chown(shared.c_str(), 0, kOtherUser.gid) == 0);
    REQUIRE(chmod(shared.c_str(), mode) == 0);
    CHECK_THROWS_AS(owner_on_the_way(shared / "a"), auth::ConfigError);
    REQUIRE(chmod(shared.c_str(), mode | S_ISVTX) == 0);
    CHECK(owner_on_the_way(shared / "a") == std::nullopt);
  }
}
