// Damage to the pages of the data file: it is found, and nothing crashes, hangs or lets in by it.

#include "store/page_check.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include <fcntl.h>
#include <unistd.h>

#include "store/integrity_check.h"
#include "store/lmdb.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

constexpr std::uint32_t kRevoked = 3;
constexpr std::uint32_t kCredentials = 150;

auth::Credential large_credential(std::uint32_t n) {
  auth::Credential c = test_credential(n);
  c.subjects.clear();
  for (int i = 0; i < 60; ++i)
    c.subjects.push_back("telemetry." + std::string(60, 'x') + std::to_string(i) + ".>");
  return c;
}

// Every table has entries, most of them more than one page; the list of free pages too.
void fill(TestStore& store) {
  for (std::uint32_t n = 1; n <= kCredentials; ++n)
    REQUIRE_FALSE(create(store, test_credential(n, auth::Kind::nkey, test_nkey(n))));
  for (std::uint32_t n = 1; n <= 4; ++n)
    REQUIRE_FALSE(create(store, large_credential(kCredentials + n)));
  const CreateRequest request{.id = "request-1"};
  REQUIRE(store->create(test_credential(kCredentials + 5), intent(Action::create), request));
  REQUIRE_FALSE(change(store, kRevoked, Action::revoke, revocation()));
  REQUIRE_FALSE(change(store, kCredentials + 2, Action::update, set_name("larger")));
  const Usage usage{.last_used_at = kNow, .last_used_from = "127.0.0.1", .uses = 1};
  std::vector<std::pair<std::string, Usage>> uses;
  for (std::uint32_t n = 1; n <= kCredentials; ++n)
    uses.emplace_back(test_id(n), usage);
  CHECK(store->add_uses(uses) > 0);
  store->prune_some(40, intent(Action::prune));
  store->note_head();
}

// The bytes of a data file that nobody has open.
class Image {
 public:
  explicit Image(const TestStore& store) : file_(store.place().directory / "data.mdb") {
    std::ifstream in{file_, std::ios::binary};
    good_.assign(std::istreambuf_iterator<char>{in}, {});
    bytes_ = good_;
    const auto first = read_meta(good_, 0);
    const auto second = read_meta(std::string_view{good_}.substr(first->page_bytes), 1);
    newest_ = first->txn > second->txn ? *first : *second;
  }

  const Meta& newest() const { return newest_; }
  std::size_t page_bytes() const { return newest_.page_bytes; }
  PageNumber pages() const { return bytes_.size() / page_bytes(); }
  PageNumber newest_meta() const { return newest_.txn % kMetaPages; }
  TreePage page(PageNumber n) const {
    return TreePage{std::string_view{bytes_}.substr(n * page_bytes(), page_bytes())};
  }
  // Where a node of a page begins, in the page.
  std::size_t node(PageNumber n, std::size_t i) const {
    return read_at<std::uint16_t>(bytes_, n * page_bytes() + kPageHeadBytes + 2 * i);
  }
  // Where the list of tables describes a table, and what it says.
  std::size_t place(const std::string& table) const {
    const PageNumber root = newest_.tables.root;
    for (std::size_t i = 0; i < page(root).count(); ++i) {
      if (page(root).node(i).key == table)
        return root * page_bytes() + node(root, i) + 8 + table.size();
    }
    FAIL("there is no table " << table);
    return 0;
  }
  Tree tree(const std::string& table) const {
    return read_tree(std::string_view{bytes_}.substr(place(table), kTreeBytes));
  }
  PageNumber first_leaf(const Tree& tree) const {
    PageNumber n = tree.root;
    for (int level = 1; level < tree.depth; ++level)
      n = page(n).node(0).page;
    return n;
  }
  PageNumber first_leaf(const std::string& table) const { return first_leaf(tree(table)); }

  template <class Number>
  void put(PageNumber n, std::size_t offset, Number value) {
    std::memcpy(bytes_.data() + n * page_bytes() + offset, &value, sizeof value);
  }
  char& at(std::size_t offset) { return bytes_[offset]; }
  std::size_t size() const { return bytes_.size(); }

  void write() const { std::ofstream{file_, std::ios::binary} << bytes_; }
  void restore() {
    bytes_ = good_;
    write();
  }

 private:
  std::filesystem::path file_;
  std::string good_;
  std::string bytes_;
  Meta newest_;
};

// Does what may fail, and must fail by a Fault.
void attempt(const std::function<void()>& act) {
  try {
    act();
  } catch (const Fault&) {
    SUCCEED();
  }
}

