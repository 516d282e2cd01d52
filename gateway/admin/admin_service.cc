#include "gateway/admin/admin_service.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "auth/base/base32.h"
#include "gateway/admin/message.h"
#include "gateway/admin/subjects.h"
#include "gateway/nats/nats_c.h"
#include "gateway/nats/other_servers.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr const char* kGroup = "q";
constexpr std::size_t kMaxEventsAtOnce = 256;
constexpr auto kReconnectDelay = 500ms;
constexpr auto kPingInterval = 1s;  // whether its servers still answer
constexpr auto kPingPatience = 2s;
constexpr auto kEventInterval = 250ms;  // decisions are gathered for so long
constexpr std::int64_t kEventFlush = 2000;
// Of a stop: for what waits to be carried out, and then for the servers to take the answers.
constexpr auto kDrain = 2s;
constexpr auto kMinFlush = 100ms;

// The newest change is told again: to whoever has heard all until now it is a repeat, and whoever
// missed one while no daemon ran sees the gap.
std::uint64_t before_newest(std::uint64_t sequence) {
  return sequence == 0 ? 0 : sequence - 1;
}

}  // namespace

AdminService::AdminService(const CurrentConfig& config, const CurrentRules& rules, const Keys& keys,
                           store::Store& store, const SigV4Verifier& verifier, const Notes& notes)
    : config_(config),
      keys_(keys),
      store_(store),
      handler_(config, rules, keys, store, verifier, notes.counters),
      counters_(notes.counters),
      state_(notes.state),
      lame_ducks_(notes.lame_ducks),
      servers_(notes.links),
      closing_(notes.closing),
      store_id_(store.totals().store_id),
      discovery_(auth::write_base32(random_bytes<15>()), store_id_, counters_, now_in_seconds()),
      decisions_(store_id_),
      published_(before_newest(store.totals().sequence)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

AdminService::~AdminService() {
  stop();
}

void AdminService::prepare_stop() {
  stops_ = true;
  handler_.stop_searches();
}

// Every wait for a server that hangs is one with all connections: systemd kills a daemon that takes
// longer than TimeoutStopSec.
void AdminService::stop() {
  if (!thread_.joinable()) return;
  prepare_stop();
  thread_.request_stop();
  thread_.join();
  // Other instances are asked from here on; whoever was asking this one is answered.
  for (const auto& subscriber : subscribers_)
    subscriber->start_drain();
  const auto end = std::chrono::steady_clock::now() + kDrain;
  for (const Link& link : links_) {
    if (link.queues) link.queues->start_drain(end);
  }
  for (const auto& subscriber : subscribers_)
    subscriber->drain();
  subscribers_.clear();
  for (Link& link : links_) {
    if (link.queues) link.queues->drain();
    link.queues.reset();
  }
  flush_all();
}

// They may lead to several servers: where one hangs, the others still take what was sent.
void AdminService::flush_all() const {
  const auto end = std::chrono::steady_clock::now() + kDrain;
  const auto flush = [end](const Connection& connection) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (!connection) return;
    natsConnection_FlushTimeout(connection.get(),
                                std::max<std::chrono::milliseconds>(left, kMinFlush).count());
  };
  for (const Link& link : links_)
    flush(link.connection);
  flush(connection_);
}

void AdminService::tell(const DecisionEvent& event) {
  if (!decisions_.add(event, DecisionEvents::Clock::now())) ++counters_.events_lost;
}

void AdminService::look() {
  pause_.wake();
}

void AdminService::answer_verify(const natsMsg& message) {
  const char* reply_to = natsMsg_GetReply(&message);
  if (reply_to == nullptr) return;
  const AdminReply reply = handler_.verify(read_request(message));
  send_answer(connection_, reply_to, reply.text);
  if (reply.error.empty()) return;
  log_limited(Level::warning, "sigv4_bad_request", {.reason = reply.error, .actor = reply.actor},
              {{"error", reply.error}, {"client", reply.actor}});
}

void AdminService::answer_discovery(const natsMsg& message) {
  auto* raw = const_cast<natsMsg*>(&message);  // NOLINT: the accessor's type is not const
  const char* reply_to = natsMsg_GetReply(raw);
  if (reply_to == nullptr) return;
  if (const auto text = discovery_.answer(natsMsg_GetSubject(raw)))
    send_answer(connection_, reply_to, *text);
}

