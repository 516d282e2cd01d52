#include "gateway/cli/remote_access.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "auth/base/json.h"
#include "auth/base/text.h"
#include "auth/credential/credential.h"
#include "auth/nats/creds_file.h"
#include "auth/nats/jwt.h"
#include "gateway/cli/files.h"
#include "gateway/cli/nats_context.h"
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
  const auto read = read_nats_context(whole);
  auth::wipe(whole.data(), whole.size());
  if (!read) throw OperationError(Code::usage, where + " " + read.error());
  const NatsContext& context = *read;
  if (!context.password.empty() || !context.token.empty()) {
    require_private(fd, "--context", file.string());
  }
  const auto text = [](const std::string& given, std::string& into) {
    if (into.empty()) into = given;
  };
  const auto path = [&](const char* member, const std::string& given, std::string& into) {
    if (!into.empty() || given.empty()) return;
    into = (file.parent_path() / expanded(given, where + " " + member + ":")).string();
  };
  RemoteOptions& options = access.options;
  text(context.url, options.server);
  text(context.user, options.user);
  text(context.password, access.password);
  text(context.inbox_prefix, options.inbox_prefix);
  path("creds", context.creds, options.creds);
  path("nkey", context.nkey, options.nkey);
  path("ca", context.ca, options.tlsca);
  // One key fits one certificate: options take the place of both.
  if (options.tlscert.empty() && options.tlskey.empty()) {
    if (context.cert.empty() != context.key.empty()) {
      throw OperationError(Code::usage, where + " needs both `cert` and `key`, or neither");
    }
    path("cert", context.cert, options.tlscert);
    path("key", context.key, options.tlskey);
  }
  access.token = context.token;
  access.tls_first = context.tls_first;
  if (options.server.empty()) {
    throw OperationError(Code::usage, where + " has no url; add one, or give --server");
  }
}

// Of two logins nats.c would leave one out, or refuse both without saying why.
void refuse_two_logins(const Access& access, const std::string& where) {
  const RemoteOptions& given = access.options;
  std::vector<std::string> logins;
  if (!given.user.empty()) logins.emplace_back("a user");
  if (!access.token.empty()) logins.emplace_back("a token");
  if (!given.nkey.empty()) logins.emplace_back("an nkey");
  if (!given.creds.empty() && !given.nkey.empty()) logins.emplace_back("credentials");
  if (logins.size() < 2) return;
  throw OperationError(Code::usage, where + ": " + auth::join(logins, " and ") +
                                        " are given; leave all but one out (credentials may stay "
                                        "beside a user or a token, as the sentinel)");
}

void check_login(const Access& access) {
  const RemoteOptions& given = access.options;
  const bool from_file = !given.context_file.empty();
  const std::string where = from_file ? "--context " + given.context_file : "--server";
  if (given.inbox_prefix.empty()) {
    throw OperationError(
        Code::usage, "--inbox-prefix is missing: _CG. followed by the id of the admin credential");
  }
  refuse_two_logins(access, where);
  const bool alone = given.user.empty() && access.token.empty();
  if (alone && given.creds.empty() && given.nkey.empty()) {
    throw OperationError(Code::usage,
                         from_file ? where + ": has none of `user`, `token`, `creds` and `nkey`"
                                   : "--server needs one of --user, --creds, --nkey and --context");
  }
  if (given.tlscert.empty() != given.tlskey.empty()) {
    throw OperationError(Code::usage, "--tlscert needs --tlskey, and --tlskey --tlscert");
  }
  // OpenSSL does not say why it cannot read one.
  if (!given.tlsca.empty()) static_cast<void>(open_file("--tlsca", given.tlsca));
  if (!given.tlscert.empty()) static_cast<void>(open_file("--tlscert", given.tlscert));
  if (!given.tlskey.empty())
    require_private(open_file("--tlskey", given.tlskey), "--tlskey", given.tlskey);
  // Beside a user or a token it is a sentinel, which anybody may read.
  if (alone && given.nkey.empty()) {
    require_private(open_file("--creds", given.creds), "--creds", given.creds);
  }
}

}  // namespace

auth::SecretText read_sentinel(const std::string& file) {
  const auto text = read_text(file);
  const auto creds = text ? auth::read_creds(*text) : std::nullopt;
  const auto jwt = creds ? auth::read_jwt(creds->user_jwt) : std::nullopt;
  const auto claims = jwt ? auth::read_json_object(jwt->claims.view()) : std::nullopt;
  if (!claims) return {};
  const auth::Json& nats = auth::member(*claims, "nats");
  const auto denies_all = [&nats](const char* lists) {
    return auth::member(auth::member(nats, lists), "deny") == auth::Json::array({">"});
  };
  const bool bearer = auth::member(nats, "bearer_token") == auth::Json(true);
  if (!bearer || !denies_all("pub") || !denies_all("sub") || nats.contains("resp")) return {};
  return auth::write_creds(creds->user_jwt, creds->key);
}

std::string read_secret_file(const std::string& option, const std::string& file) {
  const Fd fd = open_file(option, file);
  require_private(fd, option, file);
  return read_whole(fd, option, file);
}

Access read_access(const RemoteOptions& options) {
  Access access{.options = options};
  if (const std::string& file = options.password_file; file == "-") {
    access.password = read_password_file("--user-password-file", file).view();
  } else if (!file.empty()) {
    access.password = read_secret_file("--user-password-file", file);
    while (access.password.ends_with('\n') || access.password.ends_with('\r'))
      access.password.pop_back();
  }
  if (!options.context_file.empty()) read_context(access);
  RemoteOptions& given = access.options;
  const std::string id = given.user.empty() ? access.token.substr(0, auth::kIdBytes) : given.user;
  if (given.inbox_prefix.empty() && auth::has_id_form(id)) {
    given.inbox_prefix = auth::private_inbox_prefix(id);
  }
  check_login(access);
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