void read_all(Store& store) {
  for (std::uint32_t n = 1; n <= kCredentials; n += 7) {
    attempt([&] { static_cast<void>(store.get(test_id(n))); });
    attempt([&] { static_cast<void>(store.find(auth::Kind::nkey, test_nkey(n))); });
    attempt([&] { static_cast<void>(store.usage(test_id(n))); });
  }
  attempt([&] { static_cast<void>(store.list({}, "", SIZE_MAX)); });
  attempt([&] { static_cast<void>(store.history(0, SIZE_MAX, {})); });
  attempt([&] { static_cast<void>(store.verify({})); });
  attempt([&] { static_cast<void>(store.ids_named("device-7")); });
  attempt([&] { static_cast<void>(store.totals()); });
  attempt([&] { static_cast<void>(store.space()); });
  attempt([&] { store.check_files(); });
  attempt([&] { static_cast<void>(deep_check(store)); });
}

void change_all(Store& store) {
  const CreateRequest request{.id = "request-2"};
  attempt([&] {
    static_cast<void>(store.create(test_credential(1000), intent(Action::create), request));
  });
  attempt(
      [&] { static_cast<void>(store.change(test_id(5), intent(Action::revoke), revocation())); });
  attempt([&] {
    static_cast<void>(
        store.change(test_id(kCredentials + 1), intent(Action::update), set_name("other")));
  });
  const Usage usage{.last_used_at = kNow, .last_used_from = "127.0.0.1", .uses = 1};
  attempt([&] {
    const std::vector<std::pair<std::string, Usage>> uses{{test_id(9), usage}};
    static_cast<void>(store.add_uses(uses));
  });
  attempt(
      [&] { store.withdraw(std::vector{test_id(11), test_id(140)}, intent(Action::withdraw)); });
  attempt([&] { store.prune_some(100, intent(Action::prune)); });
  attempt([&] { store.note_head(); });
}

// Whoever was revoked is not let in by what is left of the store.
void use_damaged(const TestStore& damaged) {
  attempt([&] {
    Store store{damaged.place(), damaged.keys()};
    attempt([&] {
      const auto found = store.find(auth::Kind::nkey, test_nkey(kRevoked)).credential;
      if (found && found->id == test_id(kRevoked)) CHECK(found->status == auth::Status::revoked);
    });
    read_all(store);
    change_all(store);
  });
}

struct Row {
  const char* what;
  std::function<void(Image&)> harm;
  const char* words;
};

const Row kRows[] = {
    {"another page's number", [](Image& i) { i.put<PageNumber>(i.first_leaf("journal"), 0, 5); },
     "of the table journal is damaged: it says that it is page 5"},
    {"another kind", [](Image& i) { i.put<std::uint16_t>(i.first_leaf("usage"), 10, 1); },
     "of the table usage is damaged: it is not a leaf"},
    {"a leaf as a root",
     [](Image& i) { i.put<std::uint16_t>(i.tree("credentials").root, 10, TreePage::kLeaf); },
     "of the table credentials is damaged: it is not a branch"},
    {"no nodes", [](Image& i) { i.put<std::uint16_t>(i.first_leaf("names"), 12, 16); },
     "of the table names is damaged: its list of nodes has a wrong size"},
    {"a list of nodes beyond the page",
     [](Image& i) { i.put<std::uint16_t>(i.first_leaf("names"), 12, 0xfffe); },
     "its list of nodes has a wrong size"},
    {"a node beyond the page",
     [](Image& i) { i.put<std::uint16_t>(i.first_leaf("logins"), 16, 0xfffe); },
     "of the table logins is damaged: node 0 lies outside of the page"},
    {"a value beyond the page",
     [](Image& i) {
       const auto page = i.first_leaf("meta");
       i.put<std::uint16_t>(page, i.node(page, 1), 5000);
     },
     "of the table meta is damaged: node 1 lies outside of the page"},
    {"a value of another size",
     [](Image& i) {
       const auto page = i.first_leaf("meta");
       const auto node = i.page(page).node(0);
       i.put<std::uint16_t>(page, i.node(page, 0),
                            static_cast<std::uint16_t>(node.value_bytes + 2));
     },
     "of the table meta is damaged: its nodes overlap, or leave gaps"},
    {"flags of a table with several values",
     [](Image& i) {
       const auto page = i.first_leaf("requests");
       i.put<std::uint16_t>(page, i.node(page, 0) + 4, 0x04);
     },
     "of the table requests is damaged: node 0 has wrong flags"},
    {"two nodes out of order",
     [](Image& i) {
       const auto page = i.first_leaf("credentials");
       const auto first = static_cast<std::uint16_t>(i.node(page, 0));
       i.put(page, 16, static_cast<std::uint16_t>(i.node(page, 1)));
       i.put(page, 18, first);
     },
     "of the table credentials is damaged: node 1 is out of order"},
    {"a branch that leads to itself",
     [](Image& i) {
       const auto root = i.tree("credentials").root;
       i.put(root, i.node(root, 1), static_cast<std::uint16_t>(root));
     },
     "of the table credentials is damaged: it is not a leaf"},
    {"a branch that leads to one leaf twice",
     [](Image& i) {
       const auto root = i.tree("logins").root;
       i.put(root, i.node(root, 1), static_cast<std::uint16_t>(i.page(root).node(0).page));
     },
     "of the table logins is damaged: node 0 belongs into another page"},
    {"a branch that leads beyond the end",
     [](Image& i) {
       const auto root = i.tree("logins").root;
       i.put<std::uint16_t>(root, i.node(root, 1) + 2, 0x7fff);
     },
     "beyond the end or to a meta page"},
    {"a root that is a meta page",
     [](Image& i) { i.put<PageNumber>(0, i.place("journal") + 40, 1); },
     "the root of the table journal is said to be page 1"},
    {"a height that no tree has",
     [](Image& i) { i.put<std::uint16_t>(0, i.place("journal") + 6, 400); },
     "400 levels high, which it cannot be"},
    {"a wrong count", [](Image& i) { i.put<std::uint64_t>(0, i.place("usage") + 32, 3); },
     "the table usage is damaged: it is said to have 3 entries"},
    {"a list of free pages that is cut off",
     [](Image& i) {
       const auto page = i.first_leaf(i.newest().free_pages);
       i.put<std::uint64_t>(page, i.node(page, 0) + 16, 1'000'000);
     },
     "of the list of free pages is damaged: it has a list of free pages that is cut off"},
    {"a page that is free and used",
     [](Image& i) {
       const auto page = i.first_leaf(i.newest().free_pages);
       i.put<std::uint64_t>(page, i.node(page, 0) + 16, 1);
       i.put<PageNumber>(page, i.node(page, 0) + 24, i.first_leaf("meta"));
     },
     "of the free pages is damaged: it is also of the table meta"},
};

