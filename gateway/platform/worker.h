#pragma once
// A thread with a bounded queue of tasks.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <stop_token>
#include <thread>
#include <utility>

#include "gateway/platform/locked.h"
#include "gateway/platform/log.h"

namespace gateway {

// Thread-safe. Tasks are handled one at a time, in order. The destructor handles the queued tasks,
// then joins the thread.
template <class Task>
class Worker {
 public:
  // `handle` is called on the worker's thread. An exception is logged as a `fault`, and loses only
  // that task.
  Worker(std::size_t max_waiting, std::function<void(Task&)> handle)
      : max_waiting_(max_waiting),
        handle_(std::move(handle)),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Does not block. Returns false and drops the task if the queue is full.
  bool push(Task task) {
    auto waiting = waiting_.lock();
    if (waiting->size() >= max_waiting_) return false;
    waiting->push_back(std::move(task));
    changed_.notify_one();
    return true;
  }

 private:
  void run(const std::stop_token& stop) {
    auto waiting = waiting_.lock();
    // After a stop, the thread runs until the queue is empty.
    while (waiting.wait(changed_, stop, [&] { return !waiting->empty(); })) {
      Task task = std::move(waiting->front());
      waiting->pop_front();
      waiting.unlock();
      try {
        handle_(task);
      } catch (const std::exception& fault) {
        log(Level::error, "fault", {{"error", fault.what()}});
      }
      waiting.lock();
    }
  }

  const std::size_t max_waiting_;
  const std::function<void(Task&)> handle_;
  std::condition_variable_any changed_;
  Locked<std::deque<Task>> waiting_;
  std::jthread thread_;
};

}  // namespace gateway
