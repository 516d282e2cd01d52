// Makes one call that the sandbox shuts, and prints what came of it: "done", or the error. For
// filter_test.sh, with the filters and without.

#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

bool new_namespace_by_clone() {
  const long child = syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) _exit(0);
  return child > 0 && waitpid(static_cast<pid_t>(child), nullptr, 0) == child;
}

bool made_executable() {
  void* page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

const std::map<std::string, std::function<bool()>> kCalls = {
    {"open-socket", [] { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }},
    {"netlink", [] { return socket(AF_NETLINK, SOCK_RAW, 0) >= 0; }},
    {"packet", [] { return socket(AF_PACKET, SOCK_DGRAM, 0) >= 0; }},
    {"unshare", [] { return unshare(CLONE_NEWUTS) == 0; }},
    {"clone", new_namespace_by_clone},
    {"mount", [] { return mount("none", "/proc/none", "tmpfs", 0, nullptr) == 0; }},
    {"chown", [] { return chown(".", getuid(), getgid()) == 0; }},
    {"setuid", [] { return setuid(getuid()) == 0; }},
    {"setpriority", [] { return setpriority(PRIO_PROCESS, 0, 1) == 0; }},
    {"sched_setscheduler",
     [] {
       const sched_param parameter{};
       return sched_setscheduler(0, SCHED_BATCH, &parameter) == 0;
     }},
    {"keyctl", [] { return syscall(SYS_keyctl, 0, -1, 0) >= 0; }},
    {"personality", [] { return personality(ADDR_NO_RANDOMIZE) >= 0; }},
    {"writable-code",
     [] {
       return mmap(nullptr, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
              MAP_FAILED;
     }},
    {"executable-later", made_executable},
    {"not-yet-invented", [] { return syscall(4095) >= 0; }},
#ifdef __x86_64__
    // The numbers of the x32 architecture, which a filter of numbers alone would not know.
    {"foreign", [] { return syscall(0x40000000L + SYS_getpid) > 0; }},
#endif
};

}  // namespace

int main(int argc, char** argv) {
  const auto call = argc == 2 ? kCalls.find(argv[1]) : kCalls.end();
  if (call == kCalls.end()) {
    std::cerr << "usage: probe CALL\n";
    return 2;
  }
  errno = 0;
  std::cout << (call->second() ? "done" : std::strerror(errno)) << '\n';
  return 0;
}
