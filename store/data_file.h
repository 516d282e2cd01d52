#pragma once
// LMDB's data file as it lies on the disk, read beside LMDB. LMDB follows what it reads without a
// look at it: a damaged page makes it crash, write beyond its memory, or run for ever. Here is what
// the file consists of; page_rules.h says what must hold of a page.
// Source: mdb.c of LMDB 0.9.24 and 0.9.31: MDB_meta, MDB_db, mdb_txn_renew0(). Data version 1.
// Numbers have the machine's own byte order and 64 bits where they number pages or transactions.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/result.h"

namespace store {

using PageNumber = std::uint64_t;
inline constexpr PageNumber kNoPage = UINT64_MAX;   // the root of an empty tree
inline constexpr PageNumber kMetaPages = 2;         // the first two; they take turns
inline constexpr std::size_t kPageHeadBytes = 16;   // number, padding, flags, lower and upper end
inline constexpr std::size_t kTreeBytes = 48;       // MDB_db
inline constexpr std::uint16_t kNumberKeys = 0x08;  // MDB_INTEGERKEY, of the tree of free pages

template <class Number>
Number read_at(std::string_view bytes, std::size_t offset) {
  Number n{};
  std::memcpy(&n, bytes.substr(offset, sizeof n).data(), sizeof n);
  return n;
}

// A B+ tree: MDB_db. Each table is one, the list of tables is one, and the list of free pages.
struct Tree {
  std::uint32_t padding = 0;
  std::uint16_t flags = 0;
  std::uint16_t depth = 0;
  std::uint64_t branch_pages = 0;
  std::uint64_t leaf_pages = 0;
  std::uint64_t overflow_pages = 0;
  std::uint64_t entries = 0;
  PageNumber root = kNoPage;
};
// Of kTreeBytes.
Tree read_tree(std::string_view bytes);

// What one of the two meta pages says.
struct Meta {
  std::size_t page_bytes = 0;
  Tree free_pages;  // transaction → the pages that it freed
  Tree tables;      // name → Tree
  PageNumber last_page = 0;
  std::uint64_t txn = 0;
};

// `page`: its first 152 bytes at least. The error is a sentence.
auth::Result<Meta, std::string> read_meta(std::string_view page, PageNumber number);

// What is wrong with the two meta pages of a data file that need not be open, in sentences. LMDB
// may be writing one of them. Throws Fault where the file cannot be read.
std::vector<std::string> check_meta_pages(const std::filesystem::path& file);

// The mapped file. Thread-safe.
class DataFile {
 public:
  // `file` must stay open as long as this is used. Throws Fault.
  DataFile(int file, std::size_t page_bytes, std::size_t map_bytes);
  ~DataFile();
  DataFile(const DataFile&) = delete;
  DataFile& operator=(const DataFile&) = delete;

  std::size_t page_bytes() const { return page_bytes_; }
  // So many of the map lie within the file now. Beyond them a read ends in SIGBUS.
  PageNumber pages() const;
  // `count` pages beside each other, which must be below pages().
  std::string_view page(PageNumber number, std::uint64_t count = 1) const {
    return map_.substr(number * page_bytes_, count * page_bytes_);
  }
  // The meta page that LMDB takes for the snapshot after that transaction, as it is: its numbers
  // are whatever the file says.
  Meta meta_of(std::uint64_t txn) const;

 private:
  int file_;
  std::size_t page_bytes_;
  std::string_view map_;
};

}  // namespace store
