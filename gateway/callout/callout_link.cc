#include "gateway/callout/callout_link.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/nats/nats_c.h"
#include "gateway/nats/other_servers.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSubject = "$SYS.REQ.USER.AUTH";
// The group that other callout services use too, and earlier versions of this one.
constexpr const char* kSharedGroup = "q";
constexpr std::string_view kServerGroup = "credgate.";  // and the server's id
// How soon a reader notices that it should stop.
constexpr auto kPollInterval = 250ms;
constexpr auto kCountInterval = 1s;
// What lies in nats.c's own queue while the reader waits for a processor. Its age is not seen, so
// it is a fraction of a second's worth; beyond it nats.c drops what comes.
constexpr int kMaxUnread = 8192;
constexpr int kMaxUnreadBytes = 32 << 20;
constexpr auto kFlushTimeout = 2s;
// Once so many wait for each worker, the workers have enough to do for longer than a read interval.
// To be woken for each request, and to free each alone, would take the processors from them.
constexpr std::size_t kEnough = 8;
constexpr auto kReadInterval = 1ms;
constexpr std::size_t kReadAtOnce = 256;

std::string group_name(Group group, const std::string& server_id) {
  return group == Group::shared ? kSharedGroup : std::string(kServerGroup) + server_id;
}

// Not checked: nats.c closes a drained subscription as it hands out the last request, which is then
// the one that would go unanswered.
int pending(const Subscription& subscription) {
  int waiting = 0;
  static_cast<void>(natsSubscription_GetPending(subscription.get(), &waiting, nullptr));
  return waiting;
}

// What there is. Waits up to `patience` for the first. Throws where the connection is lost before
// it.
std::vector<Message> next_messages(const Subscription& subscription,
                                   std::chrono::milliseconds patience) {
  std::vector<Message> messages;
  if (Message first = next(subscription, patience)) messages.push_back(std::move(first));
  try {
    for (int more = pending(subscription); more > 0 && messages.size() < kReadAtOnce; --more) {
      if (Message message = next(subscription, 0ms)) messages.push_back(std::move(message));
    }
  } catch (const NatsError&) {
    return messages;  // those that were read are decided all the same
  }
  return messages;
}

}  // namespace

struct CalloutLink::Connections {
  std::string server_id;
  Connection batched;
  // To the same server: an answer that goes out by another than its request came in by can overtake
  // the news of where it is awaited, and is lost.
  Connection prompt;

  bool alive() const { return connected(batched) && (!prompt || connected(prompt)); }
};

class CalloutLink::Path : public RequestPath {
 public:
  Path(std::shared_ptr<const Connections> connections, Group group)
      : RequestPath(connections->server_id, group), connections_(std::move(connections)) {}

  bool alive() const override { return connections_->alive(); }

  void send(const std::string& subject, const std::string& answer, Sending how) const override {
    const Connection& by = how == Sending::prompt ? connections_->prompt : connections_->batched;
    const natsStatus status = natsConnection_Publish(by.get(), subject.c_str(), answer.data(),
                                                     static_cast<int>(answer.size()));
    if (status != NATS_OK && connected(by)) check(status, "reply");
  }

 private:
  const std::shared_ptr<const Connections> connections_;
};

class CalloutLink::Reader {
 public:
  // Borrows its arguments.
  Reader(Connections& connections, std::shared_ptr<const Path> path, const Shared& shared)
      : connections_(connections), path_(std::move(path)), shared_(shared) {
    natsSubscription* subscription = nullptr;
    const std::string group = group_name(path_->group(), connections.server_id);
    check(natsConnection_QueueSubscribeSync(&subscription, connections.batched.get(), kSubject,
                                            group.c_str()),
          "subscribe to the callout");
    subscription_.reset(subscription);
    check(natsSubscription_SetPendingLimits(subscription, kMaxUnread, kMaxUnreadBytes),
          "limit unread requests");
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
  }

  void start_drain() {
    draining_ = true;  // a drained subscription ends its reader before it is asked to stop
    static_cast<void>(natsSubscription_Drain(subscription_.get()));
  }
  // Reads what has come.
  void finish() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run(const std::stop_token& stop) {
    try {
      read(stop);
    } catch (const std::exception& end) {
      // Lost, drained, or without memory. Whoever owns the link looks at alive(), and a
      // subscription that nobody reads would swallow requests.
      if (stop.stop_requested() || draining_) return;
      if (connections_.alive()) log(Level::warning, "worker_ended", {{"error", end.what()}});
      natsConnection_Close(connections_.batched.get());
    }
  }

