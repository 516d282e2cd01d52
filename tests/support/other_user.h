#pragma once
// Another user of the machine, who owns a directory in which root works, and exchanges what root
// makes there. Only root can act against one.

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/platform/privileges.h"
#include "tests/support/temp_dir.h"

namespace made {

inline constexpr gateway::Owner kOtherUser{.uid = 65'534, .gid = 65'534};  // nobody

inline void check_call(int result, const char* call) {
  if (result < 0) throw std::runtime_error(call);
}

// A directory of that user; without root, of this one.
class OthersDir {
 public:
  OthersDir() {
    if (geteuid() != 0) return;
    check_call(chown(path().c_str(), kOtherUser.uid, kOtherUser.gid), "chown");
  }
  const std::filesystem::path& path() const { return dir_.path(); }

 private:
  TempDir dir_;
};

// What root alone may read, in a directory that root alone may enter.
class RootOnly {
 public:
  RootOnly() {
    std::ofstream{file()} << "root's";
    check_call(chmod(file().c_str(), 0600), "chmod");
  }
  const std::filesystem::path& directory() const { return dir_.path(); }
  std::filesystem::path file() const { return directory() / "file"; }

  // Nothing was given away, changed, or added.
  bool untouched() const {
    const auto is_ours = [](const std::filesystem::path& path, mode_t mode) {
      struct stat s{};
      return lstat(path.c_str(), &s) == 0 && s.st_uid == 0 && s.st_gid == 0 && s.st_mode == mode;
    };
    std::ifstream in{file()};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const auto entries = std::distance(std::filesystem::directory_iterator{directory()}, {});
    return is_ours(directory(), S_IFDIR | 0700) && is_ours(file(), S_IFREG | 0600) &&
           text == "root's" && entries == 1;
  }

 private:
  TempDir dir_;
};

// A process of that user, which puts links in place of files all the time until it is killed.
class LinkSwapper {
 public:
  // `links`: path and target.
  explicit LinkSwapper(std::vector<std::pair<std::string, std::string>> links)
      : links_(std::move(links)) {
    for (const auto& link : links_)
      asides_.push_back(link.first + ".aside");
    std::array<int, 2> ready{};
    check_call(pipe(ready.data()), "pipe");
    pid_ = fork();
    if (pid_ == 0) swap_for_ever(ready[1]);
    char byte = 0;
    const bool started = read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    close(ready[1]);
    if (!started) throw std::runtime_error("the other user's process did not start");
  }
  ~LinkSwapper() {
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  LinkSwapper(const LinkSwapper&) = delete;
  LinkSwapper& operator=(const LinkSwapper&) = delete;

 private:
  // Between fork and its end nothing but system calls.
  [[noreturn]] void swap_for_ever(int ready) const {
    if (setgid(kOtherUser.gid) != 0 || setuid(kOtherUser.uid) != 0) _exit(1);
    if (write(ready, "r", 1) != 1) _exit(1);
    for (;;) {
      for (std::size_t i = 0; i < links_.size(); ++i) {
        const char* path = links_[i].first.c_str();
        if (rename(path, asides_[i].c_str()) != 0) continue;
        static_cast<void>(symlink(links_[i].second.c_str(), path));
      }
    }
  }

  std::vector<std::pair<std::string, std::string>> links_;
  std::vector<std::string> asides_;
  pid_t pid_ = -1;
};

}  // namespace made
