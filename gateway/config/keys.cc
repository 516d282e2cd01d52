#include "gateway/config/keys.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/base/secret.h"
#include "auth/base/text.h"
#include "auth/nats/creds_file.h"
#include "gateway/platform/fd.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxKeyFileBytes = auth::kMaxCredsBytes;  // the longest of them

std::filesystem::path credentials_directory() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  return directory == nullptr ? "" : directory;
}

// systemd guards its credentials by the directory and an ACL, whose mask shows as group bits.
mode_t forbidden_bits(const std::filesystem::path& file) {
  const auto directory = credentials_directory();
  return !directory.empty() && file.parent_path() == directory ? 0007 : 0077;
}

// A unit's user may not enter the directory of the keys, which systemd reads for it: what is not
// handed over is missing, although open(2) speaks of permissions.
std::string cannot_open(int error) {
  if (error == ENOENT) return "the key is missing";
  if (error != EACCES) return std::strerror(error);
  if (credentials_directory().empty())
    return std::strerror(error) + std::string("; run this as root, who owns the keys");
  return "the key is missing: systemd handed over no credential of this name (LoadCredential= of "
         "the "
         "unit; symbolic links are left out)";
}

auth::SecretText read_key_file(const std::filesystem::path& file) {
  const Fd fd{open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  if (!fd) throw auth::ConfigError(file.string() + ": " + cannot_open(errno));
  struct stat s{};
  if (fstat(fd.get(), &s) != 0 || !S_ISREG(s.st_mode)) {
    throw auth::ConfigError(file.string() + ": is not a regular file");
  }
  if (open_to_others(fd.get(), file)) {
    throw auth::ConfigError(file.string() +
                            ": other users can read or write this key; run chmod 600, and " +
                            "replace the key if it may have been read");
  }
  std::array<char, kMaxKeyFileBytes> buffer{};
  const ssize_t size = read(fd.get(), buffer.data(), buffer.size());
  if (size < 0) throw auth::ConfigError(file.string() + ": " + std::strerror(errno));
  std::string_view text{buffer.data(), static_cast<std::size_t>(size)};
  if (const auto end = text.find_last_not_of("\r\n"); end != std::string_view::npos) {
    text = text.substr(0, end + 1);
  }
  auth::SecretText secret{text};
  auth::wipe(buffer.data(), buffer.size());
  return secret;
}

std::string_view letter(auth::Prefix prefix) {
  switch (prefix) {
    case auth::Prefix::account:
      return "an account seed, SA…";
    case auth::Prefix::curve:
      return "a curve seed, SX…";
    case auth::Prefix::user:
      return "a user seed, SU…";
    case auth::Prefix::cluster:
    case auth::Prefix::server:
    case auth::Prefix::operator_key:
      break;
  }
  return "another kind of seed";
}

}  // namespace

bool open_to_others(int fd, const std::filesystem::path& file) {
  struct stat s{};
  if (fstat(fd, &s) != 0) throw auth::ConfigError(file.string() + ": " + std::strerror(errno));
  return (s.st_mode & forbidden_bits(file)) != 0;
}

std::filesystem::path key_file(const Config& config, std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    return (std::filesystem::absolute(config.file).parent_path() / name).lexically_normal();
  }
  if (const auto directory = credentials_directory(); !directory.empty()) {
    std::error_code none;
    // LoadCredential=NAME:FILE gives the one, LoadCredential=keys:DIRECTORY the other.
    for (const std::string& id : {std::string{name}, "keys_" + std::string{name}}) {
      if (std::filesystem::exists(directory / id, none)) return directory / id;
    }
  }
  return config.keys_dir / name;
}

auth::MasterKeys load_master_keys(const Config& config) {
  std::vector<auth::MasterKey> keys;
  for (const std::string& name : config.master_keys) {
    const auto file = key_file(config, name);
    auto key = auth::read_master_key(read_key_file(file).view());
    if (!key)
      throw auth::ConfigError(file.string() + ": is not a master key (43 characters of base64url)");
    keys.push_back(std::move(*key));
  }
  return auth::MasterKeys{std::move(keys)};
}

