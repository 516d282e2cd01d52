#include "store/page_check.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "store/integrity_check.h"
#include "store/lmdb.h"

namespace store {
namespace {

// What a page is used for: nothing, or a number of `uses_`.
using Use = std::uint16_t;
constexpr Use kUnused = 0;

class EveryPage {
 public:
  EveryPage(const PageTrees& trees, CheckProgress progress)
      : trees_(trees), used_(trees.last_page() + 1, kUnused), progress_(std::move(progress)) {
    progress_.all = used_.size();
    const Use metas = name_use("the meta pages");
    for (PageNumber n = 0; n < std::min<PageNumber>(kMetaPages, used_.size()); ++n)
      used_[n] = metas;
  }

  PageCheck run() {
    check(trees_.table(kTablesList));
    for (std::size_t i = 0; i < tables_.size(); ++i)
      check(tables_[i]);
    check(trees_.table(kFreePages));
    if (check_.faults.empty())
      check_.lost = static_cast<std::uint64_t>(std::ranges::count(used_, kUnused));
    return std::move(check_);
  }

 private:
  // What was found in a tree.
  struct Found {
    std::uint64_t branches = 0;
    std::uint64_t leaves = 0;
    std::uint64_t overflows = 0;
    std::uint64_t entries = 0;
  };

  bool enough() const { return check_.faults.size() >= kMaxFaults; }
  void add(const std::string& fault) {
    if (!enough()) check_.faults.push_back(fault);
  }

  Use name_use(const std::string& words) {
    uses_.push_back(words);
    return static_cast<Use>(uses_.size());
  }

  // Whether all of them were unused.
  bool use(PageNumber first, std::uint64_t count, Use by) {
    for (PageNumber n = first; n < first + count; ++n) {
      if (n >= used_.size()) {
        add("page " + std::to_string(n) + " of " + uses_[by - 1U] +
            " is damaged: it is beyond "
            "the end");
        return false;
      }
      if (used_[n] != kUnused) {
        add("page " + std::to_string(n) + " of " + uses_[by - 1U] + " is damaged: it is also of " +
            uses_[used_[n] - 1U]);
        return false;
      }
      used_[n] = by;
    }
    progress_.add(count);
    return true;
  }

  void check(const TableTree& table) {
    const std::size_t before = check_.faults.size();
    const Use by = name_use(words(table));
    const Use freed = table.keys == Keys::numbers ? name_use("the free pages") : kUnused;
    Found found;
    trees_.walk(table, {.visit =
                            [&](const PageTrees::Place& place, const TreePage& page) {
                              if (enough() || !use(place.page, 1, by)) return false;
                              ++(page.leaf() ? found.leaves : found.branches);
                              for (std::size_t i = 0; page.leaf() && i < page.count(); ++i)
                                check_value(table, page.node(i), place.page, {by, freed}, found);
                              return true;
                            },
                        .complain = [&](const DamagedPage& damaged) { add(damaged.damage()); }});
    if (check_.faults.size() > before) return;
    const Tree& said = table.tree;
    if (found.branches != said.branch_pages || found.leaves != said.leaf_pages ||
        found.overflows != said.overflow_pages || found.entries != said.entries) {
      add(words(table) + " is damaged: it is said to have " + std::to_string(said.entries) +
          " entries and " +
          std::to_string(said.branch_pages + said.leaf_pages + said.overflow_pages) +
          " pages, and has " + std::to_string(found.entries) + " and " +
          std::to_string(found.branches + found.leaves + found.overflows));
    }
  }

  struct Uses {
    Use own;
    Use freed;
  };

  void check_value(const TableTree& table, const Node& node, PageNumber page, Uses uses,
                   Found& found) {
    ++found.entries;
    try {
      static_cast<void>(trees_.value_of(table, node));
      if (node.outside) {
        const std::uint64_t count = trees_.overflow_pages_at(node.page);
        found.overflows += count;
        use(node.page, count, uses.own);
      }
      if (uses.freed != kUnused) check_freed(trees_.free_list_of(table, node, page), uses.freed);
    } catch (const DamagedPage& damaged) {
      add(damaged.damage());
    }
    if (node.tree) tables_.push_back({.name = node.key, .tree = read_tree(node.value)});
  }

  void check_freed(std::string_view list, Use by) {
    const auto count = read_at<std::uint64_t>(list, 0);
    for (std::uint64_t i = 1; i <= count && !enough(); ++i)
      use(read_at<PageNumber>(list, i * sizeof(PageNumber)), 1, by);
  }

  const PageTrees& trees_;
  std::vector<Use> used_;
  CheckProgress progress_;
  std::vector<std::string> uses_;
  std::vector<TableTree> tables_;
  PageCheck check_;
};

}  // namespace

PageCheck check_pages(const Place& place, CheckProgress progress) {
  PageCheck check{.faults = check_meta_pages(place.directory / "data.mdb")};
  if (!check.faults.empty()) return check;
  const Environment env{place.directory, place.map_bytes, Environment::Open::existing};
  const ReadTxn txn{env};
  return EveryPage{txn.trees(), std::move(progress)}.run();
}

PageCheck check_pages(const Environment& env) {
  const ReadTxn txn{env};
  return EveryPage{txn.trees(), {}}.run();
}

}  // namespace store
