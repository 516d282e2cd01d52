#include "gateway/sessions/session_enforcer.h"

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include "gateway/platform/clock.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 1s;  // whether the connection is still there
constexpr auto kPause = 200ms;
constexpr auto kDrainTimeout = 2s;
// Requests that were under way at a change are answered within the servers' timeout.
constexpr auto kMargin = 1s;
constexpr auto kAfterKicks = 50ms;
constexpr auto kCountPause = 2s;
constexpr auto kAfterFault = 1s;
constexpr auto kRemember = 1h;
constexpr auto kListening = 2s;  // after a new connection: servers have answered the first question
// For events that were lost, and servers that were out of reach.
constexpr auto kLookThrough = 15min;

}  // namespace

SessionEnforcer::SessionEnforcer(const NatsConfig& config, const NatsLogin& login,
                                 const Shared& shared, Ask ask)
    : shared_(shared),
      ask_(std::move(ask)),
      connection_(config, login, shared.lame_ducks,
                  [this](SystemConnection::SystemMessage message) {
                    hand_in([this, message = std::move(message)] { on_message(message); });
                  }),
      queries_(
          {.ask = [this](const std::string& subject, const std::string& body,
                         std::uint64_t number) { connection_.ask(subject, body, number); },
           .now = [] { return Clock::now(); },
           .may_stay = [this](const Session& connection,
                              bool let_in) { return keeps(connection, let_in); },
           .named = [this](std::string_view server_id, const std::string& credential,
                           const SessionTable::ServerReport& has,
                           Clock::time_point asked) { named(server_id, credential, has, asked); },
           .closed = [this](const Session& connection,
                            bool kicked) { was_closed(connection, kicked); },
           .gone =
               [this](std::string_view server_id) { shared_.sessions.remove_server(server_id); }}),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void SessionEnforcer::log_connection(Level level, std::string_view event,
                                     const Session& connection) const {
  log(level, event,
      {{"id", connection.credential},
       {"server", queries_.name_of(connection.server_id)},
       {"cid", std::to_string(connection.cid)}});
}

SessionEnforcer::~SessionEnforcer() {
  thread_.request_stop();
  thread_.join();
}

void SessionEnforcer::hand_in(Task task) {
  const std::lock_guard lock{mutex_};
  tasks_.push_back(std::move(task));
  changed_.notify_all();
}

// Whatever began before this had been answered at that time.
auth::Instant SessionEnforcer::settled(Clock::time_point at) const {
  const auto ago = std::chrono::floor<std::chrono::microseconds>(Clock::now() - at);
  return now_in_microseconds() - ago - shared_.server_timeout.longest() - kMargin;
}

bool SessionEnforcer::admit(const Session& connection, std::uint32_t most) {
  // While nobody tells of connections, none that was let in is taken for gone.
  const bool listening = Clock::now() >= listening_from_.load();
  if (shared_.sessions.admit(connection, most, listening ? settled() : auth::Instant::min()))
    return true;
  if (!listening) return false;
  const auto now = Clock::now();
  {
    // An event that was lost must not keep a session taken for ever; a client that tries again and
    // again must not have the servers counting all the time.
    const std::lock_guard lock{mutex_};
    std::erase_if(counted_, [now](const auto& last) { return now - last.second > kCountPause; });
    if (!counted_.emplace(connection.credential, now).second) return false;
  }
  hand_in([this, credential = connection.credential, now] { queries_.sweep(credential, now); });
  return false;
}

void SessionEnforcer::close(Session connection) {
  hand_in([this, connection = std::move(connection)] { kick(connection); });
}

void SessionEnforcer::close_all(const std::string& credential) {
  hand_in([this, credential, now = Clock::now(), until = now_in_microseconds(),
           remembered = shared_.sessions.of(credential)] {
    std::erase_if(close_until_,
                  [until](const auto& old) { return old.second < until - kRemember; });
    close_until_.insert_or_assign(credential, until);
    for (const Session& connection : remembered)
      kick(connection);
    // Looking through all their connections keeps the servers from closing these. By then its
    // clients may have come back, as they may unless their record says otherwise.
    const auto soon = remembered.empty() ? now : now + kAfterKicks;
    for (const auto due : {soon, now + shared_.server_timeout.longest() + kMargin})
      queries_.sweep(credential, due);
  });
}

void SessionEnforcer::review(const std::string& credential) {
  hand_in([this, credential] { or_later(credential, [&] { review_now(credential); }); });
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
      return;
  }
}

void SessionEnforcer::drain() {
  std::unique_lock lock{mutex_};
  draining_ = busy_ = true;
  tasks_.emplace_back([] {});  // wakes the thread, which then says whether it is busy
  changed_.notify_all();
  changed_.wait_for(lock, kDrainTimeout, [this] { return tasks_.empty() && !busy_; });
}

// What is not of this store is not ours to close.
bool SessionEnforcer::may_stay(const Session& connection) {
  const auto closed = close_until_.find(connection.credential);
  if (closed != close_until_.end() && connection.began <= closed->second) return false;
  const auto standing = ask_(connection.credential);
  if (!standing) return true;
  if (standing->until) review_at(connection.credential, *standing->until);
  // In the very second of a rotation it may have been either secret.
  return standing->good &&
         (!standing->since || connection.began >= *standing->since + std::chrono::seconds{1});
}

