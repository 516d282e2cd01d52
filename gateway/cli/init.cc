#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/base32.h"
#include "auth/master_key.h"
#include "auth/nkey.h"
#include "auth/subject.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/nats_server_conf.h"
#include "gateway/keys.h"
#include "store/store.h"

namespace gateway::cli {
namespace {

namespace fs = std::filesystem;
using auth::KeyPair;
using auth::Prefix;

struct Options {
  std::string dir;
  std::string account = "APP";
  std::string listen = "127.0.0.1:4222";
};

struct Layout {
  fs::path conf;  // the directory of credgate.conf, nats-server.conf, keys/
  fs::path store;
  fs::path jetstream;             // nats-server's own
  const passwd* owner = nullptr;  // of the store; null: whoever runs this
};

[[noreturn]] void fail_at(const fs::path& path) {
  throw Failure(errno == EEXIST ? Code::conflict : Code::fault,
                path.string() + ": " + std::strerror(errno));
}

Layout layout(const Options& options) {
  if (!options.dir.empty()) {
    const fs::path dir = fs::absolute(options.dir);
    return {.conf = dir, .store = dir / "store", .jetstream = dir / "jetstream", .owner = nullptr};
  }
  const passwd* owner = getpwnam("credgate");  // NOLINT(concurrency-mt-unsafe): one thread
  if (geteuid() != 0 || owner == nullptr) {
    throw Failure(Code::usage,
                  geteuid() != 0
                      ? "without --dir this sets up /etc/credgate and /var/lib/credgate, as root; "
                        "to try it out, give a directory: credgate init --dir DIR"
                      : "the user credgate is missing: useradd --system --home-dir "
                        "/var/lib/credgate --shell /usr/sbin/nologin credgate");
  }
  return {.conf = "/etc/credgate",
          .store = "/var/lib/credgate/store",
          .jetstream = "/var/lib/nats/jetstream",
          .owner = owner};
}

void check_options(const Options& options) {
  if (!auth::valid_name(options.account) || options.account == kCalloutAccount ||
      options.account == kSystemAccount) {
    throw Failure(Code::usage, "--account: must be a NATS account name other than AUTH and SYS");
  }
  const auto colon = options.listen.rfind(':');
  const std::string port = colon == std::string::npos ? "" : options.listen.substr(colon + 1);
  if (port.empty() || port.size() > 5 ||
      port.find_first_not_of("0123456789") != std::string::npos ||
      options.listen.find_first_of(" \"\\{}\n") != std::string::npos) {
    throw Failure(Code::usage, "--listen: must be ADDRESS:PORT, 127.0.0.1:4222");
  }
}

void check_free(const Layout& layout) {
  for (const fs::path& path : {layout.conf / "credgate.conf", layout.conf / "nats-server.conf",
                               layout.conf / "keys", layout.store}) {
    std::error_code none;
    if (fs::exists(path, none)) {
      throw Failure(Code::conflict, path.string() + " is there already; nothing was changed. " +
                                        "Choose another directory with --dir, or move it away");
    }
  }
}

// The directory above may be there already, and then keeps its mode.
void make_directory(const fs::path& path, mode_t mode, const passwd* owner) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error || mkdir(path.c_str(), mode) != 0) fail_at(path);
  if (owner != nullptr && chown(path.c_str(), owner->pw_uid, owner->pw_gid) != 0) fail_at(path);
}

void write_file(const fs::path& path, mode_t mode, std::string_view text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) fail_at(path);
  const bool whole = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (close(fd) != 0 || !whole) fail_at(path);
}

KeyPair make_seed(const fs::path& keys, const char* name, Prefix prefix) {
  KeyPair pair{prefix, random_bytes<32>()};
  const auth::SecretText seed = pair.seed();
  write_file(keys / name, 0600, seed.view());
  return pair;
}

