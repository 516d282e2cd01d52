#include "store/page_trees.h"

#include <algorithm>
#include <iterator>

namespace store {
namespace {

constexpr unsigned kMaxDepth = 31;  // LMDB's CURSOR_STACK, less one that it may add

[[noreturn]] void fail(const TableTree& table, PageNumber page, const std::string& what) {
  throw DamagedPage("page " + std::to_string(page) + " of " + words(table) +
                    " is damaged: " + what);
}

// The child that has a key, or would have it.
std::size_t choose(const TableTree& table, const TreePage& page, std::string_view key) {
  std::size_t low = 0;
  std::size_t high = page.count();
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    (before(table.keys, key, page.node(middle).key) ? high : low) = middle;
  }
  return low;
}

// The last child of which each key is before a given one.
std::size_t choose_before(const TableTree& table, const TreePage& page, std::string_view key) {
  std::size_t i = 0;
  while (i + 1 < page.count() && before(table.keys, page.node(i + 1).key, key))
    ++i;
  return i;
}

PageTrees::Place child_of(const PageTrees::Place& parent, const TreePage& page, std::size_t i) {
  PageTrees::Place child{page.node(i).page, parent.level + 1, parent.bounds};
  if (i > 0) child.bounds.from = page.node(i).key;
  if (i + 1 < page.count()) child.bounds.to = page.node(i + 1).key;
  return child;
}

std::optional<Node> find_in(const TableTree& table, const TreePage& leaf, std::string_view key) {
  for (std::size_t i = 0; i < leaf.count(); ++i) {
    const Node node = leaf.node(i);
    if (!before(table.keys, node.key, key))
      return node.key == key ? std::optional{node} : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::string words(const TableTree& table) {
  if (table.keys == Keys::numbers) return "the list of free pages";
  return table.trees ? "the list of tables" : "the table " + std::string(table.name);
}

PageTrees::PageTrees(const DataFile& file, const Meta& meta)
    : file_(file), meta_(meta), pages_(std::min(file.pages(), meta.last_page + 1)) {}

template <class Choose>
PageTrees::Place PageTrees::descend(const TableTree& table, const Choose& choose) const {
  Place place = root(table);
  while (true) {
    const TreePage page = checked(table, place);
    if (page.leaf()) return place;
    place = child_of(place, page, choose(page));
  }
}

TableTree PageTrees::table(unsigned number) const {
  if (number == kFreePages) return {.name = {}, .tree = meta_.free_pages, .keys = Keys::numbers};
  const TableTree list{.name = {}, .tree = meta_.tables, .trees = true};
  if (number == kTablesList) return list;
  const std::string_view name = kTableNames.at(number - kFirstTable);
  const Place place = descend(list, [&](const TreePage& page) { return choose(list, page, name); });
  const auto node = find_in(list, checked(list, place), name);
  if (!node || !node->tree) fail(list, place.page, "it has no table " + std::string(name));
  return {.name = name, .tree = read_tree(node->value)};
}

PageTrees::Place PageTrees::root(const TableTree& table) const {
  const Tree& tree = table.tree;
  if (tree.flags != (table.keys == Keys::numbers ? kNumberKeys : 0))
    throw DamagedPage(words(table) + " is said to have the flags " + std::to_string(tree.flags) +
                      ", which it cannot have");
  const bool possible =
      tree.depth > 0 && tree.depth <= kMaxDepth && tree.root >= kMetaPages && tree.root < pages_;
  if (!possible)
    throw DamagedPage("the root of " + words(table) + " is said to be page " +
                      std::to_string(tree.root) + ", " + std::to_string(tree.depth) +
                      " levels high, which it cannot be");
  return {.page = tree.root};
}

TreePage PageTrees::checked(const TableTree& table, const Place& place) const {
  if (place.page >= pages_) fail(table, place.page, "the data file ends before it");
  const std::string_view bytes = file_.page(place.page);
  const Wanted wanted{.number = place.page,
                      .leaf = place.level == table.tree.depth,
                      .keys = table.keys,
                      .trees = table.trees,
                      .pages = pages_,
                      .from = place.bounds.from,
                      .to = place.bounds.to};
  if (const auto wrong = wrong_with(bytes, wanted); !wrong.empty()) fail(table, place.page, wrong);
  return TreePage{bytes};
}

PageTrees::Leaf PageTrees::check_first(const TableTree& table) const {
  if (table.tree.root == kNoPage) return {};
  return descend(table, [](const TreePage& /*page*/) { return std::size_t{0}; }).bounds;
}

PageTrees::Leaf PageTrees::check_last(const TableTree& table) const {
  if (table.tree.root == kNoPage) return {};
  return descend(table, [](const TreePage& page) { return page.count() - 1; }).bounds;
}

PageTrees::Leaf PageTrees::check_path(const TableTree& table, std::string_view key) const {
  if (table.tree.root == kNoPage) return {};
  return descend(table, [&](const TreePage& page) { return choose(table, page, key); }).bounds;
}

PageTrees::Leaf PageTrees::check_before(const TableTree& table, std::string_view from) const {
  return descend(table, [&](const TreePage& page) { return choose_before(table, page, from); })
      .bounds;
}

// LMDB takes a neighbour's first or last key over, or joins the two pages; and for its key as a
// branch it goes down to the lowest leaf.
void PageTrees::check_edges(const TableTree& table, const Place& place) const {
  const TreePage page = checked(table, place);
  if (page.leaf()) return;
  check_edges(table, child_of(place, page, 0));
  check_edges(table, child_of(place, page, page.count() - 1));
}

void PageTrees::check_neighbours(const TableTree& table, const Place& parent, const TreePage& page,
                                 std::size_t i) const {
  if (i > 0) check_edges(table, child_of(parent, page, i - 1));
  if (i + 1 < page.count()) check_edges(table, child_of(parent, page, i + 1));
}

void PageTrees::check_write(const TableTree& table, std::string_view key, Write write) {
  if (!free_list_checked_) check_free_list();
  free_list_checked_ = true;
  if (table.tree.root == kNoPage) return;
  if (write == Write::remove) check_beside(table, key);
  Place place = root(table);
  while (true) {
    const TreePage page = checked(table, place);
    if (page.leaf()) {
      const auto node = find_in(table, page, key);
      if (node) static_cast<void>(value_of(table, *node));
      return;
    }
    const std::size_t i = choose(table, page, key);
    if (write == Write::remove) check_neighbours(table, place, page, i);
    place = child_of(place, page, i);
  }
}

std::string_view PageTrees::value_of(const TableTree& table, const Node& node) const {
  if (!node.outside) return node.value;
  const auto wrong = wrong_with_overflow(file_.page(node.page), node);
  if (!wrong.empty()) fail(table, node.page, wrong);
  const std::uint64_t count = overflow_count(file_.page(node.page));
  if (count > pages_ - node.page) fail(table, node.page, "it is said to go on beyond the end");
  return file_.page(node.page, count).substr(kPageHeadBytes, node.value_bytes);
}

std::string_view PageTrees::free_list_of(const TableTree& table, const Node& node,
                                         PageNumber page) const {
  const std::string_view list = value_of(table, node);
  const auto wrong = wrong_with_list(list, meta_.last_page);
  if (!wrong.empty()) fail(table, node.outside ? node.page : page, wrong);
  return list;
}

void PageTrees::walk_from(const TableTree& table, const Place& place, const Walk& walk) const {
  std::optional<TreePage> page;
  try {
    page = checked(table, place);
  } catch (const DamagedPage& damaged) {
    walk.complain(damaged);
    return;
  }
  if (!walk.visit(place, *page) || page->leaf()) return;
  for (std::size_t i = 0; i < page->count(); ++i)
    walk_from(table, child_of(place, *page, i), walk);
}

void PageTrees::walk(const TableTree& table, const Walk& walk) const {
  if (table.tree.root == kNoPage) return;
  try {
    walk_from(table, root(table), walk);
  } catch (const DamagedPage& damaged) {
    walk.complain(damaged);
  }
}

PageTrees::Leaf PageTrees::join(Runs& runs, const Leaf& leaf) {
  Leaf run = leaf;
  const std::string_view from = leaf.from.value_or("");
  if (auto next = runs.upper_bound(from); next != runs.begin()) {
    const auto before = std::prev(next);
    const auto& [begin, end] = *before;
    if (!end || *end > from) return {begin.empty() ? std::nullopt : std::optional{begin}, end};
    if (*end == from) {
      run.from = begin.empty() ? std::nullopt : std::optional{begin};
      runs.erase(before);
    }
  }
  if (run.to) {
    if (const auto after = runs.find(*run.to); after != runs.end()) {
      run.to = after->second;
      runs.erase(after);
    }
  }
  runs.insert_or_assign(run.from.value_or(""), run.to);
  return run;
}

// A page that it has merged for this transaction has other neighbours than in the snapshot; and
// each removal can bring another subtree under a page that it looks for the lowest key of. So each
// looks at one more leaf on either side; and where these may no longer be enough, at all pages.
void PageTrees::check_beside(const TableTree& table, std::string_view key) {
  constexpr std::size_t kFew = 64;
  Removed& removed = removed_[table.name];
  if (removed.keys > kFew) return;
  if (++removed.keys > kFew) return check_all(table);
  const Leaf run = join(removed.runs, check_path(table, key));
  if (run.from) join(removed.runs, check_before(table, *run.from));
  if (run.to) join(removed.runs, check_path(table, *run.to));
}

void PageTrees::check_all(const TableTree& table) const {
  walk(table, {.visit = [](const Place& /*place*/, const TreePage& /*page*/) { return true; },
               .complain = [](const DamagedPage& damaged) { throw DamagedPage(damaged); }});
}

// LMDB takes new pages from all of it, and writes it anew with each commit. As each page's keys are
// within what the page above says, no page is met twice for ever.
void PageTrees::check_free_list() const {
  const TableTree list = table(kFreePages);
  walk(list, {.visit =
                  [&](const Place& place, const TreePage& page) {
                    for (std::size_t i = 0; page.leaf() && i < page.count(); ++i)
                      static_cast<void>(free_list_of(list, page.node(i), place.page));
                    return true;
                  },
              .complain = [](const DamagedPage& damaged) { throw DamagedPage(damaged); }});
}

void PageTrees::check_roots() const {
  std::vector<TableTree> tables{table(kFreePages)};
  const TableTree list = table(kTablesList);
  walk(list, {.visit =
                  [&](const Place& /*place*/, const TreePage& page) {
                    for (std::size_t i = 0; page.leaf() && i < page.count(); ++i) {
                      const Node node = page.node(i);
                      if (node.tree)
                        tables.push_back({.name = node.key, .tree = read_tree(node.value)});
                    }
                    return true;
                  },
              .complain = [](const DamagedPage& damaged) { throw DamagedPage(damaged); }});
  for (const TableTree& one : tables) {
    if (one.tree.root != kNoPage) static_cast<void>(checked(one, root(one)));
  }
}

}  // namespace store