auth::KeyPair load_seed(const Config& config, std::string_view name, auth::Prefix prefix) {
  const auto file = key_file(config, name);
  auto pair = auth::read_seed(read_key_file(file).view());
  if (!pair || pair->public_key().prefix != prefix) {
    throw auth::ConfigError(file.string() + ": must hold " + std::string(letter(prefix)));
  }
  return std::move(*pair);
}

NatsLogin load_login(const Config& config, const NatsConfig& nats) {
  if (nats.creds.empty()) {
    return {.key = load_seed(config, nats.nkey, auth::Prefix::user), .user_jwt = ""};
  }
  const auto file = key_file(config, nats.creds);
  auto creds = auth::read_creds(read_key_file(file).view());
  if (!creds)
    throw auth::ConfigError(file.string() + ": must hold a user JWT and its seed (.creds)");
  return {.key = std::move(creds->key), .user_jwt = std::move(creds->user_jwt)};
}

auth::Signer signer_of(const auth::PublicKey& account, const auth::KeyPair& key) {
  if (key.public_key() == account) return {.key = key};
  return {.key = key, .issuer_account = account};
}

Keys load_keys(const Config& config) {
  const auto seeds = [&config](const std::vector<std::string>& names, auth::Prefix prefix) {
    std::vector<auth::KeyPair> pairs;
    for (const std::string& name : names)
      pairs.push_back(load_seed(config, name, prefix));
    return pairs;
  };
  Keys keys{
      .nats = load_login(config, config.nats),
      .system = config.has_system ? std::optional{load_login(config, config.system)} : std::nullopt,
      .issuers = seeds(config.issuers, auth::Prefix::account),
      .xkeys = seeds(config.xkeys, auth::Prefix::curve),
      .master = load_master_keys(config),
      .callout_account = std::nullopt};
  if (!config.operator_mode) return keys;
  keys.callout_account = auth::read_public_key(config.callout_account, auth::Prefix::account);
  for (const auto& [name, account] : config.account_keys) {
    keys.accounts.emplace(
        name, AccountKey{.id = *auth::read_public_key(account.id, auth::Prefix::account),
                         .key = load_seed(config, account.signing_key, auth::Prefix::account),
                         .scoped = account.scoped});
    const AccountKey& made = keys.accounts.at(name);
    // The server would take a user JWT without permissions for one that allows everything.
    if (made.scoped && made.key.public_key() == made.id) {
      throw auth::ConfigError(
          config.file.string() + ": accounts." + name +
          ".scoped: its signing_key is the account's own key, which is never scoped");
    }
  }
  return keys;
}

std::vector<auth::PublicKey> Keys::expected_issuers() const {
  if (callout_account) return {*callout_account};
  std::vector<auth::PublicKey> all;
  for (const auth::KeyPair& issuer : issuers)
    all.push_back(issuer.public_key());
  return all;
}

auth::Signer Keys::callout_signer(const auth::PublicKey& expected) const {
  if (callout_account) return signer_of(*callout_account, issuers.front());
  const auto issuer = std::ranges::find(issuers, expected, &auth::KeyPair::public_key);
  if (issuer == issuers.end()) throw std::logic_error("a request for another issuer");
  return {.key = *issuer};
}

auth::Target Keys::target(std::string_view account, const auth::PublicKey& expected) const {
  if (!callout_account) {
    return {.signer = callout_signer(expected), .audience = std::string(account)};
  }
  const auto at = accounts.find(account);
  if (at == accounts.end()) throw std::logic_error("no key for account " + std::string(account));
  return {.signer = signer_of(at->second.id, at->second.key),
          .audience = "",
          .scoped = at->second.scoped};
}

std::string public_keys(const std::vector<auth::KeyPair>& pairs) {
  return auth::join(pairs, ", ",
                    [](const auth::KeyPair& pair) { return write_public_key(pair.public_key()); });
}

}  // namespace gateway