// What waits for an answer on a lost connection will not get it.
void AdminService::connect_link(Link& link, const std::string& last) {
  link.queues.reset();
  link.connection.reset();
  const std::shared_ptr<const Config> config = config_.load();
  // Each request of a flood is answered: a write for each would take longer than it takes to send.
  Connection made = connect(for_any(config->nats, servers_, last), keys_.nats, link.name,
                            Sending::batched, lame_ducks_, last);
  link.connection = std::move(made);
  link.queues = std::make_unique<OperationQueues>(
      link.operations,
      OperationQueues::Deps{link.connection, handler_, counters_, discovery_, closing_});
  check(natsConnection_FlushTimeout(link.connection.get(), kEventFlush), "flush");
}

void AdminService::connect_proxies(const std::string& last) {
  subscribers_.clear();
  connection_.reset();
  const std::shared_ptr<const Config> config = config_.load();
  connection_ = connect(for_any(config->nats, servers_, last), keys_.nats, "credgate admin",
                        Sending::prompt, lame_ducks_, last);
  // Each has a thread of its own: no proxy waits for another's question.
  for (unsigned i = 0; i < config->workers; ++i) {
    subscribers_.push_back(std::make_unique<Subscriber>(
        connection_, kVerifySubject, [this](const natsMsg& message) { answer_verify(message); },
        kGroup));
  }
  subscribers_.push_back(std::make_unique<Subscriber>(
      connection_, "$SRV.>", [this](const natsMsg& message) { answer_discovery(message); }));
  check(natsConnection_FlushTimeout(connection_.get(), kEventFlush), "flush");
}

bool AdminService::connect_lost() {
  bool lost = false;
  const bool ping = servers_.another_up(url_of(connection_)) && Clock::now() >= next_ping_;
  // One whose setup fails half-way is lost too.
  const auto restore = [&](Connection& connection, const auto& connect_it) {
    if (connected(connection) && (!ping || answers(connection, kPingPatience))) return;
    lost = true;
    if (stops_) return;
    try {
      connect_it(url_of(connection));
    } catch (...) {
      if (connection) natsConnection_Close(connection.get());
      throw;
    }
  };
  try {
    restore(connection_, [this](const std::string& last) { connect_proxies(last); });
    for (Link& link : links_)
      restore(link.connection, [&](const std::string& last) { connect_link(link, last); });
    if (ping) next_ping_ = Clock::now() + kPingInterval;
  } catch (const NatsError& fault) {
    if (error_ != fault.what()) log(Level::error, "admin_lost", {{"error", fault.what()}});
    error_ = fault.what();
    state_.set(false, "", now_in_seconds());
    return false;
  }
  if (!lost) return true;
  if (stops_) return false;
  state_.set(true, url_of(connection_), now_in_seconds());
  log(Level::info, "admin_connected", {});
  error_.clear();
  return true;
}

// What is in the journal goes out in order and whole, however long the connection was away; of
// repeats and of what came before this daemon, readers know by the sequence.
void AdminService::publish_events() {
  const auto publish = [this](const Event& event) {
    check(
        natsConnection_PublishString(connection_.get(), event.subject.c_str(), event.data.c_str()),
        "publish an event");
  };
  for (const Event& event : decisions_.take())
    publish(event);
  while (true) {
    const auto entries = store_.history(published_, kMaxEventsAtOnce, {});
    if (entries.empty()) return;
    for (const store::Entry& entry : entries)
      publish(change_event(entry, store_id_));
    check(natsConnection_FlushTimeout(connection_.get(), kEventFlush), "flush");
    published_ = entries.back().sequence;
  }
}

void AdminService::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool up = false;
    try {
      up = connect_lost();
      if (connected(connection_)) publish_events();
    } catch (const std::exception& fault) {
      log(Level::error, "fault", {{"error", fault.what()}});
      up = false;
    }
    if (up) {
      pause_.wait(stop, kEventInterval);
    } else {
      reconnect_pause_.wait(stop, kReconnectDelay);
    }
  }
}

}  // namespace gateway
