#pragma once
// The trees of one snapshot, looked at before LMDB follows them: every page from a root to where
// LMDB is about to read or write. What was found good stays so as long as the snapshot does, since
// LMDB never writes to a page that a snapshot has.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/data_file.h"
#include "store/fault.h"
#include "store/page_rules.h"

namespace store {

// LMDB's numbers of its own two trees. What is not in a table of its own is in the second.
inline constexpr unsigned kFreePages = 0;
inline constexpr unsigned kTablesList = 1;
inline constexpr unsigned kFirstTable = 2;
// In the order in which they are opened, which gives them their numbers.
inline constexpr std::array kTableNames{"credentials", "logins", "names", "journal", "usage",
                                        "requests",    "meta",   "roles", "members"};

// A tree, and what its pages must be like.
struct TableTree {
  std::string_view name{};  // of a table; empty of LMDB's own two
  Tree tree;
  Keys keys = Keys::bytes;  // numbers: of the list of free pages
  bool trees = false;       // of the list of tables
};
// As in a sentence: "the table journal".
std::string words(const TableTree& table);

// For one thread. Every function throws DamagedPage where it meets damage. Views are valid as long
// as the snapshot.
class PageTrees {
 public:
  // `file` must outlive this.
  PageTrees(const DataFile& file, const Meta& meta);

  TableTree table(unsigned number) const;
  PageNumber last_page() const { return meta_.last_page; }

  // The keys in [from, to), which one leaf has; absent where there is no bound.
  struct Leaf {
    std::optional<std::string_view> from{};
    std::optional<std::string_view> to{};
  };
  // The way to the first leaf, to the last, and to the one that has a key, or would have it.
  Leaf check_first(const TableTree& table) const;
  Leaf check_last(const TableTree& table) const;
  Leaf check_path(const TableTree& table, std::string_view key) const;
  // To the leaf whose keys are the last before `from`, which is a leaf's bound.
  Leaf check_before(const TableTree& table, std::string_view from) const;

  // All that LMDB follows when it puts or removes that key: also the first page of a large value;
  // all of the list of free pages, once; and, to remove, the pages beside that way, which it
  // merges, and beside those that it may have merged already for this transaction.
  enum class Write : std::uint8_t { put, remove };
  void check_write(const TableTree& table, std::string_view key, Write write);

  // What every use meets: the list of tables, and the root of each tree.
  void check_roots() const;

  // A page on the way down.
  struct Place {
    PageNumber page = 0;
    unsigned level = 1;  // the root's
    Leaf bounds{};
  };
  // Visits all pages of a tree, each before those it leads to, which are left out where `visit`
  // gives false or the page is damaged; then `complain` is told, which may throw it on.
  struct Walk {
    std::function<bool(const Place& place, const TreePage& page)> visit;
    std::function<void(const DamagedPage& damaged)> complain;
  };
  void walk(const TableTree& table, const Walk& walk) const;

  // The value of a node. Its first page is looked at.
  std::string_view value_of(const TableTree& table, const Node& node) const;
  // Of such a value, how many pages it has.
  std::uint64_t overflow_pages_at(PageNumber page) const {
    return overflow_count(file_.page(page));
  }
  // A record of the list of free pages. `page`: where it is.
  std::string_view free_list_of(const TableTree& table, const Node& node, PageNumber page) const;

 private:
  // Leaves beside each other that were looked at, by where the first begins (empty: with the
  // table): where the last ends.
  using Runs = std::map<std::string_view, std::optional<std::string_view>>;
  struct Removed {
    Runs runs{};
    std::size_t keys = 0;
  };
  // The run that has this leaf from now on.
  static Leaf join(Runs& runs, const Leaf& leaf);
  void check_beside(const TableTree& table, std::string_view key);
  void check_all(const TableTree& table) const;
  // The leaf that `choose`, of the page of a branch, leads to.
  template <class Choose>
  Place descend(const TableTree& table, const Choose& choose) const;
  TreePage checked(const TableTree& table, const Place& place) const;
  Place root(const TableTree& table) const;
  void walk_from(const TableTree& table, const Place& place, const Walk& walk) const;
  void check_edges(const TableTree& table, const Place& place) const;
  void check_neighbours(const TableTree& table, const Place& parent, const TreePage& page,
                        std::size_t i) const;
  void check_free_list() const;

  const DataFile& file_;
  const Meta meta_;
  const PageNumber pages_;  // below it a page may be
  bool free_list_checked_ = false;
  std::map<std::string_view, Removed> removed_;  // by table
};

}  // namespace store