std::string credgate_conf(const Layout& layout, const Options& options) {
  return "// Made by `credgate init`. JSON with comments; every key is explained in "
         "doc/configuration.md.\n"
         "{\n"
         "  \"nats\": { \"url\": \"nats://" +
         options.listen +
         "\", \"nkey\": \"gateway.nk\" },\n"
         "  \"system\": { \"account\": \"" +
         kSystemAccount +
         "\", \"nkey\": \"system.nk\" },\n"
         "  \"callout\": { \"account\": \"" +
         kCalloutAccount +
         "\", \"issuer\": \"issuer.nk\", \"xkey\": \"xkey.nk\" },\n"
         "  \"accounts\": [\"" +
         options.account +
         "\"],\n"
         "  \"store\": { \"dir\": \"" +
         layout.store.string() +
         "\" },\n"
         "  \"keys_dir\": \"" +
         (layout.conf / "keys").string() +
         "\",\n"
         "  \"master_key\": \"master.key\"\n"
         "}\n";
}

// The store belongs to the daemon's user from its first byte: what root wrote, it could not read.
void make_store(const Layout& layout) {
  make_directory(layout.store, 0700, layout.owner);
  const std::string id = "ST" + auth::write_base32(random_bytes<15>());
  store::Store::create({.directory = layout.store}, id, clock_now());
  if (layout.owner == nullptr) return;
  for (const char* file : {"data.mdb", "lock.mdb"}) {
    const fs::path path = layout.store / file;
    if (chown(path.c_str(), layout.owner->pw_uid, layout.owner->pw_gid) != 0) fail_at(path);
  }
}

void init(const Context& context, const Options& options) {
  check_options(options);
  const Layout where = layout(options);
  check_free(where);

  const fs::path keys = where.conf / "keys";
  make_directory(keys, 0700, nullptr);
  const KeyPair gateway = make_seed(keys, "gateway.nk", Prefix::user);
  const KeyPair system = make_seed(keys, "system.nk", Prefix::user);
  const KeyPair issuer = make_seed(keys, "issuer.nk", Prefix::account);
  const KeyPair xkey = make_seed(keys, "xkey.nk", Prefix::curve);
  write_file(keys / "master.key", 0600, auth::MasterKey{random_bytes<32>()}.text().view());
  make_store(where);
  write_file(where.conf / "credgate.conf", 0644, credgate_conf(where, options));
  write_file(where.conf / "nats-server.conf", 0644,
             nats_server_conf({.listen = options.listen,
                               .jetstream_dir = where.jetstream.string(),
                               .app_account = options.account,
                               .gateway = write_public_key(gateway.public_key()),
                               .system = write_public_key(system.public_key()),
                               .issuer = write_public_key(issuer.public_key()),
                               .xkey = write_public_key(xkey.public_key())}));

  const std::string conf = (where.conf / "credgate.conf").string();
  const std::string server = (where.conf / "nats-server.conf").string();
  if (context.json) {
    return print_json({{"config", conf},
                       {"nats_server_config", server},
                       {"store", where.store.string()},
                       {"keys", keys.string()},
                       {"issuer", write_public_key(issuer.public_key())},
                       {"xkey", write_public_key(xkey.public_key())}});
  }
  const std::string config = options.dir.empty() ? "" : " --config " + conf;
  std::cout << "made " << conf << "\n     " << server << "\n     " << keys.string()
            << "/ (keep a copy of master.key apart from the store: without it every secret is "
               "void)\n     "
            << where.store.string() << "/\n\nNext:\n  nats-server -c " << server
            << "\n  credgate serve" << config
            << "\n  credgate create shop --publish --receive --subjects 'orders.>'" << config
            << '\n';
}

}  // namespace

void add_init(App& app, const Context& context) {
  Command command = app.add(
      "init", "Make keys, a store, credgate.conf and a matching nats-server.conf, ready to start");
  const auto options = std::make_shared<Options>();
  command.text("--dir", "DIR", "put all of it here (default: /etc/credgate and /var/lib/credgate)",
               options->dir);
  command.text("--account", "ACCOUNT", "the account of your clients (default APP)",
               options->account);
  command.text("--listen", "ADDRESS:PORT", "where nats-server listens (default 127.0.0.1:4222)",
               options->listen);
  command.footer(
      "Nothing that is there already is overwritten.\n"
      "Example:\n  credgate init --dir ./try --account SHOP");
  command.run([&context, options] { init(context, *options); });
}

}  // namespace gateway::cli