  void read(const std::stop_token& stop) {
    auto next_count = std::chrono::steady_clock::now();
    while (true) {
      auto messages = next_messages(subscription_, stop.stop_requested() ? 1ms : kPollInterval);
      if (messages.empty() && stop.stop_requested() && pending(subscription_) == 0) return;
      take(std::move(messages));
      if (shared_.queue.size() >= kEnough * shared_.workers)
        std::this_thread::sleep_for(kReadInterval);
      if (const auto now = std::chrono::steady_clock::now(); now >= next_count) {
        count_unread();
        next_count = now + kCountInterval;
      }
    }
  }

  void take(std::vector<Message> messages) {
    std::erase_if(messages, [this](const Message& message) {
      const CalloutMessage read = read_message(*message);
      return shared_.filter.drops(read.data, read.server_xkey, *path_);
    });
    if (!messages.empty())
      shared_.queue.push(std::move(messages), CalloutQueue::Clock::now(), path_);
  }

  // nats.c drops what comes while its own queue is full.
  void count_unread() {
    std::int64_t dropped = 0;
    if (natsSubscription_GetDropped(subscription_.get(), &dropped) != NATS_OK) return;
    shared_.counters.unread += static_cast<std::uint64_t>(dropped - unread_);
    unread_ = dropped;
  }

  Connections& connections_;
  const std::shared_ptr<const Path> path_;
  const Shared& shared_;
  std::atomic<bool> draining_ = false;
  std::int64_t unread_ = 0;  // as far as they are counted
  Subscription subscription_;
  std::jthread thread_;  // last: it uses the others
};

CalloutLink::CalloutLink(const Shared& shared, const std::string& url, LameDuckSignal& lame_ducks)
    : shared_(shared),
      server_(for_server(shared.config, url)),
      lame_ducks_(lame_ducks),
      connections_(std::make_shared<Connections>()) {
  connections_->batched = connect(server_, shared.login, "credgate", Sending::batched, lame_ducks);
  connections_->server_id = id_of(connections_->batched).server_id;
}

CalloutLink::~CalloutLink() {
  shared_.filter.remove_link(connections_->server_id);
  for (const auto* reader : {&in_shared_, &in_own_}) {
    if (*reader) (*reader)->finish();
  }
}

std::string CalloutLink::server_id() const {
  return connections_->server_id;
}

bool CalloutLink::alive() const {
  return connections_->alive();
}

bool CalloutLink::answers(std::chrono::milliseconds patience) const {
  return gateway::answers(connections_->batched, patience);
}

std::vector<std::string> CalloutLink::discovered() const {
  return discovered_by(connections_->batched);
}

// The server has what was sent: from here requests reach us, or no more.
void CalloutLink::flush() const {
  check(natsConnection_FlushTimeout(connections_->batched.get(),
                                    std::chrono::milliseconds{kFlushTimeout}.count()),
        "flush");
}

std::unique_ptr<CalloutLink::Reader> CalloutLink::join(Group group) {
  if (!connections_->prompt) {
    connections_->prompt = connect_beside(connections_->batched, server_, shared_.login,
                                          "credgate replies", Sending::prompt, lame_ducks_);
  }
  auto reader = std::make_unique<Reader>(
      *connections_, std::make_shared<const Path>(connections_, group), shared_);
  flush();
  return reader;
}

void CalloutLink::serve(bool several) {
  if (!in_shared_) in_shared_ = join(Group::shared);
  if (!several || in_own_) return;
  shared_.filter.add_link(connections_->server_id);
  in_own_ = join(Group::server);
}

bool CalloutLink::drain() {
  bool answered = true;
  try {
    for (const auto* reader : {&in_shared_, &in_own_}) {
      if (*reader) (*reader)->start_drain();
    }
    flush();  // what the server sent before it knew lies in our queues now
  } catch (const std::exception& error) {
    answered = false;
    log(Level::error, "disconnected", {{"error", error.what()}});
  }
  for (const auto* reader : {&in_shared_, &in_own_}) {
    if (*reader) (*reader)->finish();
  }
  return answered;
}

}  // namespace gateway
