#pragma once
// What is written to a file descriptor meanwhile.

#include <array>
#include <cstddef>
#include <string>

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

  // What came until now; it ends here.
  std::string end() {
    restore();
    std::string text;
    std::array<char, 4096> bytes{};
    for (ssize_t n = 0; (n = read(ends_[0], bytes.data(), bytes.size())) > 0;)
      text.append(bytes.data(), static_cast<std::size_t>(n));
    return text;
  }

 private:
  void restore() {
    if (kept_ < 0) return;
    dup2(kept_, fd_);
    close(kept_);
    kept_ = -1;
  }
  int fd_;
  int kept_;
  std::array<int, 2> ends_{};
};

}  // namespace made
