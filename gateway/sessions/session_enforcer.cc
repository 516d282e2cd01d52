#include "gateway/sessions/session_enforcer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookInterval = 1s;  // whether the connection is still there
constexpr auto kReconnectDelay = 200ms;
constexpr auto kDrainTimeout = 2s;
// Whether its server still answers, and when that is tried again where there is no other.
constexpr auto kPingInterval = 1s;
constexpr auto kPingPatience = 1s;
constexpr auto kRetryHanging = 5s;

Now read_clocks() {
  return {.steady = std::chrono::steady_clock::now(), .wall = now_in_microseconds()};
}

}  // namespace

SessionEnforcer::SessionEnforcer(const NatsConfig& config, const NatsLogin& login,
                                 const Shared& shared, Rules rules)
    : shared_(shared),
      rules_(std::move(rules)),
      admission_(shared.sessions, shared.server_timeout),
      connection_(config, login, shared.lame_ducks,
                  [this](SystemConnection::SystemMessage message) {
                    push([this, message = std::move(message)] {
                      enforcement_.on_message(message, read_clocks(), rules_);
                    });
                  }),
      enforcement_(shared.sessions, shared.server_timeout),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

SessionEnforcer::~SessionEnforcer() {
  thread_.request_stop();
  thread_.join();
}

void SessionEnforcer::push(Task task) {
  queue_.lock()->tasks.push_back(std::move(task));
  changed_.notify_all();
}

bool SessionEnforcer::admit(const Session& session, std::uint32_t max_sessions) {
  const auto verdict = admission_.admit(session, max_sessions, read_clocks());
  if (verdict == Admission::Verdict::refused_count) {
    push(
        [this, credential = session.credential] { enforcement_.count(credential, read_clocks()); });
  }
  return verdict == Admission::Verdict::admitted;
}

void SessionEnforcer::close(Session session) {
  push([this, session = std::move(session)] { enforcement_.close(session, read_clocks()); });
}

void SessionEnforcer::close_all(const std::string& credential) {
  const Now changed = read_clocks();
  push([this, credential, changed, remembered = shared_.sessions.of(credential)] {
    enforcement_.close_all(credential, remembered, changed);
  });
}

void SessionEnforcer::review(const std::string& credential) {
  push([this, credential] { enforcement_.review(credential, read_clocks(), rules_); });
}

void SessionEnforcer::on_change(const store::Entry& entry) {
  switch (entry.action) {
    case store::Action::suspend:
    case store::Action::revoke:
    case store::Action::withdraw:
    case store::Action::kick:
      return close_all(entry.id);
    case store::Action::update:
    case store::Action::rotate:
    case store::Action::resume:
      return review(entry.id);
    case store::Action::create:
    case store::Action::rehash:
    case store::Action::prune:
    case store::Action::restore:
      return;
  }
}

void SessionEnforcer::drain() {
  auto queue = queue_.lock();
  queue->draining = queue->busy = true;
  queue->tasks.emplace_back([] {});  // wakes the thread, which then says whether it is busy
  changed_.notify_all();
  queue.wait_until(changed_, {}, Clock::now() + kDrainTimeout,
                   [&queue] { return queue->tasks.empty() && !queue->busy; });
  queue->drained = true;
}

SessionEnforcer::Clock::time_point SessionEnforcer::wake_at() const {
  const Now now = read_clocks();
  if (!connection_.up()) return now.steady + kReconnectDelay;
  return std::min(now.steady + kLookInterval, enforcement_.next_due(now));
}

bool SessionEnforcer::connect_again() {
  if (!connection_.up()) {
    enforcement_.on_disconnected();
    admission_.on_disconnected();
    shared_.state.set(false, "", now_in_seconds());
  }
  if (!connection_.connect_again()) return false;
  shared_.state.set(true, connection_.url(), now_in_seconds());
  const Now now = read_clocks();
  enforcement_.on_connected(now);
  admission_.on_connected(now.steady);
  return true;
}

// Sessions of the other servers are closed over another one meanwhile.
void SessionEnforcer::leave_hanging(Clock::time_point now) {
  if (!connection_.has_others() || now < next_ping_ || queue_.lock()->drained) return;
  const bool hangs = !connection_.answers(kPingPatience);
  const std::string left = connection_.url();
  if (hangs && connect_again()) log(Level::warning, "server_hangs", {{"url", left}});
  next_ping_ = Clock::now() + (hangs ? kRetryHanging : kPingInterval);
}

void SessionEnforcer::work() {
  if (!connection_.up()) {
    if (queue_.lock()->drained) return;
    connect_again();
  }
  if (connection_.up()) leave_hanging(Clock::now());
  const auto actions = enforcement_.step(read_clocks(), rules_);
  shared_.kicked += actions.kicked;
  for (const Notice& notice : actions.notices) {
    log(notice.level, notice.event,
        {{"id", notice.credential},
         {"server", notice.server},
         {"cid", notice.cid},
         {"error", notice.error}});
  }
  // What is lost with the connection is asked again over the next one.
  for (const Question& question : actions.to_send)
    connection_.ask(question.subject, question.body, question.number);
}

void SessionEnforcer::run(const std::stop_token& stop) {
  // What one fault ends is only that one: the next may be another credential's.
  const auto guarded = [](const auto& task) {
    try {
      task();
    } catch (const std::exception& fault) {
      log(Level::error, "fault", {{"error", fault.what()}});
    }
  };
  while (true) {
    const auto wake = wake_at();
    std::deque<Task> tasks;
    {
      auto queue = queue_.lock();
      queue->busy = queue->draining && enforcement_.busy(Clock::now());
      changed_.notify_all();
      queue.wait_until(changed_, stop, wake, [&queue] { return !queue->tasks.empty(); });
      if (stop.stop_requested()) return;
      tasks.swap(queue->tasks);
      queue->busy = true;
    }
    for (const Task& task : tasks)
      guarded(task);
    guarded([this] { work(); });
  }
}

}  // namespace gateway
