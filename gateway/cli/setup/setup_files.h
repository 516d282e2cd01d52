#pragma once
// What `init` creates in both modes: directories, keys, a store. Existing files are never
// overwritten.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/nats/nkey.h"
#include "gateway/platform/privileges.h"

namespace gateway::cli {

struct Layout {
  std::filesystem::path conf;  // the directory of credgate.conf, nats-server.conf, keys/
  std::filesystem::path store;
  std::filesystem::path jetstream;  // nats-server's own
  std::optional<Owner> owner{};     // of the store; absent: the current user

  std::filesystem::path config() const { return conf / "credgate.conf"; }
  std::filesystem::path server_config() const { return conf / "nats-server.conf"; }
  std::filesystem::path keys() const { return conf / "keys"; }
  std::filesystem::path admins() const { return conf / "admins"; }
  std::filesystem::path run() const { return conf / "run"; }
  std::filesystem::path head() const { return store.string() + ".head"; }
  bool in_one_directory() const { return !owner; }

  // What was made so far, in this order. Unless it is kept, all of it is removed with the last copy
  // of the layout: what half an `init` left would keep the next one from making anything.
  class Made {
   public:
    explicit Made(std::optional<Owner> owner) : owner_(owner) {}
    ~Made();
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;
    void add(const std::filesystem::path& path) { paths_.push_back(path); }
    void keep() { paths_.clear(); }

   private:
    std::optional<Owner> owner_;
    std::vector<std::filesystem::path> paths_;
  };
  std::shared_ptr<Made> made = std::make_shared<Made>(owner);
};

// Everything in one directory or, if that is empty, in the system's directories, which needs root.
// Throws OperationError, also if something exists already, and, for root, if another user owns the
// directory, or one above it. Sets the umask.
Layout free_layout(const std::string& dir);

// These throw OperationError.
void make_keys_directory(const Layout& layout);
// The store's files belong to the daemon's user, who could not read files of root: root makes them
// as that user, and gives nothing away afterwards.
void make_store(const Layout& layout);
// For as long as the store is used. Null if the store belongs to this user.
std::unique_ptr<ActingAs> as_store_owner(const Layout& layout);
void make_admins_directory(const Layout& layout);
// Creates the directory of control sockets if everything is in one directory; systemd creates the
// system's.
void make_run_directory(const Layout& layout);
// The configuration line that names it, with its comma; empty for the default.
std::string run_dir_line(const Layout& layout);
void make_master_key(const Layout& layout);
// In the directory of keys, 0600.
void write_key_file(const Layout& layout, std::string_view name, std::string_view text);
auth::KeyPair make_seed(const Layout& layout, std::string_view name, auth::Prefix prefix);
// 0644
void write_config(const Layout& layout, const std::filesystem::path& path, std::string_view text);

// The first lines of `init`'s output: what was created.
std::string made_files(const Layout& layout, bool with_server_config, bool with_admins);

}  // namespace gateway::cli
