#include "gateway/closer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <nlohmann/json.hpp>

#include "auth/credential.h"
#include "auth/json_read.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kAnswerTimeout = 1s;
constexpr auto kPause = 200ms;
constexpr auto kDrainTimeout = 2s;
// Requests that were under way at a change are answered within the servers' timeout.
constexpr auto kMargin = 1s;
constexpr auto kAfterKicks = 50ms;
constexpr auto kCountPause = 2s;
// A server that no server of the cluster has reached for so many tries is gone, and its connections
// with it.
constexpr int kMostTries = 50;
// Connections that end between two pages move the others up.
constexpr std::uint64_t kStep = kConnzPage - 64;

auth::Instant instant_now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

const auth::Json& server_of(const auth::Json& answer) {
  return auth::member(answer, "server");
}

}  // namespace

Closer::Closer(const NatsConfig& config, const NatsLogin& login, Counters& counters, Live& live,
               Ask ask)
    : counters_(counters),
      live_(live),
      ask_(std::move(ask)),
      link_(config, login, counters.lame_ducks,
            [this](SystemLink::Heard heard) {
              const std::lock_guard lock{mutex_};
              heard_.push_back(std::move(heard));
              changed_.notify_all();
            }),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Closer::~Closer() {
  thread_.request_stop();
  thread_.join();
}

void Closer::hand_in(std::variant<Kick, Sweep> what, Clock::time_point due) {
  waiting_.push_back({.what = std::move(what), .due = due});
  changed_.notify_all();
}

void Closer::put(Asked asked) {
  const std::uint64_t number = next_number_++;
  due_.emplace(asked.due, number);
  asked_.emplace(number, std::move(asked));
}

void Closer::set_due(std::uint64_t number, Asked& asked, Clock::time_point due) {
  due_.erase({asked.due, number});
  due_.emplace(due, number);
  asked.due = due;
}

void Closer::forget(std::uint64_t number) {
  const auto found = asked_.find(number);
  due_.erase({found->second.due, number});
  asked_.erase(found);
}

// Whether anything is to be done now; what is only to be looked at again later is not.
bool Closer::is_open() const {
  return std::ranges::any_of(asked_, [](const auto& asked) {
    return asked.second.sent || asked.second.due <= Clock::now();
  });
}

// Whatever began before this was answered long ago.
auth::Instant Closer::settled() const {
  return instant_now() - std::chrono::seconds{counters_.patience} - kMargin;
}

bool Closer::admit(const Connected& connection, std::uint32_t most) {
  if (live_.admit(connection, most, settled())) return true;
  const auto now = Clock::now();
  const std::lock_guard lock{mutex_};
  // An event that was lost must not keep a session taken for ever; a client that tries again and
  // again must not have the servers counting all the time.
  std::erase_if(counted_, [now](const auto& last) { return now - last.second > kCountPause; });
  if (counted_.emplace(connection.credential, now).second) {
    hand_in(Sweep{.credential = connection.credential, .all_until = auth::Instant::min()}, now);
  }
  return false;
}

void Closer::close(Connected connection) {
  const std::lock_guard lock{mutex_};
  hand_in(Kick{std::move(connection)}, Clock::now());
}

void Closer::close_all(const std::string& credential) {
  const auto now = Clock::now();
  const auto until = instant_now();
  const auto settled = now + std::chrono::seconds{counters_.patience} + kMargin;
  const auto remembered = live_.of(credential);
  const std::lock_guard lock{mutex_};
  for (const Connected& connection : remembered)
    hand_in(Kick{connection}, now);
  // Looking through all their connections keeps the servers from closing these. By then its clients
  // may have come back, as they may unless their record says otherwise.
  const auto soon = remembered.empty() ? now : now + kAfterKicks;
  for (const auto due : {soon, settled})
    hand_in(Sweep{.credential = credential, .all_until = until}, due);
}

void Closer::review(const std::string& credential) {
  const std::lock_guard lock{mutex_};
  to_review_.push_back(credential);
  changed_.notify_all();
}

void Closer::drain() {
  std::unique_lock lock{mutex_};
  draining_ = busy_ = true;
  to_review_.emplace_back();  // wakes the thread, which then says whether it is busy
  changed_.notify_all();
  changed_.wait_for(lock, kDrainTimeout,
                    [this] { return waiting_.empty() && heard_.empty() && !busy_; });
}

// What is not of this store is not ours to close.
bool Closer::may_stay(const Connected& connection, auth::Instant all_until) {
  if (connection.began <= all_until) return false;
  const auto standing = ask_(connection.credential);
  if (!standing) return true;
  if (standing->until) reviews_.insert_or_assign(connection.credential, *standing->until);
  // In the very second of a rotation it may have been either secret.
  return standing->good &&
         (!standing->since || connection.began >= *standing->since + std::chrono::seconds{1});
}

