#include "gateway/cli/remote_access.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "auth/base/json.h"
#include "auth/credential/credential.h"
#include "gateway/cli/secret_options.h"
#include "gateway/config/keys.h"
#include "gateway/config/server_urls.h"
#include "gateway/platform/fd.h"

namespace gateway::cli {
namespace {

constexpr std::size_t kMaxFileBytes = 64 << 10;

Fd open_file(const std::string& option, const std::string& file) {
  Fd fd{open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  if (fd) return fd;
  throw OperationError(Code::fault, option + " " + file + ": " + std::strerror(errno));
}

void require_private(const Fd& fd, const std::string& option, const std::string& file) {
  if (!open_to_others(fd.get(), file)) return;
  throw OperationError(Code::configuration,
                       option + " " + file +
                           ": other users can read or write this file, which holds a secret; run " +
                           "chmod 600, and replace the secret if it may have been read");
}

std::string read_whole(const Fd& fd, const std::string& option, const std::string& file) {
  std::string text(kMaxFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(fd.get(), text.data() + size, text.size() - size);
    if (got < 0)
      throw OperationError(Code::fault, option + " " + file + ": " + std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxFileBytes) {
    throw OperationError(Code::usage, option + " " + file + ": is larger than 64 KiB");
  }
  text.resize(size);
  return text;
}

// As the nats CLI expands it; a shell does so only outside quotes.
std::string expanded(const std::string& path, const std::string& where) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    throw OperationError(Code::usage, where + " " + path + ": ~ needs the variable HOME");
  }
  return home + path.substr(1);
}

void read_context(Access& access) {
  const std::filesystem::path file = access.options.context_file;
  const std::string where = "--context " + file.string() + ":";
  const Fd fd = open_file("--context", file.string());
  std::string whole = read_whole(fd, "--context", file.string());
  const auto json = auth::read_json_object(whole);
  auth::wipe(whole.data(), whole.size());
  if (!json) throw OperationError(Code::usage, where + " is not a JSON object");
  const auto text = [&](const char* member, std::string& into) {
    if (into.empty()) into = auth::string_at(*json, member);
  };
  const auto path = [&](const char* member, std::string& into) {
    std::string named;
    text(member, named);
    if (!into.empty() || named.empty()) return;
    named = expanded(named, where + " " + member + ":");
    into = (file.parent_path() / named).string();
  };
  if (!auth::string_at(*json, "password").empty()) require_private(fd, "--context", file.string());
  RemoteOptions& options = access.options;
  text("url", options.server);
  text("user", options.user);
  text("password", access.password);
  text("inbox_prefix", options.inbox_prefix);
  path("creds", options.creds);
  path("nkey", options.nkey);
  path("ca", options.tlsca);
  path("cert", options.tlscert);
  path("key", options.tlskey);
  if (options.tlscert.empty() != options.tlskey.empty()) {
    throw OperationError(Code::usage, where + " needs both `cert` and `key`, or neither");
  }
  if (options.server.empty()) {
    throw OperationError(Code::usage, where + " has no url; add one, or give --server");
  }
}

void check_login(const RemoteOptions& given) {
  if (given.inbox_prefix.empty()) {
    throw OperationError(
        Code::usage, "--inbox-prefix is missing: _CG. followed by the id of the admin credential");
  }
  if (given.user.empty() && given.creds.empty() && given.nkey.empty()) {
    throw OperationError(
        Code::usage,
        given.context_file.empty()
            ? "--server needs one of --user, --creds, --nkey and --context"
            : "--context " + given.context_file + ": has none of `user`, `creds` and `nkey`");
  }
  // Beside a user it is a sentinel, which anybody may read.
  if (given.user.empty() && given.nkey.empty()) {
    require_private(open_file("--creds", given.creds), "--creds", given.creds);
  }
}

}  // namespace

std::string read_secret_file(const std::string& option, const std::string& file) {
  const Fd fd = open_file(option, file);
  require_private(fd, option, file);
  return read_whole(fd, option, file);
}

Access read_access(const RemoteOptions& options) {
  Access access{options, {}, {}};
  if (const std::string& file = options.password_file; file == "-") {
    access.password = read_password_file("--user-password-file", file).view();
  } else if (!file.empty()) {
    access.password = read_secret_file("--user-password-file", file);
    while (access.password.ends_with('\n') || access.password.ends_with('\r'))
      access.password.pop_back();
  }
  if (!options.context_file.empty()) read_context(access);
  RemoteOptions& given = access.options;
  if (given.inbox_prefix.empty() && auth::has_id_form(given.user)) {
    given.inbox_prefix = auth::private_inbox_prefix(given.user);
  }
  check_login(given);
  const auto servers = read_server_urls(given.server);
  if (!servers) {
    const bool named = !options.server.empty();
    throw OperationError(Code::usage,
                         (named ? "--server" : "--context " + given.context_file + ": url") + ": " +
                             servers.error());
  }
  access.servers = *servers;
  return access;
}

}  // namespace gateway::cli
