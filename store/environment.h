#pragma once
// LMDB's environment as an owner, and the files that it has open.
// Source: lmdb.h of LMDB 0.9.24.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <lmdb.h>
#include <sys/stat.h>

#include "store/data_file.h"
#include "store/lock_table.h"
#include "store/place.h"

namespace store {

// Throws Fault unless `code` is MDB_SUCCESS.
void check(int code, std::string_view step);

template <auto free_fn>
struct FreeWith {
  template <class T>
  void operator()(T* handle) const {
    free_fn(handle);
  }
};

// Opened once per process and directory, and never across a fork: LMDB's file locks demand it.
// Usable from several threads at once; several processes of one machine may have it open.
class Environment {
 public:
  enum class Open : std::uint8_t {
    existing,  // LMDB itself would quietly make a new, empty one where there is none
    fresh,     // makes the files, and refuses existing ones
    scratch,   // makes what is missing; commits outlive the process, and not the machine
    copy,      // a single file that nobody writes: it is read without locks
  };
  // The directory must exist; a copy's is the file itself. Throws Fault; DamagedPage where a meta
  // page is damaged. An existing one on a read-only file system, where there are no locks, is
  // opened to be read.
  Environment(const std::filesystem::path& directory, std::size_t map_bytes, Open how);

  MDB_env* raw() const { return env_.get(); }
  std::size_t max_key_bytes() const {
    return static_cast<std::size_t>(mdb_env_get_maxkeysize(env_.get()));
  }
  Space space() const;
  std::filesystem::path directory() const { return data_.parent_path(); }
  mdb_filehandle_t data_file() const;
  // Whether it was opened to be read only, without locks. Whoever can write the files may then
  // write over the pages of a snapshot, two commits after it.
  bool read_only() const { return locks_ == nullptr; }
  // Why it is, and what to do, as a sentence. Empty: it is not, or it is a copy.
  std::string why_read_only() const;
  // A commit that has reached the file, and whose writer died before it told the readers, is told
  // to them now: else the next change of anybody would bring it out. Waits for no writer that is at
  // work, or stopped: it tells them itself. Throws Fault.
  void settle() const;
  const DataFile& file() const { return *file_; }
  // The number of the newest commit in the data file itself, of whichever process. (Readers see it
  // once the lock table says so.)
  std::uint64_t file_txn() const;
  // Throws Gone. Costs two stat calls: cheap enough for every decision. What was read before it is
  // the store's; what is read after it may be a ghost's already.
  void check_files() const;

 private:
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const Identity&) const = default;
  };
  void look(Open how) const;
  void look_at_lock_file() const;
  void look_at_meta_pages() const;
  int open(std::size_t map_bytes, unsigned flags);
  void check_size() const;
  static Identity identity(const std::filesystem::path& file);
  static Identity identity(int file);

  std::filesystem::path data_;
  std::filesystem::path lock_;
  const bool copy_;
  std::unique_ptr<const LockTable> locks_;
  std::unique_ptr<MDB_env, FreeWith<mdb_env_close>> env_;
  std::unique_ptr<const DataFile> file_;
  Identity data_identity_;
  Identity lock_identity_;
};

}  // namespace store
