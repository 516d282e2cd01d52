#include "gateway/keys.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 4096;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int raw() const { return fd_; }

 private:
  int fd_;
};

std::filesystem::path credentials_directory() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  return directory == nullptr ? "" : directory;
}

// systemd guards its credentials by the directory and an ACL, whose mask shows as group bits.
mode_t forbidden_bits(const std::filesystem::path& file) {
  const auto directory = credentials_directory();
  return !directory.empty() && file.parent_path() == directory ? 0007 : 0077;
}

auth::SecretText read_key_file(const std::filesystem::path& file) {
  const Descriptor fd{open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  if (fd.raw() < 0) throw ConfigError(file.string() + ": " + std::strerror(errno));
  struct stat s {};
  if (fstat(fd.raw(), &s) != 0 || !S_ISREG(s.st_mode)) {
    throw ConfigError(file.string() + ": is no regular file");
  }
  if ((s.st_mode & forbidden_bits(file)) != 0) {
    throw ConfigError(file.string() + ": others can read or write this key; chmod 600 it, and " +
                      "replace the key if somebody may have seen it");
  }
  std::array<char, kMaxKeyFileBytes> buffer{};
  const ssize_t size = read(fd.raw(), buffer.data(), buffer.size());
  if (size < 0) throw ConfigError(file.string() + ": " + std::strerror(errno));
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

std::filesystem::path key_file(const Config& config, std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    return (std::filesystem::absolute(config.file).parent_path() / name).lexically_normal();
  }
  if (const auto directory = credentials_directory(); !directory.empty()) {
    std::error_code none;
    if (std::filesystem::exists(directory / name, none)) return directory / name;
  }
  return config.keys_dir / name;
}

auth::MasterKeys load_master_keys(const Config& config) {
  const auto file = key_file(config, config.master_key);
  auto key = auth::read_master_key(read_key_file(file).view());
  if (!key) throw ConfigError(file.string() + ": is no master key (43 characters of base64url)");
  std::vector<auth::MasterKey> keys;
  keys.push_back(std::move(*key));
  return auth::MasterKeys{std::move(keys)};
}

auth::KeyPair load_seed(const Config& config, std::string_view name, auth::Prefix prefix) {
  const auto file = key_file(config, name);
  auto pair = auth::read_seed(read_key_file(file).view());
  if (!pair || pair->public_key().prefix != prefix) {
    throw ConfigError(file.string() + ": must hold " + std::string(letter(prefix)));
  }
  return std::move(*pair);
}

Keys load_keys(const Config& config) {
  const auto optional_seed = [&](bool there, const std::string& name, auth::Prefix prefix) {
    return there ? std::optional{load_seed(config, name, prefix)} : std::nullopt;
  };
  return {.nats = load_seed(config, config.nats.nkey, auth::Prefix::user),
          .system = optional_seed(config.has_system, config.system.nkey, auth::Prefix::user),
          .issuer = load_seed(config, config.issuer, auth::Prefix::account),
          .xkey = optional_seed(!config.xkey.empty(), config.xkey, auth::Prefix::curve),
          .master = load_master_keys(config)};
}

void fill_random(std::span<std::uint8_t> bytes) {
  randombytes_buf(bytes.data(), bytes.size());
}

}  // namespace gateway
