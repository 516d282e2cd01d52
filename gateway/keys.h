#pragma once
// Key files: nkey seeds and the master key. Each is one line of text in a file that nobody but its
// owner may read.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/master_key.h"
#include "auth/nkey.h"
#include "gateway/config.h"

namespace gateway {

// Where a key of this name lies: a name with a slash is a path (relative to the configuration's
// directory); any other is looked up in $CREDENTIALS_DIRECTORY, then in keys_dir.
std::filesystem::path key_file(const Config& config, std::string_view name);

// Throws ConfigError where the file is missing, readable by others, or holds something else. The
// message names the file and never what is in it.
auth::MasterKeys load_master_keys(const Config& config);
auth::KeyPair load_seed(const Config& config, std::string_view name, auth::Prefix prefix);

// All that the daemon signs, opens and hashes with. Immutable.
struct Keys {
  auth::KeyPair nats;
  std::optional<auth::KeyPair> system;
  auth::KeyPair issuer;
  std::optional<auth::KeyPair> xkey;
  auth::MasterKeys master;
};
Keys load_keys(const Config& config);

// Fresh random bytes from the kernel.
void fill_random(std::span<std::uint8_t> bytes);

template <std::size_t N>
std::array<std::uint8_t, N> random_bytes() {
  std::array<std::uint8_t, N> bytes{};
  fill_random(bytes);
  return bytes;
}

}  // namespace gateway
