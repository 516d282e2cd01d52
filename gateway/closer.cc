#include "gateway/closer.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <utility>

#include <nlohmann/json.hpp>

#include "auth/base32.h"
#include "auth/credential.h"
#include "auth/json_read.h"
#include "gateway/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kAnswerTimeout = 1s;
constexpr auto kPause = 200ms;
constexpr auto kDrainTimeout = 2s;
// Requests that were under way at a change are answered within the servers' timeout.
constexpr auto kMargin = 1s;
// A server that no server of the cluster has reached for so many tries is gone, and its connections
// with it.
constexpr int kMostTries = 50;
constexpr std::uint64_t kPage = 1024;

const auth::Json& server_of(const auth::Json& answer) {
  return auth::member(answer, "server");
}

}  // namespace

Closer::Closer(const NatsConfig& config, const NatsLogin& login, Counters& counters, Live& live,
               StillGood still_good)
    : config_(config),
      login_(login),
      counters_(counters),
      live_(live),
      still_good_(std::move(still_good)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Closer::~Closer() {
  thread_.request_stop();
  thread_.join();
  ears_.clear();
}

void Closer::close(Connected connection) {
  const std::lock_guard lock{mutex_};
  waiting_.push_back({.what = Kick{std::move(connection)}, .due = Clock::now(), .answered = {}});
  changed_.notify_all();
}

void Closer::close_all(const std::string& credential) {
  const auto now = Clock::now();
  const auto remembered = live_.of(credential);
  const std::lock_guard lock{mutex_};
  for (const Connected& connection : remembered)
    waiting_.push_back({.what = Kick{connection}, .due = now, .answered = {}});
  const auto settled = now + std::chrono::seconds{counters_.patience} + kMargin;
  for (const auto due : {now, settled})
    waiting_.push_back({.what = Sweep{credential, "", 0}, .due = due, .answered = {}});
  changed_.notify_all();
}

void Closer::drain() {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, kDrainTimeout,
                    [this] { return waiting_.empty() && heard_.empty() && !busy_; });
}

void Closer::hear(const natsMsg& message) {
  auto* raw = const_cast<natsMsg*>(&message);  // NOLINT: the accessor's type is not const
  Heard heard{.subject = natsMsg_GetSubject(raw),
              .data = std::string(data(message)),
              .no_responders = natsMsg_IsNoResponders(raw)};
  const std::lock_guard lock{mutex_};
  heard_.push_back(std::move(heard));
  changed_.notify_all();
}

bool Closer::connect_again() {
  try {
    ears_.clear();
    connection_ =
        connect(config_, login_, "credgate system", Sending::prompt, counters_.lame_ducks);
    // Nobody else of the account can guess where answers go.
    inbox_ = "_INBOX." + auth::write_base32(random_bytes<15>()) + ".";
    for (const std::string& subject : {inbox_ + "*", std::string("$SYS.ACCOUNT.*.DISCONNECT"),
                                       std::string("$SYS.SERVER.*.SHUTDOWN")}) {
      ears_.push_back(std::make_unique<Ear>(connection_, subject,
                                            [this](const natsMsg& message) { hear(message); }));
    }
  } catch (const NatsError& fault) {
    ears_.clear();
    connection_.reset();
    if (error_ != fault.what()) log(Level::error, "system_lost", {{"error", fault.what()}});
    error_ = fault.what();
    return false;
  }
  log(Level::info, "system_connected", {});
  error_.clear();
  // Answers to what was asked before are lost with the inbox.
  for (auto& [number, asked] : asked_)
    asked.sent = false;
  asked_[next_number_++] = {.what = Sweep{}, .due = Clock::now(), .answered = {}};
  return true;
}

