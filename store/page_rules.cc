#include "store/page_rules.h"

namespace store {
namespace {

constexpr std::size_t kNodeHead = 8;  // two halves of a size or a page number, flags, size of key
constexpr std::size_t kMaxKey = 511;
constexpr std::uint16_t kOutside = 0x01;  // F_BIGDATA
constexpr std::uint16_t kTree = 0x02;     // F_SUBDATA
constexpr std::size_t kNumber = sizeof(PageNumber);

std::size_t even(std::size_t n) {
  return n + (n & 1U);
}

// The 32 bits of a leaf's value size, which of a branch are the low ones of a page number.
std::uint32_t low_part(std::string_view node) {
  return read_at<std::uint16_t>(node, 0) | std::uint32_t{read_at<std::uint16_t>(node, 2)} << 16U;
}

}  // namespace

Node TreePage::node(std::size_t i) const {
  const std::string_view from = bytes_.substr(place(i));
  const auto flags = read_at<std::uint16_t>(from, 4);
  Node node{.key = from.substr(kNodeHead, read_at<std::uint16_t>(from, 6))};
  if (!leaf()) {
    node.page = low_part(from) | std::uint64_t{flags} << 32U;
    return node;
  }
  node.value_bytes = low_part(from);
  node.outside = (flags & kOutside) != 0;
  node.tree = (flags & kTree) != 0;
  const std::size_t value = kNodeHead + node.key.size();
  if (node.outside) {
    node.page = read_at<PageNumber>(from, value);
  } else {
    node.value = from.substr(value, node.value_bytes);
  }
  return node;
}

std::uint64_t overflow_pages(std::uint64_t value_bytes, std::size_t page_bytes) {
  return (kPageHeadBytes - 1 + value_bytes) / page_bytes + 1;
}

bool before(Keys keys, std::string_view a, std::string_view b) {
  if (keys == Keys::bytes) return a < b;
  return read_at<std::uint64_t>(a, 0) < read_at<std::uint64_t>(b, 0);
}

// Each rule is for what LMDB, or the reader of a TreePage, takes on trust.
class PageRules {
 public:
  PageRules(std::string_view bytes, const Wanted& wanted)
      : bytes_(bytes), page_(bytes), wanted_(wanted) {}

  std::string check() const {
    if (auto wrong = head(); !wrong.empty()) return wrong;
    std::size_t used = 0;
    std::optional<std::string_view> last;
    for (std::size_t i = 0; i < page_.count(); ++i) {
      const std::size_t size = node_bytes(i);
      if (size == 0) return of_node(i, "lies outside of the page");
      used += size;
      const Node node = page_.node(i);
      if (auto wrong = leads(i, node); !wrong.empty()) return wrong;
      // The first key of a branch stands for all that are lower, and is not looked at.
      if (i == 0 && !wanted_.leaf) continue;
      if (auto wrong = key(i, node.key, last); !wrong.empty()) return wrong;
      last = node.key;
    }
    if (used != bytes_.size() - page_.upper()) return "its nodes overlap, or leave gaps";
    return "";
  }

 private:
  static std::string of_node(std::size_t i, std::string_view what) {
    return "node " + std::to_string(i) + " " + std::string(what);
  }

  std::string head() const {
    if (page_.number() != wanted_.number)
      return "it says that it is page " + std::to_string(page_.number());
    if (page_.flags() != (wanted_.leaf ? TreePage::kLeaf : TreePage::kBranch))
      return std::string("it is not a ") + (wanted_.leaf ? "leaf" : "branch");
    const std::size_t lower = page_.lower();
    const bool ends = lower >= kPageHeadBytes && lower % 2 == 0 && lower <= page_.upper() &&
                      page_.upper() <= bytes_.size();
    // While LMDB makes its list of free pages anew, a branch of it may have one key.
    const std::size_t least = wanted_.leaf || wanted_.keys == Keys::numbers ? 1 : 2;
    return ends && page_.count() >= least ? "" : "its list of nodes has a wrong size";
  }

  // 0 where it is not within the page.
  std::size_t node_bytes(std::size_t i) const {
    const std::size_t at = page_.place(i);
    if (at < page_.upper() || at % 2 != 0 || at + kNodeHead > bytes_.size()) return 0;
    const std::string_view node = bytes_.substr(at);
    const auto flags = read_at<std::uint16_t>(node, 4);
    std::size_t size = kNodeHead + read_at<std::uint16_t>(node, 6);
    if (wanted_.leaf) size += (flags & kOutside) != 0 ? kNumber : low_part(node);
    size = even(size);
    return size <= node.size() ? size : 0;
  }

  std::string leads(std::size_t i, const Node& node) const {
    std::uint64_t count = wanted_.leaf ? 0 : 1;
    if (wanted_.leaf) {
      const std::string_view head = bytes_.substr(page_.place(i));
      const auto flags = read_at<std::uint16_t>(head, 4);
      const bool tree = flags == kTree && wanted_.trees && node.value.size() == kTreeBytes;
      if (flags != 0 && flags != kOutside && !tree) return of_node(i, "has wrong flags");
      if (node.outside) count = overflow_pages(node.value_bytes, bytes_.size());
    }
    if (count == 0) return "";
    const bool there =
        node.page >= kMetaPages && node.page < wanted_.pages && count <= wanted_.pages - node.page;
    return there ? ""
                 : of_node(i, "leads to page " + std::to_string(node.page) +
                                  ", beyond the end or to a meta page");
  }

  std::string key(std::size_t i, std::string_view key,
                  const std::optional<std::string_view>& last) const {
    const bool numbers = wanted_.keys == Keys::numbers;
    if (key.empty() || key.size() > kMaxKey || (numbers && key.size() != kNumber))
      return of_node(i, "has a key of a wrong size");
    if (last && !before(wanted_.keys, *last, key)) return of_node(i, "is out of order");
    if ((wanted_.from && before(wanted_.keys, key, *wanted_.from)) ||
        (wanted_.to && !before(wanted_.keys, key, *wanted_.to)))
      return of_node(i, "belongs into another page");
    return "";
  }

  const std::string_view bytes_;
  const TreePage page_;
  const Wanted& wanted_;
};

std::string wrong_with(std::string_view bytes, const Wanted& wanted) {
  return PageRules{bytes, wanted}.check();
}

std::string wrong_with_list(std::string_view list, PageNumber last) {
  const std::uint64_t count = list.size() < kNumber ? UINT64_MAX : read_at<std::uint64_t>(list, 0);
  if (count >= list.size() / kNumber) return "it has a list of free pages that is cut off";
  PageNumber above = last + 1;
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto number = read_at<PageNumber>(list, i * kNumber);
    if (number < kMetaPages || number >= above)
      return "its list of free pages is out of order, or has page " + std::to_string(number) +
             ", which is not there";
    above = number;
  }
  return "";
}

std::uint64_t overflow_count(std::string_view bytes) {
  return read_at<std::uint32_t>(bytes, 12);
}

std::string wrong_with_overflow(std::string_view bytes, const Node& node) {
  if (read_at<PageNumber>(bytes, 0) != node.page)
    return "it says that it is page " + std::to_string(read_at<PageNumber>(bytes, 0));
  if (read_at<std::uint16_t>(bytes, 10) != TreePage::kOverflow)
    return "it is not a page of a large value";
  if (overflow_count(bytes) < overflow_pages(node.value_bytes, bytes.size()))
    return "it says that the value has " + std::to_string(overflow_count(bytes)) +
           " pages, which is too few";
  return "";
}

}  // namespace store
