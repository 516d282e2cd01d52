#include "gateway/cli/setup/server_program.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/platform/fd.h"

namespace gateway::cli {
namespace {

constexpr int kPatienceMs = 3000;

// Not in a directory that depends on where the command runs: others may write there.
std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream directories{path == nullptr ? "" : path};
  for (std::string directory; std::getline(directories, directory, ':');) {
    if (!directory.starts_with('/')) continue;
    const std::string file = std::filesystem::path(directory) / name;
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

// What it writes first: a version is short, and comes at once.
std::string first_output(int from) {
  std::array<char, 256> text{};
  pollfd ready{.fd = from, .events = POLLIN, .revents = 0};
  if (poll(&ready, 1, kPatienceMs) != 1) return "";
  const ssize_t size = read(from, text.data(), text.size());
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "";
}

std::string version_output(std::string file) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return "";
  const Fd from{ends[0]};
  Fd to{ends[1]};
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, to.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string option = "--version";
  const std::array<char*, 3> words{file.data(), option.data(), nullptr};
  pid_t child = 0;
  const int failed = posix_spawn(&child, file.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  to = Fd{};
  if (failed != 0) return "";
  std::string text = first_output(from.get());
  kill(child, SIGKILL);  // it has said what it was asked
  waitpid(child, nullptr, 0);
  return text;
}

}  // namespace

std::optional<ServerVersion> version_of_program(const std::string& name) {
  const std::string file = find_program(name);
  if (file.empty()) return std::nullopt;
  // "nats-server: v2.10.27"
  const std::string text = version_output(file);
  constexpr std::string_view kBefore = "nats-server: ";
  if (!text.starts_with(kBefore)) return std::nullopt;
  return read_server_version(text.substr(kBefore.size(), text.find('\n') - kBefore.size()));
}

}  // namespace gateway::cli
