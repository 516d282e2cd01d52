#pragma once
// The nats-server program of this machine.

#include <optional>
#include <string>

#include "gateway/doctor/server_version.h"

namespace gateway::cli {

// What the program of this name says to --version. It is looked up in the absolute directories of
// $PATH. Absent where there is none, or it names no version within a few seconds.
std::optional<ServerVersion> version_of_program(const std::string& name);

}  // namespace gateway::cli
