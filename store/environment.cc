#include "store/environment.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "store/fault.h"
#include "store/lmdb.h"

namespace store {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr unsigned kTables = 16;
// Workers of several instances and the commands that run beside them.
constexpr unsigned kReaders = 512;

void check_open(int code, const std::string& step) {
  if (lasting(code)) throw Unusable(step, code);
  check(code, step);
}

unsigned flags_of(Environment::Open how) {
  if (how == Environment::Open::copy) return MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK;
  return how == Environment::Open::scratch ? MDB_NOSYNC : 0;
}

std::unique_ptr<const DataFile> map_file(MDB_env* env, mdb_filehandle_t file) {
  MDB_envinfo info;
  MDB_stat stat;
  check(mdb_env_info(env, &info), "environment info");
  check(mdb_env_stat(env, &stat), "environment statistics");
  return std::make_unique<const DataFile>(file, stat.ms_psize, info.me_mapsize);
}

}  // namespace

void check(int code, std::string_view step) {
  switch (code) {
    case MDB_SUCCESS:
      return;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_CURSOR_FULL:
      throw DamagedPage(std::string(step) + ": " + mdb_strerror(code));
    default:
      throw Fault(step, code);
  }
}

void Environment::look(Open how) const {
  if (how == Open::scratch) return;
  std::error_code error;
  const std::string directory = data_.parent_path().string();
  const bool exists = std::filesystem::exists(data_, error);
  if (error) check_open(error.value(), "look for " + data_.string());
  if (how == Open::fresh) {
    if (exists) throw Fault("store: " + directory + " already holds a store");
    return;
  }
  if (!exists && copy_) throw Fault("store: there is no file " + data_.string());
  if (!exists) {
    throw Unusable("store: no store in " + directory +
                   "; put it back, or restore it from a backup");
  }
  if (std::filesystem::file_size(data_, error) == 0) {
    const std::string empty = "store: " + data_.string() + " is empty; ";
    if (copy_) throw Fault(empty + "take another backup");
    throw Unusable(empty + "restore it from a backup");
  }
}

// LMDB says nothing of use of a pipe.
void Environment::look_at_lock_file() const {
  std::error_code error;
  const auto is = std::filesystem::status(lock_, error);
  if (!std::filesystem::exists(is) || std::filesystem::is_regular_file(is)) return;
  throw Unusable(
      "store: " + lock_.string() +
      " is not a regular file; end every process that has the store open, and remove it");
}

Environment::Environment(const std::filesystem::path& directory, std::size_t map_bytes, Open how)
    : data_(how == Open::copy ? directory : directory / "data.mdb"),
      lock_(directory / "lock.mdb"),
      copy_(how == Open::copy) {
  look(how);
  if (!copy_) look_at_lock_file();
  if (how != Open::fresh && how != Open::scratch) look_at_meta_pages();
  int code = open(map_bytes, flags_of(how));
  const bool read_only = code == EROFS && how == Open::existing;
  if (read_only) code = open(map_bytes, MDB_RDONLY);
  if (copy_ && code != MDB_SUCCESS) {
    throw Fault("store: open " + directory.string() + ": " + mdb_strerror(code) +
                "; take another backup");
  }
  check_open(code, "open " + directory.string());
  if (!read_only && !copy_) {
    locks_ = std::make_unique<const LockTable>(lock_);
    lock_identity_ = identity(lock_);
  }
  int dead = 0;
  check(mdb_reader_check(env_.get(), &dead), "clear readers that died");
  // Of the file that was opened: at its path another may lie by now.
  data_identity_ = identity(data_file());
  file_ = map_file(env_.get(), data_file());
  check_files();
  if (copy_) check_size();
  settle();
}

