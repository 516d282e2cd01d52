#include "gateway/cli/nats_config_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "gateway/admin/operation_error.h"
#include "gateway/cli/files.h"

namespace gateway::cli {

NatsValue read_nats_config_file(const std::string& file) {
  const auto text = read_text(file);
  if (!text)
    throw OperationError(Code::no_input, file + ": cannot be read: " + std::strerror(errno));
  const NatsSurroundings around{
      .read_file = read_text,
      .environment = [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        return value != nullptr ? std::optional{std::string(value)} : std::nullopt;
      }};
  return read_nats_config(*text, file, around);
}

}  // namespace gateway::cli
