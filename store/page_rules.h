#pragma once
// A page of one of LMDB's trees, and what must hold of it before anything follows it.
// Source: mdb.c of LMDB 0.9.24 and 0.9.31: MDB_page, MDB_node, mdb_node_add(), mdb_node_del().

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/data_file.h"

namespace store {

// One key of a page, and what it leads to.
struct Node {
  std::string_view key{};
  PageNumber page = 0;       // of a branch: where keys from this one on are; or as `outside` says
  std::string_view value{};  // of a leaf, where it is in the page
  std::uint32_t value_bytes = 0;
  bool outside = false;  // the value is in overflow pages that begin at `page`
  bool tree = false;     // the value is a Tree
};

// A branch or a leaf. Nothing but wrong_with() may look at one that was not found good by it.
class TreePage {
 public:
  explicit TreePage(std::string_view bytes) : bytes_(bytes) {}
  bool leaf() const { return (flags() & kLeaf) != 0; }
  std::size_t count() const { return (lower() - kPageHeadBytes) / sizeof(std::uint16_t); }
  Node node(std::size_t i) const;

  static constexpr std::uint16_t kBranch = 0x01;
  static constexpr std::uint16_t kLeaf = 0x02;
  static constexpr std::uint16_t kOverflow = 0x04;

 private:
  friend class PageRules;
  PageNumber number() const { return read_at<PageNumber>(bytes_, 0); }
  std::uint16_t flags() const { return read_at<std::uint16_t>(bytes_, 10); }
  std::size_t lower() const { return read_at<std::uint16_t>(bytes_, 12); }
  std::size_t upper() const { return read_at<std::uint16_t>(bytes_, 14); }
  std::size_t place(std::size_t i) const {
    return read_at<std::uint16_t>(bytes_, kPageHeadBytes + i * sizeof(std::uint16_t));
  }
  std::string_view bytes_;
};

// The number of pages that a value takes outside of its leaf.
std::uint64_t overflow_pages(std::uint64_t value_bytes, std::size_t page_bytes);

// Which of two keys comes first: as bytes, or as numbers of 8 bytes.
enum class Keys : std::uint8_t { bytes, numbers };
bool before(Keys keys, std::string_view a, std::string_view b);

// What a page is found good by.
struct Wanted {
  PageNumber number = 0;
  bool leaf = false;
  Keys keys = Keys::bytes;
  bool trees = false;    // values may be Trees
  PageNumber pages = 0;  // everything it leads to is below
  // Its keys are in [from, to); absent where there is no such bound.
  std::optional<std::string_view> from{};
  std::optional<std::string_view> to{};
};
// What is wrong with a page, as the end of the sentence "page 7 is damaged: …"; empty for a good
// one. Reads nothing but these bytes.
std::string wrong_with(std::string_view bytes, const Wanted& wanted);

// The same of a list of free pages: how many, then their numbers, falling, none above `last`.
std::string wrong_with_list(std::string_view list, PageNumber last);
// The same of the first page of a value that is outside of its leaf.
std::string wrong_with_overflow(std::string_view bytes, const Node& node);
// How many pages it says that it has: at least as many as the value needs.
std::uint64_t overflow_count(std::string_view bytes);

}  // namespace store