void Closer::send(std::uint64_t number, Asked& asked) {
  ++asked.tries;
  asked.sent = true;
  set_due(number, asked, Clock::now() + kAnswerTimeout);
  if (const auto* kick = std::get_if<Kick>(&asked.what)) {
    return link_.ask("$SYS.REQ.SERVER." + kick->connection.server_id + ".KICK",
                     auth::Json{{"cid", kick->connection.cid}}.dump(), number);
  }
  const auto& sweep = std::get<Sweep>(asked.what);
  link_.ask(sweep.server_id.empty() ? kConnzOfAll : connz_of(sweep.server_id),
            write_connz_request(sweep.credential, sweep.offset), number);
}

void Closer::log_kick(Level level, std::string_view event, const Connected& connection,
                      std::string_view error) const {
  log(level, event,
      {{"id", connection.credential},
       {"server", connection.server_id},
       {"cid", std::to_string(connection.cid)},
       {"error", std::string(error)}});
}

// An answer without `error` is success; with one, the server has no such client.
void Closer::answer_kick(std::uint64_t number, Asked& asked, const SystemLink::Heard& heard) {
  const Connected& connection = std::get<Kick>(asked.what).connection;
  const auto json = auth::read_json_object(heard.data);
  if (!json) return;
  const bool kicked = !json->contains("error");
  if (kicked) ++counters_.kicked;
  log_kick(kicked ? Level::warning : Level::info, kicked ? "kicked" : "kick_found_none", connection,
           "");
  live_.remove(connection);
  forget(number);
}

void Closer::answer_sweep(std::uint64_t number, Asked& asked, const SystemLink::Heard& heard) {
  Sweep sweep = std::get<Sweep>(asked.what);
  const auto connz = read_connz(heard.data);
  if (!connz) return;
  servers_.insert_or_assign(connz->server_id, connz->server_name);
  asked.answered.insert(connz->server_id);
  if (!sweep.server_id.empty()) forget(number);
  for (const Session& session : connz->sessions) {
    const Connected found{connz->server_id, session.cid, session.credential,
                          session.began.value_or(auth::Instant{})};
    if (!sweep.credential.empty() && session.credential != sweep.credential) continue;
    sweep.seen.insert(session.cid);
    if (may_stay(found, sweep.all_until)) {
      if (is_let_in(session)) live_.add(found);
    } else {
      sweep.to_close.push_back(found);
    }
  }
  const auto now = Clock::now();
  if (connz->more) {
    sweep.server_id = connz->server_id;
    sweep.offset += kStep;
    return put({.what = std::move(sweep), .due = now});
  }
  if (!sweep.credential.empty()) {
    live_.keep_only(connz->server_id, sweep.credential, sweep.seen, settled());
    close_too_many(sweep.credential);
  }
  for (Connected& connection : sweep.to_close)
    put({.what = Kick{std::move(connection)}, .due = now});
}

void Closer::close_too_many(const std::string& credential) {
  for (Connected& connection : live_.too_many(credential)) {
    log_kick(Level::warning, "too_many_sessions", connection, "");
    live_.remove(connection);
    put({.what = Kick{std::move(connection)}, .due = Clock::now()});
  }
}

void Closer::handle_event(const SystemLink::Heard& heard) {
  const auto json = auth::read_json_object(heard.data);
  if (!json) return;
  const std::string server_id = auth::string_at(server_of(*json), "id");
  if (heard.subject.ends_with(".SHUTDOWN")) {
    servers_.erase(server_id);
    return live_.remove_server(server_id);
  }
  const auth::Json& client = auth::member(*json, "client");
  const auto cid = auth::integer_at(client, "id");
  const std::string user = auth::string_at(client, "user");
  if (!cid || !auth::has_id_form(user)) return;
  const Connected connection{
      .server_id = server_id,
      .cid = static_cast<std::uint64_t>(*cid),
      .credential = user,
      .began = auth::read_instant(auth::string_at(client, "start")).value_or(auth::Instant{}),
      .leafnode = auth::string_at(client, "kind") == "Leafnode"};
  if (heard.subject.ends_with(".DISCONNECT")) return live_.remove(connection);
  live_.add(connection);
  close_too_many(user);
}

void Closer::handle(const SystemLink::Heard& heard) {
  if (!heard.subject.empty()) return handle_event(heard);
  const auto found = asked_.find(heard.number);
  if (found == asked_.end()) return;
  if (std::holds_alternative<Kick>(found->second.what)) {
    answer_kick(heard.number, found->second, heard);
  } else {
    answer_sweep(heard.number, found->second, heard);
  }
}

