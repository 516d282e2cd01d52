#pragma once
// The daemon's log lines on their way to standard error. write(2) to a pipe, or to journald, waits
// while nobody reads. So a thread of its own writes, and whoever logs does not wait.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace gateway {

// Thread-safe.
class LogQueue {
 public:
  // Of the waiting lines of one event; those that do not fit are lost, and counted. Each event has
  // room of its own: strangers, who can cause some of them as often as they like, take the room of
  // no other. The events are of a closed set.
  static constexpr std::size_t kMaxBytes = std::size_t{512} * 1024;
  static constexpr std::chrono::milliseconds kFlushLimit{1000};
  // A write to a pipe is not mixed with those of other processes up to this size (PIPE_BUF).
  static constexpr std::size_t kMaxWrite = 4096;

  // Makes the line that says how many lines of an event were lost. Called on the queue's thread.
  using TellLost = std::function<std::string(const std::string& event, std::uint64_t lines)>;

  // Writes to a duplicate of `fd`, in the order in which lines are pushed. The lost ones are told
  // once the lines before them are written, or each second.
  LogQueue(int fd, TellLost tell_lost);
  // Calls stop().
  ~LogQueue();
  LogQueue(const LogQueue&) = delete;
  LogQueue& operator=(const LogQueue&) = delete;

  // `line` ends with a newline. Does not wait.
  void push(std::string_view event, std::string line);
  // Waits until every line is written, for kFlushLimit at most. False where some are not. Takes no
  // lock, so that a process which ends in the middle of something can call it.
  bool flush() const;
  // Flushes, and ends the thread. Where nobody reads (false), the thread is left behind in its
  // write, and ends when that returns. Nothing may be pushed afterwards. Not thread-safe.
  bool stop();

  // Lines that were lost so far.
  std::uint64_t lost() const;

 private:
  struct State;
  static void run(State& state, const std::stop_token& stop);

  const std::shared_ptr<State> state_;  // shared with the thread, which may be left behind
  std::jthread thread_;
  bool all_written_ = false;
};

}  // namespace gateway
