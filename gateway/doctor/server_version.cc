#include "gateway/doctor/server_version.h"

#include <algorithm>
#include <charconv>

namespace gateway {

std::optional<ServerVersion> read_server_version(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  ServerVersion version{};
  for (std::size_t i = 0; i < version.size(); ++i) {
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, version.at(i));
    if (read.ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (i + 1 == version.size()) break;
    if (!text.starts_with('.')) return std::nullopt;
    text.remove_prefix(1);
  }
  if (!text.empty() && text.front() != '-' && text.front() != '+') return std::nullopt;
  return version;
}

std::string write_server_version(const ServerVersion& version) {
  return std::to_string(version[0]) + "." + std::to_string(version[1]) + "." +
         std::to_string(version[2]);
}

Affected affected(const std::optional<ServerVersion>& version,
                  std::span<const ServerVersion> fixed) {
  if (!version) return Affected::unknown;
  const bool mended = std::ranges::any_of(fixed, [&](const ServerVersion& first) {
    return first[0] == (*version)[0] && first[1] == (*version)[1] && *version >= first;
  });
  return mended || *version >= std::ranges::max(fixed) ? Affected::no : Affected::yes;
}

Affected affected(const std::optional<ServerVersion>& version,
                  std::initializer_list<ServerVersion> fixed) {
  return affected(version, std::span{fixed.begin(), fixed.size()});
}

}  // namespace gateway