// What was asked and is due: not answered in time, or a sweep over all, whose time is over.
void Closer::ask_again(std::uint64_t number, Asked& asked) {
  if (const auto* kick = std::get_if<Kick>(&asked.what)) {
    if (asked.tries == 1) log_kick(Level::error, "kick_failed", kick->connection, "no answer yet");
    if (asked.tries < kMostTries) return send(number, asked);
    log_kick(Level::error, "kick_failed", kick->connection, "given up");
    live_.remove_server(std::string(kick->connection.server_id));
    forget(number);
    return;
  }
  const Sweep sweep = std::get<Sweep>(asked.what);
  if (!sweep.server_id.empty()) {
    const auto name = servers_.find(sweep.server_id);
    log(Level::error, "sweep_unanswered",
        {{"server", name == servers_.end() ? sweep.server_id : name->second},
         {"id", sweep.credential}});
    if (asked.tries < kMostTries) return send(number, asked);
    live_.remove_server(sweep.server_id);  // it died without a word
    servers_.erase(sweep.server_id);
    forget(number);
    return;
  }
  // None is known yet, or all are too busy to answer in time.
  if (asked.answered.empty() && asked.tries < kMostTries) return send(number, asked);
  for (const auto& [id, name] : servers_) {
    if (asked.answered.contains(id)) continue;
    Sweep one = sweep;
    one.server_id = id;
    put({.what = std::move(one), .due = Clock::now()});
  }
  forget(number);
}

void Closer::review_what_is_due() {
  std::deque<std::string> due;
  {
    const std::lock_guard lock{mutex_};
    due.swap(to_review_);
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  std::erase_if(reviews_, [&](const auto& review) {
    if (review.second <= now) due.push_back(review.first);
    return review.second <= now;
  });
  for (const std::string& credential : due) {
    if (credential.empty()) continue;
    const auto standing = ask_(credential);
    if (!standing) continue;
    if (standing->until) reviews_.insert_or_assign(credential, *standing->until);
    if (standing->good && !standing->since) continue;  // all of them may stay
    for (const Connected& connection : live_.of(credential)) {
      if (!may_stay(connection, auth::Instant::min()))
        put({.what = Kick{connection}, .due = Clock::now()});
    }
    put({.what = Sweep{.credential = credential, .all_until = auth::Instant::min()},
         .due = Clock::now()});
  }
}

void Closer::ask_what_is_due() {
  std::vector<std::uint64_t> due;
  for (const auto& [at, number] : due_) {
    if (at > Clock::now()) break;
    due.push_back(number);
  }
  for (const std::uint64_t number : due) {
    Asked& asked = asked_.at(number);
    if (asked.sent) {
      ask_again(number, asked);
    } else {
      send(number, asked);
    }
  }
}

Closer::Clock::time_point Closer::next_due() const {
  const auto now = Clock::now();
  if (!link_.up()) return now + kPause;
  auto due = now + kAnswerTimeout;
  if (!due_.empty()) due = std::min(due, due_.begin()->first);
  const auto today = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  for (const auto& [credential, at] : reviews_) {
    const std::chrono::seconds left = at - today;  // which nanoseconds may not hold
    if (left < kAnswerTimeout) due = std::min(due, now + std::max(left, 0s));
  }
  return due;
}

void Closer::run(const std::stop_token& stop) {
  while (true) {
    const auto due = next_due();
    std::deque<Asked> waiting;
    std::deque<SystemLink::Heard> heard;
    {
      std::unique_lock lock{mutex_};
      busy_ = draining_ && is_open();
      changed_.notify_all();
      changed_.wait_until(lock, stop, due, [this] {
        return !waiting_.empty() || !heard_.empty() || !to_review_.empty();
      });
      if (stop.stop_requested()) return;
      waiting.swap(waiting_);
      heard.swap(heard_);
      busy_ = true;
    }
    try {
      for (Asked& asked : waiting)
        put(std::move(asked));
      for (const auto& one : heard)
        handle(one);
      review_what_is_due();
      if (!link_.up()) {
        if (!link_.connect_again()) continue;
        for (auto& [number, asked] : asked_)
          asked.sent = false;
        put({.what = Sweep{.all_until = auth::Instant::min()}, .due = Clock::now()});
      }
      ask_what_is_due();
    } catch (const std::exception& fault) {
      log(Level::error, "fault", {{"error", fault.what()}});
    }
  }
}

}  // namespace gateway
