#include "gateway/sessions/session_query.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "auth/base/base32.h"
#include "gateway/config/keys.h"
#include "gateway/nats/nats_c.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

using Clock = std::chrono::steady_clock;

Subscription subscribe(const Connection& connection, const std::string& subject) {
  natsSubscription* raw = nullptr;
  check(natsConnection_SubscribeSync(&raw, connection.get(), subject.c_str()), "subscribe");
  return Subscription{raw};
}

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

// Null where none came in time.
Message next_reply(const Subscription& replies, const SessionSearch& search) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(search.next_due() - Clock::now());
  try {
    return next(replies, std::max(left, std::chrono::milliseconds{1}));
  } catch (const NoResponders&) {
    // The server that was asked for its next page has gone: it is marked as incomplete.
    if (search.found().empty()) throw;
    return nullptr;
  }
}

}  // namespace

std::vector<ServerSessions> find_sessions(const NatsConfig& config, const NatsLogin& login,
                                          const std::string& credential) {
  static LameDuckSignal ignored;  // nats.c counts even after the connection is gone
  const Connection connection =
      connect(config, login, "credgate sessions", Sending::prompt, ignored);
  const std::string inbox = "_INBOX." + auth::write_base32(random_bytes<15>()) + ".";
  const Subscription replies = subscribe(connection, inbox + "*");
  SessionSearch search{credential, Clock::now()};
  while (true) {
    for (const Question& question : search.step(Clock::now()))
      ask(connection, inbox, question);
    if (search.done()) break;
    const Message message = next_reply(replies, search);
    if (!message) continue;
    if (const auto number = number_of(message.get(), inbox))
      search.on_reply(*number, data(*message), Clock::now());
  }
  auto found = search.found();
  if (found.empty()) throw NatsError("ask the servers for their sessions", "no server answered");
  return found;
}

}  // namespace gateway
