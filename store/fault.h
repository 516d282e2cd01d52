#pragma once
// How the store fails.

#include <stdexcept>
#include <string>
#include <string_view>

namespace store {

// The disk, or LMDB, could not. The message is the step and LMDB's own words.
class Fault : public std::runtime_error {
 public:
  Fault(std::string_view step, int code);
  explicit Fault(const std::string& message) : std::runtime_error(message) {}
  // Whether nothing more can be done in this process: a commit failed half-way (MDB_PANIC).
  bool final() const { return final_; }

 private:
  bool final_ = false;
};

// It could not be opened: the files are absent, empty or no store, or this user may not read them.
// It is not a matter of time: another attempt fails like this one.
class Unusable : public Fault {
 public:
  using Fault::Fault;
};

// Whether opening a file would fail with that code again at the next attempt.
bool lasting(int code);

// The store was written by a newer credgate, or is none of credgate's at all.
class WrongSchema : public Fault {
 public:
  using Fault::Fault;
};

// The files that this process has open are no longer the store: they were removed, replaced, or an
// older copy was written over them. What it still reads is a ghost in which nothing is ever
// revoked, so nothing may be granted from it.
class Gone : public Fault {
 public:
  using Fault::Fault;
};

// Only the reserve of the map or of the disk is left, which is kept for suspending and revoking
// (store/room.h). Nothing was written.
class Full : public Fault {
 public:
  using Fault::Fault;
};

// The store's file system was read-only when it was opened, so it is only read.
class ReadOnly : public Fault {
 public:
  using Fault::Fault;
};

// The store lacks the head that was noted outside of it, or nobody can tell: it may be an older
// copy, in which those who were revoked since are active. It takes no change until it is accepted
// as it is (Store::accept_older).
class WentBack : public Fault {
 public:
  using Fault::Fault;
};

// A page of the data file is not as LMDB writes it. LMDB must not see it: it would crash, or write
// beyond its memory. Whatever leads over that page can neither be read nor changed.
class DamagedPage : public Fault {
 public:
  // `damage`: a sentence that names the page and the table.
  explicit DamagedPage(std::string damage);
  const std::string& damage() const { return damage_; }

 private:
  std::string damage_;
};

// A record that cannot be decoded. It denies its owner, and nobody else.
class Damaged : public Fault {
 public:
  explicit Damaged(std::string id);
  const std::string& id() const { return id_; }

 private:
  std::string id_;
};

}  // namespace store