bool SessionEnforcer::keeps(const Session& connection, bool let_in) {
  if (!may_stay(connection)) return false;
  if (let_in) shared_.sessions.add(connection);
  return true;
}

void SessionEnforcer::named(std::string_view server_id, const std::string& credential,
                            const SessionTable::ServerReport& has, Clock::time_point asked) {
  shared_.sessions.keep_only(server_id, credential, has, settled(asked));
  or_later(credential, [&] { close_too_many(credential); });
}

void SessionEnforcer::kick(const Session& connection) {
  // Servers find a leafnode by its number only once it was let in.
  const auto answered = Clock::now() + shared_.server_timeout.longest() + kMargin;
  queries_.kick(connection, connection.leafnode ? answered : Clock::time_point{});
}

void SessionEnforcer::was_closed(const Session& connection, bool kicked) {
  if (kicked) ++shared_.kicked;
  log_connection(kicked ? Level::warning : Level::info, kicked ? "kicked" : "kick_found_none",
                 connection);
  shared_.sessions.remove(connection);
}

void SessionEnforcer::or_later(const std::string& credential, const Task& task) {
  try {
    task();
  } catch (...) {
    review_at(credential, now_in_seconds() + kAfterFault);
    throw;
  }
}

void SessionEnforcer::review_at(const std::string& credential, auth::Time when) {
  auth::Time& at = reviews_.try_emplace(credential, when).first->second;
  at = std::min(at, when);
  next_review_ = std::min(next_review_, at);
}

// Only what has just begun: a lower number holds for the connections that follow.
void SessionEnforcer::close_too_many(const std::string& credential) {
  if (!shared_.sessions.has_too_many(credential)) return;
  // It may have been raised since this daemon last let a connection in.
  const auto standing = ask_(credential);
  if (!standing) return;
  shared_.sessions.allow(credential, standing->max_sessions);
  for (const Session& connection : shared_.sessions.take_too_many(credential, settled())) {
    log_connection(Level::warning, "too_many_sessions", connection);
    kick(connection);
  }
}

void SessionEnforcer::on_event(const SystemConnection::SystemMessage& message) {
  if (const auto server_id = server_shut_down(message.subject); !server_id.empty())
    return queries_.shut_down(server_id);
  const auto event = read_account_event(message.data);
  if (!event || !queries_.met(event->server_id, event->server_name) || !event->connection) return;
  if (message.subject.ends_with(".DISCONNECT")) return shared_.sessions.remove(*event->connection);
  shared_.sessions.add(*event->connection, now_in_microseconds());
  const std::string& credential = event->connection->credential;
  or_later(credential, [&] { close_too_many(credential); });
}

void SessionEnforcer::on_message(const SystemConnection::SystemMessage& message) {
  if (message.subject.empty()) return queries_.take(message);
  on_event(message);
}

void SessionEnforcer::review_now(const std::string& credential) {
  const auto standing = ask_(credential);
  if (!standing) return;
  if (standing->until) review_at(credential, *standing->until);
  if (standing->good && !standing->since) return close_too_many(credential);
  for (const Session& connection : shared_.sessions.of(credential)) {
    if (!may_stay(connection)) kick(connection);
  }
  queries_.sweep(credential, Clock::now());
}

void SessionEnforcer::review_what_is_due() {
  const auto now = now_in_seconds();
  if (now < next_review_) return;
  next_review_ = auth::Time::max();
  std::erase_if(reviews_, [&](const auto& entry) {
    const auto& [credential, at] = entry;
    if (at <= now) {
      review(credential);
    } else {
      next_review_ = std::min(next_review_, at);
    }
    return at <= now;
  });
}

SessionEnforcer::Clock::time_point SessionEnforcer::wake_at() const {
  const auto now = Clock::now();
  if (!connection_.up()) return now + kPause;
  auto due = std::min(now + kLook, queries_.next_due());
  const auto today = now_in_seconds();
  // Nanoseconds may not hold what is far away.
  if (next_review_ < today + kLook) due = std::min(due, now + std::max(next_review_ - today, 0s));
  return due;
}

void SessionEnforcer::work() {
  review_what_is_due();
  if (!connection_.up()) {
    listening_from_ = Clock::time_point::max();
    shared_.state.set(false, "", now_in_seconds());
    if (!connection_.connect_again()) return;
    shared_.state.set(true, connection_.url(), now_in_seconds());
    queries_.start_over();
    look_through_ = Clock::now();
    listening_from_ = Clock::now() + kListening;
  }
  if (look_through_ <= Clock::now()) {
    queries_.sweep("", Clock::now());
    look_through_ = Clock::now() + kLookThrough;
  }
  queries_.send_due();
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
      std::unique_lock lock{mutex_};
      busy_ = draining_ && queries_.open();
      changed_.notify_all();
      changed_.wait_until(lock, stop, wake, [this] { return !tasks_.empty(); });
      if (stop.stop_requested()) return;
      tasks.swap(tasks_);
      busy_ = true;
    }
    for (const Task& task : tasks)
      guarded(task);
    guarded([this] { work(); });
  }
}

}  // namespace gateway
