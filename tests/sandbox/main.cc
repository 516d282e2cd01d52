// Runs a program under the system call filters that systemd would put on it for a unit, where no
// systemd runs: SystemCallFilter=, SystemCallErrorNumber=, SystemCallArchitectures=,
// RestrictAddressFamilies=, RestrictNamespaces=, MemoryDenyWriteExecute=, LockPersonality=.
//
// usage: sandbox PROGRAM [ARGUMENT...]
// SANDBOX_UNIT names another unit than systemd/credgate.service. Exit status 125: not started.

#include <cerrno>
#include <cstring>
#include <exception>
#include <iostream>

#include <unistd.h>

#include "tests/sandbox/filters.h"
#include "tests/sandbox/unit.h"

namespace {

constexpr int kNotStarted = 125;

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: sandbox PROGRAM [ARGUMENT...]\n";
    return kNotStarted;
  }
  try {
    const char* other = std::getenv("SANDBOX_UNIT");
    const sandbox::Unit unit = sandbox::read_unit(
        other != nullptr ? other : CREDGATE_SOURCE_DIR "/systemd/credgate.service");
    sandbox::confine(unit, sandbox::call_sets());
  } catch (const std::exception& error) {
    std::cerr << "sandbox: " << error.what() << '\n';
    return kNotStarted;
  }
  execvp(argv[1], argv + 1);
  std::cerr << "sandbox: " << argv[1] << ": " << std::strerror(errno) << '\n';
  return kNotStarted;
}
