#include "gateway/sessions/enforcement.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kAfterKicks = 50ms;
constexpr auto kRetryAfterFault = 1s;
constexpr auto kLate = 2s;
constexpr auto kRememberClosings = 1h;
// Nanoseconds may not hold what is far away.
constexpr auto kFarAway = 1h;

auth::Time in_seconds(const Now& now) {
  return std::chrono::floor<std::chrono::seconds>(now.wall);
}

std::vector<ClosingPart> parts_of(const ClosingPart& closing) {
  if (!closing) return {};
  return {closing};
}

}  // namespace

Enforcement::Enforcement(SessionTable& sessions, const ServerTimeout& timeout,
                         RoleClosings::Members members)
    : sessions_(sessions),
      timeout_(timeout),
      roles_(sessions, timeout, queries_, sweeps_, std::move(members)) {}

void Enforcement::note(Level level, std::string_view event, const Session& session) {
  actions_.notices.push_back({.level = level,
                              .event = event,
                              .credential = session.credential,
                              .server = queries_.name_of(session.server_id),
                              .cid = std::to_string(session.cid)});
}

void Enforcement::note_fault(const std::exception& fault) {
  actions_.notices.push_back({.level = Level::error, .event = "fault", .error = fault.what()});
}

template <class Act>
void Enforcement::guard(const std::string& credential, const Now& now, Act act) {
  try {
    act();
  } catch (const std::exception& fault) {
    note_fault(fault);
    review_at(credential, in_seconds(now) + kRetryAfterFault);
  }
}

void Enforcement::kick(const Session& session, TimePoint now, const ClosingPart& closing) {
  queries_.kick(session, now, unknown_until(session, now, timeout_), parts_of(closing));
}

void Enforcement::close(const Session& session, const Now& now) {
  kick(session, now.steady);
}

void Enforcement::close_all(const std::string& credential, const std::vector<Session>& remembered,
                            const Now& changed, const ClosingPart& closing) {
  std::erase_if(close_until_,
                [&](const auto& old) { return old.second < changed.wall - kRememberClosings; });
  close_until_.insert_or_assign(credential, changed.wall);
  if (closing) {
    Late& late = late_of(credential, changed.steady);
    for (const Session& session : late.kicked)
      closing.closing()->gone(session, true);
    late = {.at = changed.steady, .closing = closing.closing()};
  }
  for (const Session& session : remembered)
    kick(session, changed.steady, closing);
  // Looking through all their sessions keeps the servers from closing these. By then its clients
  // may have come back, as they may unless their record says otherwise.
  const auto soon = remembered.empty() ? changed.steady : changed.steady + kAfterKicks;
  queries_.sweep(credential, soon, parts_of(closing));
  queries_.sweep(credential, changed.steady + timeout_.longest() + kClockMargin);
}

Enforcement::Late& Enforcement::late_of(const std::string& credential, TimePoint now) {
  std::erase_if(late_, [&](const auto& old) { return now - old.second.at > kLate; });
  return late_.try_emplace(credential, Late{.at = now}).first->second;
}

void Enforcement::count_kicked(const Session& session, TimePoint now) {
  Late& late = late_of(session.credential, now);
  if (late.closing) return late.closing->gone(session, true);
  late.kicked.push_back(session);
}

void Enforcement::count(const std::string& credential, const Now& now) {
  queries_.sweep(credential, now.steady);
}

void Enforcement::review(const std::string& credential, const Now& now, const Rules& rules) {
  guard(credential, now, [&] { review_now(credential, now, rules); });
}

void Enforcement::review_now(const std::string& credential, const Now& now, const Rules& rules) {
  const auto standing = rules(credential);
  if (!standing) return;
  if (standing->until) review_at(credential, *standing->until);
  if (standing->good && !standing->since) return close_too_many(credential, now, rules);
  for (const Session& session : sessions_.of(credential)) {
    if (!fate_of(session, rules).stays) kick(session, now.steady);
  }
  queries_.sweep(credential, now.steady);
}

void Enforcement::review_at(const std::string& credential, auth::Time at) {
  auth::Time& known = reviews_.try_emplace(credential, at).first->second;
  known = std::min(known, at);
  next_review_ = std::min(next_review_, known);
}

void Enforcement::review_due(const Now& now, const Rules& rules) {
  const auto today = in_seconds(now);
  if (today < next_review_) return;
  next_review_ = auth::Time::max();
  std::vector<std::string> due;
  std::erase_if(reviews_, [&](const auto& review) {
    const auto& [credential, at] = review;
    if (at <= today) {
      due.push_back(credential);
    } else {
      next_review_ = std::min(next_review_, at);
    }
    return at <= today;
  });
  for (const std::string& credential : due)
    review(credential, now, rules);
}

// Credentials of other stores are left alone.
Enforcement::Fate Enforcement::fate_of(const Session& session, const Rules& rules) {
  const auto closed = close_until_.find(session.credential);
  if (closed != close_until_.end() && session.began <= closed->second) return {.stays = false};
  auto standing = rules(session.credential);
  if (!standing) return {};
  if (standing->until) review_at(session.credential, *standing->until);
  // In the very second of a rotation it may have been either secret.
  const bool stays = standing->good && (!standing->since || session.began >= *standing->since + 1s);
  return {.stays = stays, .roles = std::move(standing->roles)};
}

