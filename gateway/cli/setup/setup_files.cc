#include "gateway/cli/setup/setup_files.h"

#include <cerrno>
#include <exception>
#include <iostream>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/base/base32.h"
#include "auth/base/secret.h"
#include "auth/credential/master_key.h"
#include "auth/nats/subject.h"
#include "gateway/cli/context.h"
#include "gateway/cli/files.h"
#include "gateway/config/keys.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/random.h"
#include "store/store.h"

namespace gateway::cli {
namespace {

namespace fs = std::filesystem;

// Whose DIR must not be: its owner could exchange all that is made in it, the keys too, and so
// could whoever may also write there. What does not exist yet is one's own.
void refuse_others_directory(const fs::path& path) {
  struct stat link{};
  struct stat s{};
  if (lstat(path.c_str(), &link) != 0) return;
  const bool dangles = stat(path.c_str(), &s) != 0;
  for (const uid_t uid : {link.st_uid, dangles ? link.st_uid : s.st_uid}) {
    if (uid == 0 || uid == geteuid()) continue;
    throw OperationError(Code::refused, path.string() + ": it belongs to " + user_name(uid) +
                                            ", who could read and exchange the keys; choose a "
                                            "directory that is yours, or that init can make");
  }
  if (!dangles && (s.st_mode & S_IWOTH) != 0) {
    throw OperationError(Code::refused,
                         path.string() +
                             ": everybody may write in it, and could put files beside "
                             "yours; choose a directory in it, or chmod go-w it");
  }
}

// Such a user could read and exchange all that root makes there, the keys too.
void refuse_other_owner(const fs::path& path, bool may_be_that_user) {
  const auto owner = owner_on_the_way(path);
  if (!owner) return;
  const std::string as_that_user =
      ", or run init as that user: sudo -u '#" + std::to_string(owner->uid) + "' credgate init …";
  throw OperationError(
      Code::refused,
      path.string() + ": it, or a directory or link above it, belongs to " + user_name(owner->uid) +
          ", who could read and exchange the keys; make it root's (chown -h root), or remove "
          "the link" +
          (may_be_that_user ? as_that_user : ""));
}

void claim_directory(const fs::path& path) {
  if (geteuid() == 0) refuse_other_owner(path, true);
  refuse_others_directory(path);
  if (geteuid() != 0) return;
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw OperationError(Code::fault, path.string() + ": " + error.message());
  // Somebody may have made it in a directory for everybody, just before.
  refuse_other_owner(path, true);
  refuse_others_directory(path);
}

// What would fail after the keys were made, so that a second run would find them.
void check_owner(const Owner& owner, const fs::path& conf) {
  const ActingAs as_owner{owner};
  if (access(conf.c_str(), F_OK) != 0 && errno == ENOENT) return;
  if (faccessat(AT_FDCWD, conf.c_str(), X_OK, AT_EACCESS) == 0) return;
  throw OperationError(Code::refused, conf.string() + ": " + user_name(owner.uid) +
                                          " cannot read in it, which must read credgate.conf; "
                                          "first: chmod 755 " +
                                          conf.string());
}

// `..` stays: before it may stand a link.
fs::path without_dots(const fs::path& path) {
  fs::path plain;
  for (const fs::path& part : path) {
    if (part != "." && !part.empty()) plain /= part;
  }
  return plain;
}

Layout layout(const std::string& dir) {
  if (!dir.empty()) {
    const fs::path path = without_dots(fs::absolute(dir));
    if (path.string().find_first_of("\"\\\n") != std::string::npos || !auth::printable(dir)) {
      throw OperationError(Code::usage,
                           "--dir: must be printable characters without \" and \\, because it is "
                           "written into configuration files");
    }
    claim_directory(path);
    return {.conf = path, .store = path / "store", .jetstream = path / "jetstream"};
  }
  const passwd* owner = getpwnam("credgate");  // NOLINT(concurrency-mt-unsafe): one thread
  if (geteuid() != 0 || owner == nullptr) {
    throw OperationError(
        Code::usage,
        geteuid() != 0
            ? "without --dir, init must be run as root, and sets up /etc/credgate and "
              "/var/lib/credgate; to try it out, give a directory: credgate init --dir DIR"
            : "the user credgate is missing: useradd --system --home-dir "
              "/var/lib/credgate --shell /usr/sbin/nologin credgate");
  }
  refuse_other_owner("/etc/credgate", false);
  const Owner user{owner->pw_uid, owner->pw_gid};
  check_owner(user, "/etc/credgate");
  return {.conf = "/etc/credgate",
          .store = "/var/lib/credgate/store",
          .jetstream = "/var/lib/nats/jetstream",
          .owner = user};
}

// The directory above may be there already, and then keeps its mode.
void make_directory(const Layout& layout, const fs::path& path, mode_t mode) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) errno = error.value();
  if (error || mkdir(path.c_str(), mode) != 0) fail_at(path);
  layout.made->add(path);
}

