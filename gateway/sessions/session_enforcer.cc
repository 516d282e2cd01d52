#include "gateway/sessions/session_enforcer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "auth/credential/credential.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookInterval = 1s;  // whether the connection is still there
constexpr auto kReconnectDelay = 200ms;
constexpr auto kDrainTimeout = 2s;

Now read_clocks() {
  return {.steady = std::chrono::steady_clock::now(), .wall = now_in_microseconds()};
}

}  // namespace

SessionEnforcer::SessionEnforcer(const NatsConfig& config, const NatsLogin& login,
                                 const Shared& shared, Rules rules, Members members)
    : shared_(shared),
      rules_(std::move(rules)),
      admission_(shared.sessions, shared.server_timeout),
      followed_(shared.journal),
      enforcement_(shared.sessions, shared.server_timeout, std::move(members)),
      connection_(
          {.config = config,
           .login = login,
           .lame_ducks = shared.lame_ducks,
           .links = shared.links},
          [this](SystemConnection::SystemMessage message) {
            push([this, message = std::move(message)] {
              enforcement_.on_message(message, read_clocks(), rules_);
            });
          },
          [this] { push([] {}); },
          [this](const std::string& server_id, bool up) {
            push([this, server_id, up] { enforcement_.on_link(server_id, up, read_clocks()); });
          }),
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

void SessionEnforcer::close_all(const std::string& credential, ClosingPart closing) {
  const Now changed = read_clocks();
  push([this, credential, changed, remembered = shared_.sessions.of(credential),
        closing = std::move(closing)] {
    enforcement_.close_all(credential, remembered, changed, closing);
  });
}

// A few at a time. Those of credentials are closed before.
void SessionEnforcer::close_role(const store::Entry& entry, const Now& changed) {
  push([this, role_id = entry.id, changed, closing = closings_.begin(entry)] {
    enforcement_.close_role(role_id, changed, closing);
  });
}

ClosingReport SessionEnforcer::closing(const std::string& credential,
                                       std::uint64_t sequence) const {
  ClosingReport report{.connected = shared_.state.get().up};
  if (followed_ < sequence) return report;
  if (const auto found = closings_.find(credential, sequence)) {
    report.is = found->get();
  } else if (auth::has_id_form(credential)) {
    report.is.open = shared_.sessions.of(credential).size();
    report.is.done = report.is.settled = knows_servers_ && report.is.open == 0;
  }
  return report;
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
      close_all(entry.id, closings_.begin(entry));
      break;
    case store::Action::kick_role:
      close_role(entry, read_clocks());
      break;
    case store::Action::update:
    case store::Action::rotate:
    case store::Action::resume:
      review(entry.id);
      break;
    case store::Action::create:
    case store::Action::rehash:
    case store::Action::prune:
    case store::Action::restore:
    case store::Action::create_role:
    case store::Action::update_role:
    case store::Action::delete_role:
      break;
  }
  followed_ = entry.sequence;
}

void SessionEnforcer::on_earlier(const store::Entry& entry) {
  if (entry.action == store::Action::kick_role) close_role(entry, latest(entry.at, read_clocks()));
}

void SessionEnforcer::drain() {
  auto queue = queue_.lock();
  queue->draining = queue->busy = true;
  queue->tasks.emplace_back([] {});  // wakes the thread, which then says whether it is busy
  changed_.notify_all();
  queue.wait_until(changed_, {}, Clock::now() + kDrainTimeout,
                   [&queue] { return queue->tasks.empty() && !queue->busy; });
  queue->drained = true;
  connection_.request_stop();
}

SessionEnforcer::Clock::time_point SessionEnforcer::wake_at() const {
  const Now now = read_clocks();
  if (!connection_.up()) return now.steady + kReconnectDelay;
  return std::min(now.steady + kLookInterval, enforcement_.next_due(now));
}

void SessionEnforcer::listen() {
  enforcement_.on_disconnected();
  admission_.on_disconnected();
  const bool up = connection_.listen();
  shared_.state.set(up, connection_.url(), now_in_seconds());
  if (!up) return;
  const Now now = read_clocks();
  enforcement_.on_connected(now);
  admission_.on_connected(now.steady);
}

void SessionEnforcer::work() {
  if (!connection_.up()) {
    if (queue_.lock()->drained) return;
    listen();
  }
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
  knows_servers_ = enforcement_.knows_servers();
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
