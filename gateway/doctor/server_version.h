#pragma once
// Versions of nats-server, and which of them have a vulnerability.

#include <array>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gateway {

using ServerVersion = std::array<unsigned, 3>;

// "2.10.27", "v2.12.0-RC.1": anything after the third number is ignored. Absent for anything else.
std::optional<ServerVersion> read_server_version(std::string_view text);
std::string write_server_version(const ServerVersion& version);

enum class Affected { no, unknown, yes };

// `fixed`: for each fixed branch, the first version without the problem. A branch that is not
// listed has the problem if it is older than the newest listed one. Unknown without a version.
Affected affected(const std::optional<ServerVersion>& version,
                  std::span<const ServerVersion> fixed);
Affected affected(const std::optional<ServerVersion>& version,
                  std::initializer_list<ServerVersion> fixed);

}  // namespace gateway