// Only what has just begun: a lower number holds for the sessions that follow.
void Enforcement::close_too_many(const std::string& credential, const Now& now,
                                 const Rules& rules) {
  if (!sessions_.has_too_many(credential)) return;
  // It may have been raised since this daemon last let a session in.
  const auto standing = rules(credential);
  if (!standing) return;
  sessions_.allow(credential, standing->max_sessions);
  const auto from = settled(now, now.steady, timeout_);
  for (const Session& session : sessions_.take_too_many(credential, from)) {
    note(Level::warning, "too_many_sessions", session);
    kick(session, now.steady);
  }
}

void Enforcement::on_connected(const Now& now) {
  connected_ = true;
  queries_.start_over(now.steady);
  sweeps_.start_over(now.steady);
}

void Enforcement::on_message(const SystemConnection::SystemMessage& message, const Now& now,
                             const Rules& rules) {
  if (message.subject.empty()) return on_reply(message, now, rules);
  on_event(message, now, rules);
}

void Enforcement::on_reply(const SystemConnection::SystemMessage& message, const Now& now,
                           const Rules& rules) {
  const auto keep = [&](const Session& session, bool let_in) {
    const Fate fate = fate_of(session, rules);
    // It is known by now, even where its server's clock is ahead.
    if (fate.stays && let_in) sessions_.add(session, std::min(session.began, now.wall));
    // Who is not let in yet is looked for again.
    if (let_in) roles_.on_session(session, fate.roles, now.steady);
    return fate.stays;
  };
  try {
    apply(queries_.on_reply(message, now.steady, keep), now, rules);
  } catch (const std::exception& fault) {
    note_fault(fault);
  }
}

void Enforcement::on_event(const SystemConnection::SystemMessage& message, const Now& now,
                           const Rules& rules) {
  if (const auto server_id = server_shut_down(message.subject); !server_id.empty())
    return apply(queries_.on_shutdown(server_id), now, rules);
  const auto event = read_account_event(message.data);
  if (!event || !queries_.observe_server(event->server_id, event->server_name, now.steady)) return;
  if (!event->session) return;
  if (message.subject.ends_with(".DISCONNECT")) {
    // A login that was never let in is not a session.
    const bool was_there = event->session->confirmed || sessions_.has_confirmed(*event->session);
    if (event->kicked && was_there) count_kicked(*event->session, now.steady);
    return sessions_.remove(*event->session);
  }
  sessions_.add(*event->session, now.wall);
  const std::string& credential = event->session->credential;
  guard(credential, now, [&] { close_too_many(credential, now, rules); });
}

void Enforcement::on_closed(const ServerQueries::Closed& closed) {
  if (closed.kicked) ++actions_.kicked;
  for (const ClosingPart& closing : closed.of)
    closing->gone(closed.session, closed.was_there);
  note(closed.kicked ? Level::warning : Level::info, closed.kicked ? "kicked" : "kick_found_none",
       closed.session);
  sessions_.remove(closed.session);
}

void Enforcement::on_report(const ServerQueries::Reported& reported, const Now& now,
                            const Rules& rules) {
  sessions_.keep_only(reported.server_id, reported.credential, reported.report,
                      settled(now, reported.asked, timeout_));
  guard(reported.credential, now, [&] { close_too_many(reported.credential, now, rules); });
}

void Enforcement::apply(ServerQueries::Actions actions, const Now& now, const Rules& rules) {
  std::ranges::move(actions.to_send, std::back_inserter(actions_.to_send));
  std::ranges::move(actions.notices, std::back_inserter(actions_.notices));
  for (const std::string& server_id : actions.gone) {
    sessions_.remove_server(server_id);
    roles_.forget_server(server_id);
  }
  for (const ServerQueries::Closed& closed : actions.closed)
    on_closed(closed);
  for (const ServerQueries::Reported& reported : actions.reported)
    on_report(reported, now, rules);
}

Enforcement::Actions Enforcement::step(const Now& now, const Rules& rules) {
  review_due(now, rules);
  try {
    roles_.step(now);
  } catch (const std::exception& fault) {
    note_fault(fault);
  }
  if (connected_) {
    if (const auto waiting = sweeps_.take(now.steady)) queries_.sweep("", now.steady, *waiting);
    apply(queries_.step(now.steady), now, rules);
  }
  return std::exchange(actions_, {});
}

Enforcement::TimePoint Enforcement::next_due(const Now& now) const {
  auto due = roles_.next_due();
  if (connected_) due = std::min({due, sweeps_.next_due(), queries_.next_due()});
  if (next_review_ < in_seconds(now) + kFarAway) {
    const auto until = std::max(next_review_ - in_seconds(now), 0s);
    due = std::min(due, now.steady + until);
  }
  return due;
}

}  // namespace gateway
