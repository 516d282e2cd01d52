#include "gateway/sessions/session_query.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "auth/base/base32.h"
#include "gateway/config/keys.h"
#include "gateway/nats/nats_c.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kAfterStop = 2s;
constexpr auto kStopLook = 100ms;

Subscription subscribe(const Connection& connection, const std::string& subject) {
  natsSubscription* raw = nullptr;
  check(natsConnection_SubscribeSync(&raw, connection.get(), subject.c_str()), "subscribe");
  return Subscription{raw};
}

// One credential's search, and where its replies go.
struct Part {
  std::string inbox;
  SessionSearch search;
};

void ask(const Connection& connection, const std::string& inbox, const Question& question) {
  const std::string reply = inbox + std::to_string(question.number);
  check(natsConnection_PublishRequestString(connection.get(), question.subject.c_str(),
                                            reply.c_str(), question.body.c_str()),
        "ask the servers");
}

std::optional<std::uint64_t> number_of(natsMsg* message, std::string_view inbox) {
  const std::string_view subject = natsMsg_GetSubject(message);
  if (!subject.starts_with(inbox)) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = subject.data() + subject.size();
  const auto read = std::from_chars(subject.data() + inbox.size(), end, number);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

using Parts = std::map<std::string, Part>;  // by credential

Clock::time_point next_due(const Parts& parts) {
  auto due = Clock::time_point::max();
  for (const auto& [credential, part] : parts) {
    if (!part.search.done()) due = std::min(due, part.search.next_due());
  }
  return due;
}

// How long after a stop a search may still take. Not thread-safe.
class StopTime {
 public:
  explicit StopTime(const std::stop_token& stop) : stop_(stop) {
    if (stop_.stop_requested()) throw SearchStopped();
  }
  void check() {
    if (!stop_.stop_requested()) return;
    if (!end_) end_ = Clock::now() + kAfterStop;
    if (Clock::now() >= *end_) throw SearchStopped();
  }

 private:
  const std::stop_token& stop_;
  std::optional<Clock::time_point> end_;
};

// Null where none came in time, or for so long that a stop is to be looked for.
Message next_reply(const Subscription& replies, const Parts& parts) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_due(parts) - Clock::now());
  try {
    return next(replies, std::clamp<std::chrono::milliseconds>(left, 1ms, kStopLook));
  } catch (const NoResponders&) {
    // The server that was asked for its next page has gone: it is marked as incomplete.
    const auto empty = [](const auto& part) { return part.second.search.found().empty(); };
    if (std::ranges::all_of(parts, empty)) throw;
    return nullptr;
  }
}

}  // namespace

SessionsByCredential find_sessions(const NatsConfig& config, const NatsLogin& login,
                                   const std::set<std::string>& credentials,
                                   const std::stop_token& stop, const SearchTime& time) {
  StopTime stop_time{stop};
  static LameDuckSignal ignored;  // nats.c counts even after the connection is gone
  const Connection connection =
      connect(config, login, "credgate sessions", Sending::prompt, ignored, {}, time.connecting);
  const std::string inbox = "_INBOX." + auth::write_base32(random_bytes<15>()) + ".";
  const Subscription replies = subscribe(connection, inbox + ">");
  Parts parts;
  for (const std::string& credential : credentials) {
    parts.emplace(credential,
                  Part{.inbox = inbox + credential + ".",
                       .search = SessionSearch{credential, Clock::now(), time.searching}});
  }
  while (true) {
    stop_time.check();
    for (auto& [credential, part] : parts) {
      for (const Question& question : part.search.step(Clock::now()))
        ask(connection, part.inbox, question);
    }
    const auto done = [](const auto& part) { return part.second.search.done(); };
    if (std::ranges::all_of(parts, done)) break;
    const Message message = next_reply(replies, parts);
    if (!message) continue;
    for (auto& [credential, part] : parts) {
      if (const auto number = number_of(message.get(), part.inbox))
        part.search.on_reply(*number, data(*message), Clock::now());
    }
  }
  SessionsByCredential found;
  for (const auto& [credential, part] : parts) {
    found[credential] = part.search.found();
    if (found[credential].empty())
      throw NatsError("ask the servers for their sessions", "no server answered");
  }
  return found;
}

}  // namespace gateway
