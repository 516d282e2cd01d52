#include "store/data_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <tuple>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fault.h"

namespace store {
namespace {

constexpr std::uint16_t kMetaFlag = 0x08;      // P_META
constexpr std::uint16_t kSingleFile = 0x4000;  // MDB_NOSUBDIR, of a copy that was copied
constexpr std::uint32_t kDataMagic = 0xBEEFC0DE;
constexpr std::uint32_t kDataVersion = 1;
constexpr std::size_t kMinPage = 512;
constexpr std::size_t kMaxPage = 32768;
constexpr PageNumber kSpare = 1024;
// Behind the head of the page: magic, version, address, size of the map, two trees, last page,
// transaction.
constexpr std::size_t kFreeTree = kPageHeadBytes + 24;
constexpr std::size_t kTablesTree = kFreeTree + kTreeBytes;
constexpr std::size_t kLastPage = kTablesTree + kTreeBytes;
constexpr std::size_t kTxn = kLastPage + 8;
constexpr std::size_t kMetaBytes = kTxn + 8;

Meta take_meta(std::string_view page) {
  Meta meta{.free_pages = read_tree(page.substr(kFreeTree, kTreeBytes)),
            .tables = read_tree(page.substr(kTablesTree, kTreeBytes)),
            .last_page = read_at<PageNumber>(page, kLastPage),
            .txn = read_at<std::uint64_t>(page, kTxn)};
  meta.page_bytes = meta.free_pages.padding;  // where LMDB keeps it
  // And here the lower flags of the environment (mm_flags), which mean nothing for a tree.
  meta.free_pages.flags &= static_cast<std::uint16_t>(~kSingleFile);
  return meta;
}

[[noreturn]] void fail(const std::string& step) {
  const int why = errno;
  if (lasting(why)) throw Unusable(step, why);
  throw Fault(step, why);
}

class OpenFile {
 public:
  // A pipe in its place is not waited for.
  explicit OpenFile(const std::filesystem::path& path)
      : fd_(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    if (fd_ < 0) fail("open " + path.string());
    struct stat is{};
    const bool found = fstat(fd_, &is) == 0;
    if (found && (S_ISREG(is.st_mode) || S_ISDIR(is.st_mode))) return;
    close(fd_);
    throw Unusable("store: " + path.string() +
                   " is not a regular file; put the store back, or restore it from a backup");
  }
  ~OpenFile() { close(fd_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  // Shorter at the end of the file. Throws Fault.
  std::string read(std::size_t offset, std::size_t size) const {
    std::string bytes(size, '\0');
    const ssize_t n = pread(fd_, bytes.data(), size, static_cast<off_t>(offset));
    if (n < 0) fail("read the data file");
    bytes.resize(static_cast<std::size_t>(n));
    return bytes;
  }

 private:
  int fd_;
};

// Both, at least once as they were between two writes.
std::array<std::string, kMetaPages> read_both(const OpenFile& file, std::size_t page_bytes) {
  const auto read = [&] {
    return std::array{file.read(0, kMetaBytes), file.read(page_bytes, kMetaBytes)};
  };
  constexpr int kTries = 100;
  auto both = read();
  for (int tries = 0; tries < kTries; ++tries) {
    auto again = read();
    if (again == both) break;
    both = std::move(again);
  }
  return both;
}

std::size_t page_bytes_of(const OpenFile& file) {
  const auto first = read_meta(file.read(0, kMetaBytes), 0);
  return first ? first->page_bytes : static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

Tree read_tree(std::string_view bytes) {
  return {.padding = read_at<std::uint32_t>(bytes, 0),
          .flags = read_at<std::uint16_t>(bytes, 4),
          .depth = read_at<std::uint16_t>(bytes, 6),
          .branch_pages = read_at<std::uint64_t>(bytes, 8),
          .leaf_pages = read_at<std::uint64_t>(bytes, 16),
          .overflow_pages = read_at<std::uint64_t>(bytes, 24),
          .entries = read_at<std::uint64_t>(bytes, 32),
          .root = read_at<PageNumber>(bytes, 40)};
}

auth::Result<Meta, std::string> read_meta(std::string_view page, PageNumber number) {
  const std::string where = "meta page " + std::to_string(number);
  if (page.size() < kMetaBytes) return where + " is missing: the data file is too short";
  const bool ours = read_at<PageNumber>(page, 0) == number &&
                    read_at<std::uint16_t>(page, 10) == kMetaFlag &&
                    read_at<std::uint32_t>(page, kPageHeadBytes) == kDataMagic &&
                    read_at<std::uint32_t>(page, kPageHeadBytes + 4) == kDataVersion;
  if (!ours) return where + " is damaged: it does not begin as one of LMDB's, data version 1";
  const Meta meta = take_meta(page);
  const bool power_of_two = (meta.page_bytes & (meta.page_bytes - 1)) == 0;
  if (!power_of_two || meta.page_bytes < kMinPage || meta.page_bytes > kMaxPage)
    return where + " is damaged: it says that pages have " + std::to_string(meta.page_bytes) +
           " bytes";
  // The map of a file that grows to the last page would be larger than an address.
  if (meta.last_page < kMetaPages - 1 || meta.last_page > (UINT64_MAX >> 17))
    return where + " is damaged: it says that the last page is " + std::to_string(meta.last_page);
  if (meta.free_pages.flags != kNumberKeys || meta.tables.flags != 0)
    return where + " is damaged: its trees are not of the kind that credgate makes";
  return meta;
}

std::vector<std::string> check_meta_pages(const std::filesystem::path& path) {
  const OpenFile file{path};
  const std::size_t page_bytes = page_bytes_of(file);
  const auto pages = read_both(file, page_bytes);
  const std::size_t file_pages = std::filesystem::file_size(path) / page_bytes;
  std::vector<std::string> faults;
  std::vector<Meta> metas;
  for (PageNumber n = 0; n < kMetaPages; ++n) {
    const auto meta = read_meta(pages.at(n), n);
    if (meta) metas.push_back(*meta);
    if (!meta) faults.push_back(meta.error());
    // What a commit freed again before it was written may be missing at the end of the file.
    if (meta && meta->last_page / 2 > file_pages + kSpare)
      faults.push_back("meta page " + std::to_string(n) + " says that the last page is " +
                       std::to_string(meta->last_page) + ", but the data file has " +
                       std::to_string(file_pages) +
                       " pages: it was truncated, or that page is "
                       "damaged");
  }
  if (metas.size() < kMetaPages) return faults;
  const auto& [a, b] = std::tie(metas[0], metas[1]);
  if (a.page_bytes != b.page_bytes) faults.emplace_back("the meta pages differ in the page size");
  // They take turns; of a new file both say 0.
  const std::uint64_t newer = std::max(a.txn, b.txn);
  const std::uint64_t older = std::min(a.txn, b.txn);
  const bool in_turn = metas[newer & 1].txn == newer && (newer == older + 1 || newer == 0);
  if (!in_turn) {
    faults.push_back("the meta pages do not follow each other: they say that transactions " +
                     std::to_string(a.txn) + " and " + std::to_string(b.txn) +
                     " were the last; a change was undone, or one that never was is shown");
  }
  return faults;
}

DataFile::DataFile(int file, std::size_t page_bytes, std::size_t map_bytes)
    : file_(file), page_bytes_(page_bytes) {
  const void* const at = mmap(nullptr, map_bytes, PROT_READ, MAP_SHARED, file_, 0);
  if (at == MAP_FAILED) throw Fault("map the data file", errno);
  map_ = {static_cast<const char*>(at), map_bytes};
}

DataFile::~DataFile() {
  // munmap() is not const-correct.
  munmap(const_cast<char*>(map_.data()),
         map_.size());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

PageNumber DataFile::pages() const {
  struct stat s{};
  if (fstat(file_, &s) != 0) throw Fault("look at the data file", errno);
  return std::min(static_cast<std::size_t>(s.st_size), map_.size()) / page_bytes_;
}

// LMDB may be writing it: two equal looks are one state of it.
Meta DataFile::meta_of(std::uint64_t txn) const {
  const std::string_view here = page(txn % kMetaPages);
  const auto look = [here] {
    std::array<char, kMetaBytes> bytes{};
    std::memcpy(bytes.data(), here.data(), bytes.size());
    return bytes;
  };
  constexpr int kTries = 100;
  auto bytes = look();
  for (int tries = 0; tries < kTries; ++tries) {
    const auto again = look();
    if (again == bytes) break;
    bytes = again;
  }
  Meta meta = take_meta({bytes.data(), bytes.size()});
  meta.page_bytes = page_bytes_;
  return meta;
}

}  // namespace store
