#pragma once
// Versions of nats-server, and which of them have a hole.

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

using ServerVersion = std::array<unsigned, 3>;

// "2.10.27", "v2.12.0-RC.1": what follows the third number does not count. Absent for all else.
std::optional<ServerVersion> read_server_version(std::string_view text);
std::string write_server_version(const ServerVersion& version);

enum class Affected { no, unknown, yes };

// `fixed`: the first version without the hole, of each branch that was mended. A branch that is not
// there has it if it is older than the newest that is. Unknown without a version.
Affected affected(const std::optional<ServerVersion>& version,
                  std::initializer_list<ServerVersion> fixed);

}  // namespace gateway
