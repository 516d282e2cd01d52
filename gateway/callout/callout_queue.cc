#include "gateway/callout/callout_queue.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <nats/nats.h>

#include "gateway/nats/nats_c.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

constexpr const char* kServerXkey = "Nats-Server-Xkey";
// What a message takes beside its bytes.
constexpr std::size_t kOverhead = 1024;

// The header counts only where it is there exactly once.
std::string_view server_xkey(natsMsg* message) {
  const char** values = nullptr;
  int count = 0;
  if (natsMsgHeader_Values(message, kServerXkey, &values, &count) != NATS_OK) return {};
  const std::string_view value = count == 1 ? values[0] : "";
  std::free(values);  // NOLINT(cppcoreguidelines-no-malloc): the array is ours, the strings are not
  return value;
}

// The last tenth of a server's time is for the way there and back.
std::chrono::milliseconds patience(std::chrono::seconds timeout) {
  return std::chrono::milliseconds{timeout} * 9 / 10;
}

std::chrono::seconds bounded(std::chrono::seconds timeout) {
  return std::clamp(timeout, RequestTask::kMinTimeout, RequestTask::kMaxTimeout);
}

}  // namespace

CalloutMessage read_message(natsMsg& message) {
  const char* reply = natsMsg_GetReply(&message);
  return {.data = data(message),
          .reply = reply == nullptr ? "" : reply,
          .server_xkey = server_xkey(&message)};
}

CalloutMessage read_message(const WaitingRequest& request) {
  CalloutMessage read = read_message(*request.message);
  read.arrived = request.arrived;
  read.path = request.path;
  return read;
}

CalloutQueue::CalloutQueue(const ServerTimeout& server_timeout, MissedLogins& missed,
                           Counters& counters, WaitingRequests::Limits limits)
    : server_timeout_(server_timeout),
      missed_(missed),
      counters_(counters),
      waiting_(WaitingRequests{limits}),
      logged_(counters.overload_drops()) {}

WaitingRequests::Peeked CalloutQueue::peek(const WaitingRequest& request,
                                           CalloutCodec& codec) const {
  const auth::PeekedRequest peeked = codec.peek(read_message(request));
  const LoginKey who = missed_.key(peeked);
  const auto timeout = peeked.timeout ? bounded(*peeked.timeout) : server_timeout_.longest();
  return {who, patience(timeout), missed_.empty() ? std::nullopt : missed_.since(who)};
}

void CalloutQueue::push(std::vector<Message> messages, Clock::time_point arrived,
                        const std::shared_ptr<const RequestPath>& path) {
  Dropped dropped;
  const auto patient = patience(server_timeout_.longest());
  const auto waiting = waiting_.lock();
  for (Message& message : messages) {
    const std::size_t bytes = data(*message).size() + kOverhead;
    waiting->push({.message = std::move(message),
                   .path = path,
                   .arrived = arrived,
                   .bytes = bytes,
                   .patience = patient});
    drop_displaced(*waiting, dropped);
    changed_.notify_one();
  }
}

std::optional<WaitingRequest> CalloutQueue::pop(const std::stop_token& stop, CalloutCodec& codec) {
  while (true) {
    Dropped displaced;
    Dropped expired;
    auto waiting = waiting_.lock();
    if (!waiting.wait(changed_, stop, [&] { return waiting->size() > 0; })) return std::nullopt;
    sort(waiting, codec);
    drop_expired(*waiting, expired);
    drop_displaced(*waiting, displaced);
    auto next = waiting->pop(Clock::now());
    waiting.unlock();
    remember(expired, codec);
    if (next) return next;
  }
}

void CalloutQueue::sort(Locked<WaitingRequests>::Guard& waiting, CalloutCodec& codec) {
  std::vector<WaitingRequest> unsorted = waiting->take_unsorted();
  if (unsorted.empty()) return;
  waiting.unlock();
  std::vector<WaitingRequests::Peeked> peeked;
  peeked.reserve(unsorted.size());
  for (const WaitingRequest& request : unsorted)
    peeked.push_back(peek(request, codec));
  waiting.lock();
  for (std::size_t i = 0; i < unsorted.size(); ++i)
    waiting->sort(std::move(unsorted[i]), peeked[i]);
  changed_.notify_all();  // they may have been the last ones
}

void CalloutQueue::drop_displaced(WaitingRequests& waiting, Dropped& dropped) {
  while (auto displaced = waiting.take_displaced()) {
    ++counters_.displaced;
    if (displaced->who) missed_.add(*displaced->who);  // else there is no time to look
    dropped.push_back(std::move(*displaced));
  }
}

void CalloutQueue::drop_expired(WaitingRequests& waiting, Dropped& expired) {
  const auto now = Clock::now();
  while (auto request = waiting.take_expired(now)) {
    ++counters_.expired;
    expired.push_back(std::move(*request));
  }
}

void CalloutQueue::remember(const Dropped& expired, CalloutCodec& codec) {
  for (const WaitingRequest& request : expired)
    missed_.add(request.who ? *request.who : peek(request, codec).who);
}

void CalloutQueue::log_dropped() {
  const std::uint64_t before = std::exchange(logged_, counters_.overload_drops());
  if (logged_ == before) return;
  std::size_t size = 0;
  Clock::duration oldest{};
  {
    const auto waiting = waiting_.lock();
    size = waiting->size();
    if (size > 0) oldest = Clock::now() - waiting->oldest();
  }
  const auto oldest_ms = std::chrono::duration_cast<std::chrono::milliseconds>(oldest);
  log(Level::warning, "overloaded",
      {{"dropped", std::to_string(logged_ - before)},
       {"waiting", std::to_string(size)},
       {"oldest_ms", std::to_string(oldest_ms.count())}});
}

}  // namespace gateway
