// A disk that is full, and a process that may not write more, both for real.

#include "store/store.h"
#include "tests/support/catch.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace store {
namespace {

class Helper : public ChildProcess {
 public:
  explicit Helper(const std::vector<std::string>& arguments)
      : ChildProcess(CREDGATE_STORE_HELPER, arguments) {}
};

bool has(const std::optional<std::string>& line, const std::string& part) {
  return line && line->find(part) != std::string::npos;
}

TEST_CASE("disk: on a full one nothing is created, and everybody is revoked", "[store]") {
  const TempDir directory;
  Helper helper{{"small-disk", directory.path()}};
  const auto created = helper.read_line();
  // Where this user may mount nothing, the test below has what is alike.
  if (created == "no mount") return;
  CAPTURE(created.value_or(""));
  CHECK(has(created, "the disk is nearly full: 0 KiB are left"));
  CHECK(has(created, "make room"));
  CHECK(helper.read_line() == "none");
  CHECK(helper.read_line() == "found revoked");
  CHECK(helper.read_line() == "200");
}

TEST_CASE("disk: on a full one the head is noted, and who was revoked", "[store]") {
  const TempDir directory;
  const TempDir head;
  Helper helper{{"full-head", directory.path(), head.path()}};
  const auto refused = helper.read_line();
  if (refused == "no mount") return;
  CHECK(refused == "none");
  CHECK(helper.read_line() == "all noted");
}

TEST_CASE("disk: a read-only one is read, nothing is changed, and it says what to do", "[store]") {
  const TempDir directory;
  const TempDir head;
  Helper helper{{"read-only", directory.path(), head.path()}};
  const auto found = helper.read_line();
  if (found == "no mount") return;
  CHECK(found == "found active");
  CHECK(has(helper.read_line(), "is read-only, so nothing can be changed, and nobody revoked"));
  CHECK(has(helper.read_line(), "is read-only"));
  CHECK(has(helper.read_line(), "is writable again, but was read-only when this process opened"));
  // What others write from then on is seen.
  for (int i = 0; i < 4; ++i)
    CHECK(helper.read_line() == "found active");
}

TEST_CASE("disk: a commit that is cut short is a fault, and the store goes on after it",
          "[store]") {
  const TempDir directory;
  Helper helper{{"file-limit", directory.path()}};
  const auto created = helper.read_line();
  CAPTURE(created.value_or(""));
  CHECK((has(created, "make room") || has(created, "ulimit -f")));
  const auto revoked = helper.read_line();
  CAPTURE(revoked.value_or(""));
  CHECK((has(revoked, "make room") || has(revoked, "ulimit -f")));
  CHECK(has(helper.read_line(), "found "));
  CHECK(helper.read_line() == "200");
}

}  // namespace
}  // namespace store
