#include "gateway/platform/log_queue.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "gateway/platform/log.h"
#include "tests/support/captured.h"
#include "tests/support/catch.h"

using gateway::LogQueue;

namespace {

std::string tell_lost(const std::string& event, std::uint64_t lines) {
  return "lost " + std::to_string(lines) + " of " + event + "\n";
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++n;
  return n;
}

// How many were told as lost, in all.
std::uint64_t told(const std::string& text, const std::string& event) {
  std::uint64_t sum = 0;
  for (auto at = text.find("lost "); at != std::string::npos; at = text.find("lost ", at + 1)) {
    const auto end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    std::uint64_t n = 0;
    std::from_chars(line.data() + 5, line.data() + line.size(), n);
    if (line.ends_with(" of " + event)) sum += n;
  }
  return sum;
}

// A pipe that nobody reads until the test does.
class Pipe {
 public:
  Pipe() {
    signal(SIGPIPE, SIG_IGN);
    REQUIRE(pipe(ends_.data()) == 0);
  }
  ~Pipe() {
    close_reader();
    close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int in() const { return ends_[1]; }
  void close_reader() {
    if (ends_[0] >= 0) close(std::exchange(ends_[0], -1));
  }
  // Reads until `what` has come; gives all that came since the pipe was made.
  const std::string& read_until(const std::string& what) {
    constexpr int kLimit = 20'000;  // ms
    while (text_.find(what) == std::string::npos) {
      pollfd one{ends_[0], POLLIN, 0};
      REQUIRE(poll(&one, 1, kLimit) == 1);
      std::array<char, 65'536> bytes{};
      const ssize_t n = read(ends_[0], bytes.data(), bytes.size());
      REQUIRE(n > 0);
      text_.append(bytes.data(), static_cast<std::size_t>(n));
    }
    return text_;
  }

 private:
  std::array<int, 2> ends_{};
  std::string text_;
};

}  // namespace

TEST_CASE("log_queue: lines come out whole, in their order, and the end waits for them",
          "[platform]") {
  Pipe pipe;
  constexpr int kLines = 10'000;  // 100 KB: more than the pipe holds
  LogQueue queue{pipe.in(), tell_lost};
  for (int i = 0; i < kLines; ++i)
    queue.push("granted", "line " + std::to_string(i) + "\n");
  const std::string text = pipe.read_until("line 9999\n");
  CHECK(queue.stop());
  CHECK(queue.lost() == 0);
  std::string expected;
  for (int i = 0; i < kLines; ++i)
    expected += "line " + std::to_string(i) + "\n";
  CHECK(text == expected);
}

TEST_CASE("log_queue: nobody waits for a reader, each event has its room, and what is lost is told",
          "[platform]") {
  Pipe pipe;
  LogQueue queue{pipe.in(), tell_lost};
  const std::string line = std::string(255, 'x') + "\n";
  constexpr std::size_t kLines = 10'000;  // 2.5 MB: the pipe and the queue hold less
  for (std::size_t i = 0; i < kLines; ++i)
    queue.push("granted", line);
  CHECK(queue.lost() > 0);
  for (int i = 0; i < 100; ++i)
    queue.push("kicked", "kicked " + std::to_string(i) + "\n");
  queue.push("granted", "one more\n");
  CHECK_FALSE(queue.flush());  // after a bounded time

  pipe.read_until("kicked 99\n");
  queue.push("revoked", "the end\n");
  const std::string& text = pipe.read_until("the end\n");
  CHECK(count(text, "kicked ") == 100);
  CHECK(told(text, "granted") == queue.lost());
  CHECK(count(text, line) + count(text, "one more\n") + queue.lost() == kLines + 1);
  CHECK(told(text, "kicked") == 0);
  CHECK(queue.stop());
}

TEST_CASE("log_queue: an end without a reader takes a bounded time", "[platform]") {
  Pipe pipe;
  const auto began = std::chrono::steady_clock::now();
  {
    LogQueue queue{pipe.in(), tell_lost};
    for (int i = 0; i < 1'000; ++i)
      queue.push("granted", std::string(255, 'x') + "\n");
    CHECK_FALSE(queue.stop());
    CHECK_FALSE(queue.stop());
  }
  CHECK(std::chrono::steady_clock::now() - began < 10 * LogQueue::kFlushLimit);
}

TEST_CASE("log_queue: a reader that has gone costs the lines, and nothing else", "[platform]") {
  Pipe pipe;
  pipe.close_reader();
  LogQueue queue{pipe.in(), tell_lost};
  for (int i = 0; i < 10; ++i)
    queue.push("granted", "line\n");
  CHECK(queue.stop());
  CHECK(queue.lost() == 10);
}

TEST_CASE("log_queue: a descriptor that does not block loses no line for it", "[platform]") {
  Pipe pipe;
  REQUIRE(fcntl(pipe.in(), F_SETFL, O_NONBLOCK) == 0);
  LogQueue queue{pipe.in(), tell_lost};
  constexpr int kLines = 1'000;  // 256 KB: four times what the pipe holds
  for (int i = 0; i < kLines; ++i)
    queue.push("granted", std::string(255, 'x') + "\n");
  queue.push("granted", "the end\n");
  CHECK(count(pipe.read_until("the end\n"), "x\n") == kLines);
  CHECK(queue.stop());
}

TEST_CASE("log_queue: a log thread writes what was logged, and after it lines are written directly",
          "[platform]") {
  made::Captured captured{STDERR_FILENO};
  {
    const gateway::LogThread thread;
    gateway::log(gateway::Level::warning, "kicked", {{"id", "a"}});
  }
  gateway::log(gateway::Level::warning, "kicked", {{"id", "b"}});
  const std::string text = captured.end();
  CHECK(text.find("event=kicked id=\"a\"\n") < text.find("event=kicked id=\"b\"\n"));
  CHECK(text.find("event=kicked id=\"b\"\n") != std::string::npos);
}

TEST_CASE("log_queue: whoever logs does not wait for the log's reader, nor does the process' end",
          "[platform]") {
  const std::uint64_t lost_before = gateway::log_lines_lost();
  made::Captured captured{STDERR_FILENO};
  {
    const gateway::LogThread thread;
    for (int i = 0; i < 10'000; ++i)
      gateway::log(gateway::Level::info, "granted", {{"id", std::string(255, 'x')}});
    gateway::log(gateway::Level::warning, "kicked", {{"id", "a"}});
  }
  CHECK(gateway::log_lines_lost() > lost_before);
  // Standard error leads nowhere now: this would wait for ever.
  for (int i = 0; i < 1'000; ++i)
    gateway::log(gateway::Level::info, "granted", {{"id", std::string(255, 'x')}});
  static_cast<void>(captured.end());
}
