#include "gateway/platform/log_queue.h"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <map>
#include <stop_token>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "gateway/platform/fd.h"
#include "gateway/platform/locked.h"

namespace gateway {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFlushPoll{5};
// What comes after the first line of a quiet moment is gathered for so long: to be woken for each
// line costs more than to write it.
constexpr std::chrono::milliseconds kGather{2};
constexpr std::chrono::seconds kTellInterval{1};
constexpr int kFirstFd = 3;  // not one of the standard streams, which others write to

// Of one event.
struct Room {
  std::size_t bytes = 0;   // of its waiting lines
  std::uint64_t lost = 0;  // and not told yet
};

struct Line {
  Room* room;
  std::string text;
};

struct Waiting {
  std::deque<Line> lines;
  std::map<std::string, Room, std::less<>> rooms;  // lines point into it: none is ever removed
  Clock::time_point told{};
};

// Whole lines, as many as make one write.
std::vector<Line> take_some(Waiting& waiting) {
  std::vector<Line> some;
  std::size_t bytes = 0;
  while (!waiting.lines.empty()) {
    Line& next = waiting.lines.front();
    bytes += next.text.size();
    if (!some.empty() && bytes > LogQueue::kMaxWrite) break;
    some.push_back(std::move(next));
    waiting.lines.pop_front();
  }
  return some;
}

// What is to be told now: those that were lost have been waited for long enough, or come next.
std::string take_lost(Waiting& waiting, const LogQueue::TellLost& tell_lost) {
  const auto now = Clock::now();
  std::string text;
  if (!waiting.lines.empty() && now < waiting.told + kTellInterval) return text;
  for (auto& [event, room] : waiting.rooms) {
    if (room.lost == 0) continue;
    text += tell_lost(event, std::exchange(room.lost, 0));
    waiting.told = now;
  }
  return text;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      // Whoever shares the open file with us may have set O_NONBLOCK.
      pollfd one{fd, POLLOUT, 0};
      poll(&one, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

struct LogQueue::State {
  State(int fd, TellLost tell)
      : out(fcntl(fd, F_DUPFD_CLOEXEC, kFirstFd)), tell_lost(std::move(tell)) {}

  const Fd out;
  const TellLost tell_lost;
  std::condition_variable_any changed;
  Locked<Waiting> waiting;
  std::atomic<std::uint64_t> unwritten = 0;  // lines that were pushed, and not yet written
  std::atomic<std::uint64_t> lost = 0;
  std::atomic<bool> left_behind = false;
};

LogQueue::LogQueue(int fd, TellLost tell_lost)
    : state_(std::make_shared<State>(fd, std::move(tell_lost))),
      thread_([state = state_](const std::stop_token& stop) { run(*state, stop); }) {}

LogQueue::~LogQueue() {
  stop();
}

void LogQueue::push(std::string_view event, std::string line) {
  const auto waiting = state_->waiting.lock();
  auto at = waiting->rooms.find(event);
  if (at == waiting->rooms.end()) at = waiting->rooms.emplace(event, Room{}).first;
  Room& room = at->second;
  if (room.bytes + line.size() > kMaxBytes) {
    ++room.lost;
    ++state_->lost;
    return;
  }
  room.bytes += line.size();
  ++state_->unwritten;
  waiting->lines.push_back({&room, std::move(line)});
  state_->changed.notify_one();
}

void LogQueue::run(State& state, const std::stop_token& stop) {
  auto waiting = state.waiting.lock();
  const auto some_wait = [&] { return !waiting->lines.empty(); };
  // After a stop, the thread runs until the queue is empty.
  for (bool idle = !some_wait(); waiting.wait(state.changed, stop, some_wait);
       idle = !some_wait()) {
    if (idle && !stop.stop_requested()) {
      waiting.unlock();
      std::this_thread::sleep_for(kGather);
      waiting.lock();
    }
    const std::vector<Line> some = take_some(*waiting);
    waiting.unlock();
    std::string text;
    for (const Line& line : some)
      text += line.text;
    const bool written = write_all(state.out.get(), text);
    if (state.left_behind) return;
    waiting.lock();
    for (const Line& line : some) {
      line.room->bytes -= line.text.size();
      if (!written) ++line.room->lost;
    }
    if (!written) state.lost += some.size();
    const std::string lost = written ? take_lost(*waiting, state.tell_lost) : "";
    waiting.unlock();
    if (!lost.empty()) write_all(state.out.get(), lost);
    state.unwritten -= some.size();
    waiting.lock();
  }
}

bool LogQueue::flush() const {
  const auto end = Clock::now() + kFlushLimit;
  while (state_->unwritten != 0) {
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(kFlushPoll);
  }
  return true;
}

bool LogQueue::stop() {
  if (!thread_.joinable()) return all_written_;
  thread_.request_stop();
  all_written_ = flush();
  if (all_written_) {
    thread_.join();
  } else {
    state_->left_behind = true;
    thread_.detach();
  }
  return all_written_;
}

std::uint64_t LogQueue::lost() const {
  return state_->lost;
}

}  // namespace gateway
