#include <cstdio>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/cli/cli.h"

namespace {

// Reading beyond the end of a truncated data file: nothing can be trusted from here on, least of
// all a decision that is on its way. Only async-signal-safe calls.
extern "C" void on_bus_error(int /*signal*/) {
  constexpr std::string_view kMessage =
      "credgate: the store's data file is too short (it was truncated, or the disk fails); restore "
      "it from a backup\n";
  // Where nobody reads it, a write would keep the process, and what it decides, alive.
  pollfd standard_error{STDERR_FILENO, POLLOUT, 0};
  if (poll(&standard_error, 1, 0) == 1)
    static_cast<void>(write(STDERR_FILENO, kMessage.data(), kMessage.size()) < 0);
  _exit(1);
}

// Else the next file that is opened gets the number, and what is printed, a secret, goes into the
// store. What stands there instead refuses to be written or read: so nobody is told that a secret
// was printed.
bool fill_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (!fill_standard_streams()) return 1;
  // A core would hold keys and passwords.
  const rlimit no_core{0, 0};
  static_cast<void>(setrlimit(RLIMIT_CORE, &no_core));
  // on_bus_error() cannot flush: each line is out once it is whole.
  static_cast<void>(setvbuf(stdout, nullptr, _IOLBF, BUFSIZ));
  static_cast<void>(signal(SIGBUS, on_bus_error));
  if (sodium_init() < 0) return 1;
  return gateway::cli::run(argc, argv);
}
