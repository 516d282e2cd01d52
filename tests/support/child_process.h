#pragma once
// A program in a process of its own, spoken to in lines. It is killed when its owner goes.

#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

class ChildProcess {
 public:
  ChildProcess(std::string program, std::vector<std::string> arguments) {
    std::vector<char*> words{program.data()};
    for (auto& argument : arguments)
      words.push_back(argument.data());
    words.push_back(nullptr);
    // A dead child is the test's failure and not the runner's end.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    int in[2];
    int out[2];
    // Closed on exec: a pipe that a sibling had inherited would never end.
    check(pipe2(in, O_CLOEXEC), "pipe");
    check(pipe2(out, O_CLOEXEC), "pipe");
    pid_ = fork();
    if (pid_ == 0) {
      // From here to exec nothing but system calls.
      if (dup2(in[0], STDIN_FILENO) < 0 || dup2(out[1], STDOUT_FILENO) < 0) _exit(126);
      execv(program.c_str(), words.data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
    check(pid_, "fork");
  }
  ~ChildProcess() {
    kill();
    if (to_ >= 0) close(to_);
    close(from_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void write_line(const std::string& line) {
    const std::string text = line + "\n";
    check(::write(to_, text.data(), text.size()), "write to the child");
  }
  // The next line; absent where the child has closed its output. Throws where it says nothing for
  // too long.
  std::optional<std::string> read_line() {
    while (buffer_.find('\n') == std::string::npos) {
      if (!read_more()) return std::nullopt;
    }
    const std::string line = buffer_.substr(0, buffer_.find('\n'));
    buffer_.erase(0, line.size() + 1);
    return line;
  }
  std::vector<std::string> read_all_lines() {
    std::vector<std::string> lines;
    while (auto line = read_line())
      lines.push_back(std::move(*line));
    return lines;
  }
  // Writes a question and reads its answer.
  std::optional<std::string> ask(const std::string& question) {
    write_line(question);
    return read_line();
  }

  void signal(int number) const { check(::kill(pid_, number), "kill"); }
  // SIGKILL, and waits until it is gone.
  void kill() {
    if (status_) return;
    ::kill(pid_, SIGKILL);
    reap();
  }
  // Waits for its end; the status is wait(2)'s. Its input ends, and so does a child that reads it.
  int wait() {
    if (status_) return *status_;
    if (to_ >= 0) close(to_);
    to_ = -1;
    while (read_more())
      buffer_.clear();
    reap();
    return *status_;
  }

 private:
  void reap() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    status_ = status;
  }
  static void check(std::int64_t result, const char* step) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), step);
  }
  bool read_more() {
    constexpr int kLimitMilliseconds = 60'000;
    pollfd ready{.fd = from_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, kLimitMilliseconds) <= 0) {
      throw std::runtime_error("the child says nothing");
    }
    char bytes[4096];
    const ssize_t size = read(from_, bytes, sizeof bytes);
    if (size <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(size));
    return true;
  }

  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string buffer_;
  std::optional<int> status_;
};