void Closer::send(std::uint64_t number, Asked& asked) {
  std::string subject = "$SYS.REQ.SERVER.";
  auth::Json body;
  if (const auto* kick = std::get_if<Kick>(&asked.what)) {
    subject += kick->connection.server_id + ".KICK";
    body = {{"cid", kick->connection.cid}};
  } else {
    const auto& sweep = std::get<Sweep>(asked.what);
    subject += (sweep.server_id.empty() ? "PING" : sweep.server_id) + ".CONNZ";
    body = {{"auth", true}, {"limit", kPage}, {"offset", sweep.offset}};
    if (!sweep.credential.empty()) body["user"] = sweep.credential;
  }
  const std::string reply = inbox_ + std::to_string(number);
  ++asked.tries;
  asked.sent = true;
  asked.due = Clock::now() + kAnswerTimeout;
  check(natsConnection_PublishRequestString(connection_.get(), subject.c_str(), reply.c_str(),
                                            body.dump().c_str()),
        "ask a server");
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
void Closer::answer_kick(std::uint64_t number, Asked& asked, const Heard& heard) {
  const Connected& connection = std::get<Kick>(asked.what).connection;
  const auto json = auth::read_json_object(heard.data);
  if (heard.no_responders || !json) {
    asked.due = Clock::now() + kPause;
    return;
  }
  const bool kicked = !json->contains("error");
  if (kicked) ++counters_.kicked;
  log_kick(Level::warning, kicked ? "kicked" : "kick_found_none", connection, "");
  live_.remove(connection);
  asked_.erase(number);
}

void Closer::answer_sweep(std::uint64_t number, Asked& asked, const Heard& heard) {
  const Sweep sweep = std::get<Sweep>(asked.what);
  const auto json = auth::read_json_object(heard.data);
  if (heard.no_responders || !json) {
    if (!sweep.server_id.empty()) {  // it went meanwhile
      servers_.erase(sweep.server_id);
      asked_.erase(number);
    }
    return;
  }
  const std::string server_id = auth::string_at(server_of(*json), "id");
  servers_.insert_or_assign(server_id, auth::string_at(server_of(*json), "name"));
  asked.answered.insert(server_id);
  const auth::Json& connections = auth::member(auth::member(*json, "data"), "connections");
  const auto now = Clock::now();
  for (const auth::Json& found : connections) {
    const auto cid = auth::integer_at(found, "cid");
    const std::string user = auth::string_at(found, "authorized_user");
    if (!cid || !auth::has_id_form(user)) continue;
    const Connected connection{server_id, static_cast<std::uint64_t>(*cid), user};
    const std::optional<bool> good =
        sweep.credential.empty() ? still_good_(user) : std::optional{user != sweep.credential};
    if (good && *good) live_.add(connection);
    if (good && !*good) {
      asked_[next_number_++] = {.what = Kick{connection}, .due = now, .answered = {}};
    }
  }
  if (connections.size() == kPage) {
    Sweep next = sweep;
    next.server_id = server_id;
    next.offset += kPage;
    asked_[next_number_++] = {.what = next, .due = now, .answered = {}};
  }
  if (!sweep.server_id.empty()) asked_.erase(number);
}

void Closer::handle_event(const Heard& heard) {
  const auto json = auth::read_json_object(heard.data);
  if (!json) return;
  const std::string server_id = auth::string_at(server_of(*json), "id");
  if (heard.subject.ends_with(".SHUTDOWN")) {
    servers_.erase(server_id);
    return live_.remove_server(server_id);
  }
  const auth::Json& client = auth::member(*json, "client");
  const auto cid = auth::integer_at(client, "id");
  if (!cid) return;
  live_.remove({server_id, static_cast<std::uint64_t>(*cid), auth::string_at(client, "user")});
}

void Closer::handle(const Heard& heard) {
  if (heard.subject.starts_with("$SYS.")) return handle_event(heard);
  if (!heard.subject.starts_with(inbox_)) return;
  const char* end = heard.subject.data() + heard.subject.size();
  std::uint64_t number = 0;
  const auto read = std::from_chars(heard.subject.data() + inbox_.size(), end, number);
  const auto found = asked_.find(number);
  if (read.ptr != end || found == asked_.end()) return;
  if (std::holds_alternative<Kick>(found->second.what)) {
    answer_kick(number, found->second, heard);
  } else {
    answer_sweep(number, found->second, heard);
  }
}

// What was asked and is due: not answered in time, or a sweep over all, whose time is over.
void Closer::ask_again(std::uint64_t number, Asked& asked) {
  if (const auto* kick = std::get_if<Kick>(&asked.what)) {
    if (asked.tries == 1) log_kick(Level::error, "kick_failed", kick->connection, "no answer yet");
    if (asked.tries < kMostTries) return send(number, asked);
    log_kick(Level::error, "kick_failed", kick->connection, "given up");
    live_.remove(kick->connection);
    asked_.erase(number);
    return;
  }
  const Sweep sweep = std::get<Sweep>(asked.what);
  if (!sweep.server_id.empty()) {
    const auto name = servers_.find(sweep.server_id);
    log(Level::error, "sweep_unanswered",
        {{"server", name == servers_.end() ? sweep.server_id : name->second},
         {"id", sweep.credential}});
    if (asked.tries < kMostTries) return send(number, asked);
    servers_.erase(sweep.server_id);
    asked_.erase(number);
    return;
  }
  for (const auto& [id, name] : servers_) {
    if (asked.answered.contains(id)) continue;
    Sweep one = sweep;
    one.server_id = id;
    asked_[next_number_++] = {.what = one, .due = Clock::now(), .answered = {}};
  }
  asked_.erase(number);
}

void Closer::run(const std::stop_token& stop) {
  while (true) {
    auto due = Clock::now() + (connected(connection_) ? kAnswerTimeout : kPause);
    bool open = false;
    for (const auto& [number, asked] : asked_) {
      due = std::min(due, connected(connection_) ? asked.due : due);
      open = open || asked.sent || asked.due <= Clock::now();
    }
    std::deque<Asked> waiting;
    std::deque<Heard> heard;
    {
      std::unique_lock lock{mutex_};
      busy_ = open;
      changed_.notify_all();
      changed_.wait_until(lock, stop, due, [this] { return !waiting_.empty() || !heard_.empty(); });
      if (stop.stop_requested()) return;
      waiting.swap(waiting_);
      heard.swap(heard_);
      busy_ = true;
    }
    try {
      for (Asked& asked : waiting)
        asked_[next_number_++] = std::move(asked);
      for (const Heard& one : heard)
        handle(one);
      if (!connected(connection_) && !connect_again()) continue;
      std::vector<std::uint64_t> now_due;
      for (const auto& [number, asked] : asked_) {
        if (asked.due <= Clock::now()) now_due.push_back(number);
      }
      for (const std::uint64_t number : now_due) {
        Asked& asked = asked_.at(number);
        if (asked.sent) {
          ask_again(number, asked);
        } else {
          send(number, asked);
        }
      }
    } catch (const std::exception& fault) {
      log(Level::error, "fault", {{"error", fault.what()}});
    }
  }
}

}  // namespace gateway
