#include "gateway/cli/files.h"

#include "gateway/admin/operation_error.h"
#include "gateway/cli/output/secret_output.h"
#include "tests/support/catch.h"
#include "tests/support/other_user.h"

namespace fs = std::filesystem;
using namespace gateway;
using namespace gateway::cli;

namespace {

struct stat stat_of(const fs::path& path) {
  struct stat s{};
  REQUIRE(lstat(path.c_str(), &s) == 0);
  return s;
}

}  // namespace

TEST_CASE("files: a new file follows no link and replaces nothing", "[cli]") {
  const TempDir dir;
  const fs::path file = dir.path() / "file";
  write_file(file, 0640, "text");
  CHECK(read_text(file) == "text");
  CHECK((stat_of(file).st_mode & 07777) == 0640);
  CHECK_THROWS_AS(write_file(file, 0640, "other"), OperationError);
  fs::create_symlink(dir.path() / "elsewhere", dir.path() / "link");
  CHECK_THROWS_AS(write_file(dir.path() / "link", 0640, "other"), OperationError);
  CHECK_FALSE(fs::exists(dir.path() / "elsewhere"));
  CHECK_THROWS_WITH(write_file(dir.path() / "none" / "file", 0640, "text"),
                    (dir.path() / "none" / "file: No such file or directory").string());
}

TEST_CASE("files: a replaced file keeps its mode, and the link to it", "[cli]") {
  const TempDir dir;
  const fs::path file = dir.path() / "file";
  write_file(file, 0604, "before");
  fs::create_symlink(file, dir.path() / "link");
  write_file(dir.path() / "file.new", 0600, "what an interrupted change left");
  replace_file(dir.path() / "link", "after");
  CHECK(read_text(file) == "after");
  CHECK((stat_of(file).st_mode & 07777) == 0604);
  CHECK(fs::is_symlink(dir.path() / "link"));
  CHECK_FALSE(fs::exists(dir.path() / "file.new"));
}

TEST_CASE("files: root that replaces a file in another's directory gives nothing of root's away",
          "[cli]") {
  const bool root = geteuid() == 0;
  const Owner owner = root ? made::kOtherUser : Owner{geteuid(), getegid()};
  const made::RootOnly root_only;
  const TempDir dir;
  const fs::path file = dir.path() / "file";
  REQUIRE(chown(dir.path().c_str(), owner.uid, owner.gid) == 0);
  for (int attempt = 0; attempt < (root ? 60 : 1); ++attempt) {
    fs::remove(file);
    write_file(file, 0600, "before", owner);
    CHECK(stat_of(file).st_uid == owner.uid);
    std::optional<made::LinkSwapper> swapper;
    if (root) {
      swapper.emplace(std::vector<std::pair<std::string, std::string>>{
          {file.string() + ".new", root_only.file().string()},
          {attempt % 2 == 0 ? file.string() : "none", root_only.file().string()}});
    }
    try {
      replace_file(file, "after");
    } catch (const OperationError&) {  // disturbed, and said so
    }
    CAPTURE(attempt);
    if (root) REQUIRE(root_only.untouched());
    REQUIRE(geteuid() == (root ? 0 : owner.uid));
  }
}

TEST_CASE("files: an unused output file goes from its directory, wherever its path leads by then",
          "[cli]") {
  const TempDir dir;
  const fs::path sub = dir.path() / "sub";
  fs::create_directory(sub);
  fs::create_directory(dir.path() / "other");
  write_file(dir.path() / "other" / "file", 0600, "of others");
  {
    const SecretFile out{(sub / "file").string()};
    fs::rename(sub, dir.path() / "moved");
    fs::create_directory_symlink(dir.path() / "other", sub);
  }
  CHECK(read_text(dir.path() / "other" / "file") == "of others");
  CHECK(fs::is_empty(dir.path() / "moved"));
}