// For the owner of the store. The directory above may be the owner's already, as systemd makes it;
// then the owner makes this one too. Otherwise only root decides what the path leads to.
void make_owned_directory(const Layout& layout, const fs::path& path) {
  if (!layout.owner) return make_directory(layout, path, 0700);
  if (owner_on_the_way(path.parent_path())) {
    const auto owner = as_store_owner(layout);
    return make_directory(layout, path, 0700);
  }
  make_directory(layout, path, 0700);
  if (chown(path.c_str(), layout.owner->uid, layout.owner->gid) != 0) fail_at(path);
}

}  // namespace

// As the daemon's user where that decides what a path leads to: root would follow its links.
Layout::Made::~Made() {
  for (const fs::path& path : paths_) {
    std::error_code error;
    try {
      const auto owner = owner_on_the_way(path);
      std::optional<ActingAs> as;
      if (owner && owner_) as.emplace(*owner_);
      fs::remove_all(path, error);
      if (!error) continue;
    } catch (const std::exception&) {
      // It is named below.
    }
    std::cerr << "note: " << path.string() << " was left; remove it before the next init\n";
  }
}

Layout free_layout(const std::string& dir) {
  // The daemon's user and nats-server's read the system's directory, whatever umask root has. In
  // one's own, nobody but its owner may write.
  const mode_t mask = umask(S_IWGRP | S_IWOTH);
  if (!dir.empty()) umask(mask | S_IWGRP | S_IWOTH);
  Layout where = layout(dir);
  std::vector<fs::path> made{where.config(), where.server_config(), where.keys(), where.admins(),
                             where.run(),    where.store,           where.head()};
  // Otherwise it is nats-server's own.
  if (where.in_one_directory()) made.push_back(where.jetstream);
  for (const fs::path& path : made) {
    std::error_code none;
    if (fs::exists(path, none)) {
      throw OperationError(Code::conflict,
                           path.string() + " already exists; nothing was changed. " +
                               "Choose another directory with --dir, or move it away");
    }
  }
  return where;
}

void make_keys_directory(const Layout& layout) {
  make_directory(layout, layout.keys(), 0700);
}

void make_admins_directory(const Layout& layout) {
  make_directory(layout, layout.admins(), 0700);
}

std::unique_ptr<ActingAs> as_store_owner(const Layout& layout) {
  return layout.owner ? std::make_unique<ActingAs>(*layout.owner) : nullptr;
}

void make_store(const Layout& layout) {
  make_owned_directory(layout, layout.store);
  make_owned_directory(layout, layout.head());
  const auto owner = as_store_owner(layout);
  const std::string id = "ST" + auth::write_base32(random_bytes<15>());
  store::Store::create({.directory = layout.store}, id, now_in_seconds());
}

void make_master_key(const Layout& layout) {
  write_key_file(layout, "master.key", auth::MasterKey{random_bytes<32>()}.text().view());
}

void write_key_file(const Layout& layout, std::string_view name, std::string_view text) {
  write_file(layout.keys() / name, 0600, text);
}

auth::KeyPair make_seed(const Layout& layout, std::string_view name, auth::Prefix prefix) {
  auth::KeyPair pair{prefix, random_bytes<32>()};
  const auth::SecretText seed = pair.seed();
  write_key_file(layout, name, seed.view());
  return pair;
}

void write_config(const Layout& layout, const fs::path& path, std::string_view text) {
  write_file(path, 0644, text);
  layout.made->add(path);
}

void make_run_directory(const Layout& layout) {
  if (layout.in_one_directory()) make_directory(layout, layout.run(), 0700);
}

std::string run_dir_line(const Layout& layout) {
  return layout.in_one_directory() ? "\n  \"run_dir\": \"run\"," : "";
}

std::string made_files(const Layout& layout, bool with_server_config, bool with_admins) {
  return "made " + layout.config().string() + "\n" +
         (with_server_config ? "     " + layout.server_config().string() + "\n" : "") + "     " +
         layout.keys().string() +
         "/ (keep a copy of master.key away from the store: without it every secret is lost)\n" +
         (with_admins ? "     " + layout.admins().string() +
                            "/ (three admins, who may manage credentials over NATS)\n"
                      : "") +
         "     " + layout.store.string() + "/\n" + "     " + layout.head().string() +
         "/ (tells an older copy of the store: do not copy or restore it with the store)\n";
}

}  // namespace gateway::cli
