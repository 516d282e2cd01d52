#include "gateway/cli/setup/setup_files.h"

#include "gateway/admin/operation_error.h"
#include "store/fault.h"
#include "tests/support/catch.h"
#include "tests/support/other_user.h"

namespace fs = std::filesystem;
using namespace gateway;
using namespace gateway::cli;

namespace {

// Whose each file of the store is.
std::vector<uid_t> owners(const fs::path& store) {
  std::vector<uid_t> uids;
  for (const fs::path& path : {store, store / "data.mdb", store / "lock.mdb"}) {
    struct stat s{};
    REQUIRE(lstat(path.c_str(), &s) == 0);
    uids.push_back(s.st_uid);
  }
  return uids;
}

}  // namespace

TEST_CASE("setup_files: the store and its files are the owner's, whoever made the directory above",
          "[cli]") {
  const made::OthersDir theirs;
  const TempDir ours;
  const bool root = geteuid() == 0;
  const Owner owner = root ? made::kOtherUser : Owner{geteuid(), getegid()};
  REQUIRE(chmod(ours.path().c_str(), 0755) == 0);
  for (const fs::path& above : {theirs.path(), ours.path() / "a" / "b"}) {
    const Layout layout{
        .conf = ours.path(), .store = above / "store", .jetstream = {}, .owner = owner};
    make_store(layout);
    CHECK(owners(layout.store) == std::vector<uid_t>(3, owner.uid));
    CHECK(geteuid() == (root ? 0 : owner.uid));
  }
}

TEST_CASE("setup_files: a process of the store's owner gets nothing of root's by swapping links",
          "[cli]") {
  if (geteuid() != 0) {
    // Without root there is nothing to be had; what another user would get is refused already.
    CHECK_THROWS_AS(free_layout(""), OperationError);
    return;
  }
  const made::RootOnly root_only;
  for (int attempt = 0; attempt < 60; ++attempt) {
    const made::OthersDir theirs;
    const Layout layout{.conf = theirs.path(),
                        .store = theirs.path() / "store",
                        .jetstream = {},
                        .owner = made::kOtherUser};
    const std::string store = layout.store.string();
    // Now the directory, now a file in it, now a link as soon as there is something to replace.
    std::vector<std::pair<std::string, std::string>> links;
    if (attempt % 3 == 0) links.emplace_back(store, root_only.directory().string());
    if (attempt % 3 != 0) links.emplace_back(store + "/data.mdb", root_only.file().string());
    if (attempt % 3 != 1) links.emplace_back(store + "/lock.mdb", root_only.file().string());
    const made::LinkSwapper swapper{links};
    try {
      make_store(layout);
    } catch (const OperationError&) {  // disturbed, and said so
    } catch (const store::Fault&) {
    }
    CAPTURE(attempt);
    REQUIRE(root_only.untouched());
    REQUIRE(geteuid() == 0);
  }
}
