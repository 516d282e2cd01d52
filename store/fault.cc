#include "store/fault.h"

#include <cerrno>
#include <utility>

#include <lmdb.h>

namespace store {
namespace {

std::string advice(int code) {
  switch (code) {
    case MDB_MAP_FULL:
      return "; the store has reached store.map_size of the configuration: raise it and restart "
             "everything that has the store open, or remove old entries of the journal: credgate "
             "history --prune 90d";
    case ENOSPC:
      return "; make room on the disk and try again";
    // LMDB says this too of a write that was cut short, as one to a disk that is getting full is.
    case EIO:
      return "; the disk is full or failing: make room, or check the kernel log, and try again";
    case EFBIG:
      return "; this process may not make files so large: raise its limit (ulimit -f, LimitFSIZE=)";
    case EACCES:
      return "; run this as the owner of the store's directory, or as root";
    case EROFS:
      return "; the file system is read-only: find out why (dmesg), and make it writable";
    case MDB_READERS_FULL:
      return "; too many processes read the store at once";
    case MDB_MAP_RESIZED:
      return "; another process has it open with a larger store.map_size: set the same size for "
             "all and restart this one";
    // Of the data file, that was found out before.
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
      return "; its lock.mdb is damaged, or another LMDB's: end every process that has the store "
             "open, and remove it";
    case MDB_PANIC:
      return "; a commit failed before: restart this process";
    default:
      return "";
  }
}

}  // namespace

Fault::Fault(std::string_view step, int code)
    : std::runtime_error("store: " + std::string(step) + ": " + mdb_strerror(code) + advice(code)),
      final_(code == MDB_PANIC) {}

bool lasting(int code) {
  switch (code) {
    case EACCES:
    case EPERM:
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
      return true;
    default:
      return false;
  }
}

DamagedPage::DamagedPage(std::string damage)
    : Fault("store: " + damage +
            "; the store is damaged: see all of it with credgate check --deep, and restore it from "
            "a backup"),
      damage_(std::move(damage)) {}

Damaged::Damaged(std::string id)
    : Fault("store: the record of " + id + " is damaged, and denied; restore it from a backup"),
      id_(std::move(id)) {}

}  // namespace store
