// The copy that a backup is.

#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

#include "store/integrity_check.h"
#include "store/store.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

namespace fs = std::filesystem;

// Of the store, in a file of its own.
fs::path copy_of(TestStore& store, const TempDir& dir) {
  const fs::path file = dir.path() / "copy";
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  REQUIRE(fd >= 0);
  store->copy_to(fd);
  close(fd);
  return file;
}

class Copy {
 public:
  explicit Copy(const fs::path& file)
      : store_({.directory = file, .map_bytes = kTestMap}, keys_, Store::Opening::copy) {}
  const Store* operator->() const { return &store_; }
  const Store& operator*() const { return store_; }
  Store& writable() { return store_; }

 private:
  auth::MasterKeys keys_ = test_keys();
  Store store_;
};

void make_three(TestStore& store) {
  for (const std::uint32_t n : {1U, 2U, 3U})
    REQUIRE_FALSE(create(store, test_credential(n)));
  REQUIRE_FALSE(change(store, 2, Action::revoke, revocation()));
}

TEST_CASE("copy: it has what the store had, is whole, and needs no directory of its own",
          "[store]") {
  TestStore store;
  make_three(store);
  const TempDir dir;
  const fs::path file = copy_of(store, dir);
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  const Copy copy{file};
  CHECK(deep_check(*copy).empty());
  CHECK(copy->verify({}).empty());
  CHECK(copy->totals().store_id == "store-1");
  CHECK(copy->totals().sequence == 4);
  CHECK(copy->get(test_id(1))->status == auth::Status::active);
  CHECK(copy->get(test_id(2))->status == auth::Status::revoked);
  CHECK(std::distance(fs::directory_iterator{dir.path()}, {}) == 1);
}

TEST_CASE("copy: nothing is written to it", "[store]") {
  TestStore store;
  make_three(store);
  const TempDir dir;
  Copy copy{copy_of(store, dir)};
  CHECK_THROWS_AS(copy.writable().create(test_credential(9), intent(Action::create)), ReadOnly);
}

TEST_CASE("copy: one that is missing, cut short or none of LMDB's is refused, in a sentence",
          "[store]") {
  TestStore store;
  make_three(store);
  const TempDir dir;
  const fs::path file = copy_of(store, dir);
  const auto says = [&](std::string_view words) {
    try {
      const Copy copy{file};
    } catch (const Fault& fault) {
      return std::string_view{fault.what()}.find(words) != std::string_view::npos;
    }
    return false;
  };
  fs::resize_file(file, fs::file_size(file) - 4096);
  CHECK(says("is cut short"));
  std::ofstream{file, std::ios::binary} << std::string(20'000, 'x');
  CHECK(says("meta page 0 is damaged"));
  fs::remove(file);
  CHECK(says("there is no file"));
}

}  // namespace
}  // namespace store
