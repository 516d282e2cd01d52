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

TEST_CASE(
    "disk: on a full one nothing is created, the records are there, and with room all are "
    "revoked",
    "[store]") {
  const TempDir directory;
  Helper helper{{"small-disk", directory.path()}};
  const auto created = helper.read_line();
  // Where this user may mount nothing, the test below has what is alike.
  if (created == "no mount") return;
  CAPTURE(created.value_or(""));
  CHECK(has(created, "the disk is nearly full: 0 KiB are left"));
  CHECK(has(created, "make room"));
  const auto revoked = helper.read_line();
  CAPTURE(revoked.value_or(""));
  CHECK((revoked == "none" || has(revoked, "make room")));
  CHECK(has(helper.read_line(), "found "));
  CHECK(helper.read_line() == "200");
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