TEST_CASE("page_check: a damaged page is named, and nothing else goes wrong", "[store]") {
  TestStore store;
  fill(store);
  CHECK(deep_check(*store).empty());
  store.close();
  Image image{store};
  const PageCheck whole = check_pages(store.place());
  CHECK(whole.faults == std::vector<std::string>{});
  CHECK(whole.lost == 0);
  for (const Row& row : kRows) {
    CAPTURE(row.what);
    image.restore();
    row.harm(image);
    image.write();
    const auto faults = check_pages(store.place()).faults;
    REQUIRE_FALSE(faults.empty());
    CAPTURE(faults);
    CHECK(faults.front().find(row.words) != std::string::npos);
    use_damaged(store);
  }
}

TEST_CASE("page_check: a meta page that is damaged is named, and keeps the store closed",
          "[store]") {
  TestStore store;
  fill(store);
  store.close();
  Image image{store};
  const Row rows[] = {
      {"the newer one's first bytes",
       [](Image& i) { i.put<std::uint32_t>(i.newest_meta(), 16, 7); }, "does not begin as one of"},
      {"the older one's first bytes",
       [](Image& i) { i.put<std::uint32_t>(1 - i.newest_meta(), 16, 7); },
       "does not begin as one of"},
      {"the size of pages", [](Image& i) { i.put<std::uint32_t>(i.newest_meta(), 40, 4095); },
       "it says that pages have 4095 bytes"},
      {"the last page", [](Image& i) { i.put<PageNumber>(i.newest_meta(), 136, 1'000'000'000); },
       "says that the last page is 1000000000"},
      {"the newer one's transaction",
       [](Image& i) { i.put<std::uint32_t>(i.newest_meta(), 144, 2); },
       "the meta pages do not follow each other"},
      {"the older one's transaction",
       [](Image& i) { i.put<std::uint64_t>(1 - i.newest_meta(), 144, i.newest().txn + 5); },
       "the meta pages do not follow each other"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    image.restore();
    row.harm(image);
    image.write();
    const auto faults = check_pages(store.place()).faults;
    REQUIRE_FALSE(faults.empty());
    CAPTURE(faults);
    CHECK(faults.front().find(row.words) != std::string::npos);
    CHECK_THROWS_AS(store.open(), DamagedPage);
  }
}

// LMDB's merges for one transaction bring in leaves from ever farther away.
TEST_CASE("page_check: where many keys are removed, pages far from them are looked at", "[store]") {
  TestStore store;
  fill(store);
  store.close();
  Image image{store};
  image.put<std::uint16_t>(image.first_leaf("credentials"), 10, 0);
  image.write();
  const Environment env{store.place().directory, kTestMap, Environment::Open::existing};
  const ReadTxn txn{env};
  const auto remove_last = [&] {
    txn.trees().check_write(txn.trees().table(kFirstTable), "~", PageTrees::Write::remove);
  };
  CHECK_NOTHROW(remove_last());
  const auto remove_many = [&] {
    for (int i = 0; i < 65; ++i)
      remove_last();
  };
  CHECK_THROWS_AS(remove_many(), DamagedPage);
}

TEST_CASE("page_check: pages that nothing lists are counted, and are not a fault", "[store]") {
  TestStore store;
  fill(store);
  store.close();
  Image image{store};
  const auto page = image.first_leaf(image.newest().free_pages);
  const auto count = static_cast<std::size_t>(image.node(page, 0) + 16);
  const auto listed = read_at<std::uint64_t>(image.page(page).node(0).value, 0);
  image.put<std::uint64_t>(page, count, 0);
  image.write();
  const PageCheck check = check_pages(store.place());
  CHECK(check.faults == std::vector<std::string>{});
  CHECK(check.lost == listed);
  store.open();
  const TempDir dir;
  const int copy = open((dir.path() / "copy").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(copy >= 0);
  CHECK_NOTHROW(store->copy_to(copy));
  close(copy);
}

TEST_CASE("page_check: a file that was cut is named by the first page that is missing", "[store]") {
  TestStore store;
  fill(store);
  store.close();
  Image image{store};
  std::filesystem::resize_file(store.place().directory / "data.mdb",
                               image.pages() / 2 * image.page_bytes());
  CHECK_FALSE(check_pages(store.place()).faults.empty());
  use_damaged(store);
}

TEST_CASE("page_check: every page made random in turn is found where it is in use", "[store]") {
  TestStore store;
  fill(store);
  store.close();
  Image image{store};
  std::mt19937 random{20261128};
  std::size_t found = 0;
  for (PageNumber n = 0; n < image.pages(); ++n) {
    CAPTURE(n);
    image.restore();
    for (std::size_t i = 0; i < image.page_bytes(); ++i)
      image.at(n * image.page_bytes() + i) = static_cast<char>(random());
    image.write();
    found += check_pages(store.place()).faults.empty() ? 0U : 1U;
    if (n % 3 == 0) use_damaged(store);
  }
  // Values beside their leaf have no form, and their records' checksums find them; free pages do no
  // harm.
  CHECK(found > image.pages() / 4);
}

TEST_CASE("page_check: 40 random damages of some bytes crash nothing and let nobody in",
          "[store]") {
  TestStore store;
  fill(store);
  store.close();
  Image image{store};
  std::mt19937 random{20261129};
  for (int n = 0; n < 40; ++n) {
    CAPTURE(n);
    image.restore();
    const std::size_t at = random() % image.size();
    for (std::size_t i = 0; i < 1 + random() % 8 && at + i < image.size(); ++i)
      image.at(at + i) = static_cast<char>(random());
    image.write();
    use_damaged(store);
  }
}

TEST_CASE("page_check: whatever was done to a store, its pages are whole", "[store]") {
  TestStore store;
  std::mt19937 random{20261130};
  std::uint32_t next = 1;
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    for (int step = 0; step < 25; ++step) {
      const std::uint32_t one = 1 + static_cast<std::uint32_t>(random() % next);
      switch (random() % 8) {
        case 0:
        case 1:
        case 2:
          static_cast<void>(
              create(store, random() % 6 == 0 ? large_credential(next) : test_credential(next)));
          ++next;
          break;
        case 3:
          static_cast<void>(
              change(store, one, Action::update,
                     set_name("device-" + std::string(std::size_t{random() % 90}, 'n') +
                              std::to_string(one))));
          break;
        case 4:
          static_cast<void>(change(store, one, Action::revoke, revocation()));
          break;
        case 5:
          store->withdraw(std::vector{test_id(one)}, intent(Action::withdraw));
          break;
        case 6:
          store->prune_some(store->totals().sequence * 2 / 3, intent(Action::prune));
          break;
        default:
          static_cast<void>(change(store, one, Action::update, [](auth::Credential& c) {
            c.subjects = large_credential(1).subjects;
          }));
      }
    }
    store.close();
    const PageCheck check = check_pages(store.place());
    CHECK(check.faults == std::vector<std::string>{});
    CHECK(check.lost == 0);
    store.open();
  }
}

}  // namespace
}  // namespace store
