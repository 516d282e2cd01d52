#pragma once
// What is written to a file descriptor meanwhile.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <poll.h>
#include <unistd.h>

#include "tests/support/catch.h"

namespace made {

class Captured {
 public:
  explicit Captured(int fd) : fd_(fd), kept_(dup(fd)) {
    REQUIRE(pipe(ends_.data()) == 0);
    REQUIRE(dup2(ends_[1], fd_) == fd_);
    close(ends_[1]);
  }
  ~Captured() {
    restore();
    close(ends_[0]);
  }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;

  // Returns once this has come.
  void wait_for(std::string_view what) {
    constexpr int kLimit = 20'000;  // ms
    while (text_.find(what) == std::string::npos) {
      pollfd one{ends_[0], POLLIN, 0};
      REQUIRE(poll(&one, 1, kLimit) == 1);
      REQUIRE(read_some());
    }
  }
  // What came until now; it ends here.
  std::string end() {
    restore();
    while (read_some())
      continue;
    return text_;
  }

 private:
  void restore() {
    if (kept_ < 0) return;
    dup2(kept_, fd_);
    close(kept_);
    kept_ = -1;
  }
  bool read_some() {
    std::array<char, 4096> bytes{};
    const ssize_t n = read(ends_[0], bytes.data(), bytes.size());
    if (n > 0) text_.append(bytes.data(), static_cast<std::size_t>(n));
    return n > 0;
  }
  int fd_;
  int kept_;
  std::string text_;
  std::array<int, 2> ends_{};
};

}  // namespace made