// Who reads a page behind the end is ended by SIGBUS.
void Environment::check_size() const {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(data_, error);
  if (error) throw Fault("look at " + data_.string(), error.value());
  if (size >= space().used_bytes) return;
  throw Fault("store: " + data_.string() + " is cut short: it has " + std::to_string(size) +
              " bytes of " + std::to_string(space().used_bytes) + "; take another backup");
}

// LMDB takes what they say as it is.
void Environment::look_at_meta_pages() const {
  const auto faults = check_meta_pages(data_);
  if (faults.empty()) return;
  if (copy_)
    throw Fault("store: " + data_.string() + ": " + faults.front() + "; take another backup");
  throw DamagedPage(faults.front());
}

// LMDB wants a new handle after it has failed.
int Environment::open(std::size_t map_bytes, unsigned flags) {
  MDB_env* env = nullptr;
  check(mdb_env_create(&env), "create environment");
  env_.reset(env);  // from here a throw closes it
  check(mdb_env_set_mapsize(env, map_bytes), "set map size");
  check(mdb_env_set_maxdbs(env, kTables), "set number of tables");
  check(mdb_env_set_maxreaders(env, kReaders), "set number of readers");
  const std::filesystem::path& at = copy_ ? data_ : data_.parent_path();
  return mdb_env_open(env, at.c_str(), MDB_NOTLS | flags, kFileMode);
}

mdb_filehandle_t Environment::data_file() const {
  mdb_filehandle_t file = -1;
  check(mdb_env_get_fd(env_.get(), &file), "data file");
  return file;
}

std::string Environment::why_read_only() const {
  if (!read_only() || copy_) return "";
  const std::string where = directory().string();
  // Only who opens a file for writing is told so of one that the kernel has just made read-only.
  const int file = ::open(data_.c_str(), O_RDWR | O_CLOEXEC);
  if (file >= 0) {
    close(file);
    return "the file system of " + where +
           " is writable again, but was read-only when this process opened the store: restart it";
  }
  return "the file system of " + where +
         " is read-only, so nothing can be changed, and nobody revoked; find out why (dmesg, "
         "findmnt -T " +
         where + "), make it writable, and restart the daemon";
}

void Environment::settle() const {
  if (read_only() || file_txn() <= ReadTxn{*this}.id() || locks_->has_writer()) return;
  // LMDB does it for whoever takes the lock of a writer that died: mdb_mutex_failed() in mdb.c.
  const WriteTxn taken{*this};
}

Space Environment::space() const {
  MDB_envinfo info;
  MDB_stat stat;
  check(mdb_env_info(env_.get(), &info), "environment info");
  check(mdb_env_stat(env_.get(), &stat), "environment statistics");
  return {.map_bytes = info.me_mapsize,
          .used_bytes = (info.me_last_pgno + 1) * stat.ms_psize,
          .readers = info.me_numreaders,
          .max_readers = info.me_maxreaders};
}

std::uint64_t Environment::file_txn() const {
  MDB_envinfo info;
  check(mdb_env_info(env_.get(), &info), "environment info");
  return info.me_last_txnid;
}

Environment::Identity Environment::identity(const std::filesystem::path& file) {
  struct stat s{};
  if (stat(file.c_str(), &s) != 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      throw Gone("store: " + file.string() + " was removed while it was in use");
    // What cannot be looked at may be another file by now.
    throw Gone("store: " + file.string() + " can no longer be reached: " + std::strerror(errno) +
               "; its owner must be able to enter every directory of that path");
  }
  return {s.st_dev, s.st_ino};
}

Environment::Identity Environment::identity(int file) {
  struct stat s{};
  if (fstat(file, &s) != 0) throw Fault("look at the data file", errno);
  return {s.st_dev, s.st_ino};
}

// Nobody's decisions come from a copy.
void Environment::check_files() const {
  if (copy_) return;
  if (identity(data_) != data_identity_ || (locks_ && identity(lock_) != lock_identity_)) {
    throw Gone("store: " + data_.string() + " was replaced while it was in use");
  }
}

}  // namespace store
