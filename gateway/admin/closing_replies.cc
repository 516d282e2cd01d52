#include "gateway/admin/closing_replies.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace gateway {
namespace {

// A server answers within a millisecond or two.
constexpr std::chrono::milliseconds kPollInterval{10};

}  // namespace

ClosingReplies::ClosingReplies(Lookup lookup)
    : lookup_(std::move(lookup)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

ClosingReplies::~ClosingReplies() {
  thread_.request_stop();
  thread_.join();
  send_due(*added_.lock(), /*all=*/true);
}

void ClosingReplies::add(ClosingRequest closing, std::string actor, Send send) {
  added_.lock()->push_back(
      {std::move(closing), std::move(actor), std::move(send), Clock::now() + kPatience});
  changed_.notify_all();
}

void ClosingReplies::send_due(std::vector<Waiting>& waiting, bool all) const {
  const auto now = Clock::now();
  std::set<std::string> held;  // actors
  std::erase_if(waiting, [&](const Waiting& one) {
    if (held.contains(one.actor)) return false;
    const ClosingReport report = lookup_(one.closing);
    if (!report.is.settled && !all && now < one.end) {
      held.insert(one.actor);
      return false;
    }
    one.send(report);
    return true;
  });
}

void ClosingReplies::run(const std::stop_token& stop) {
  std::vector<Waiting> waiting;
  while (!stop.stop_requested()) {
    {
      auto added = added_.lock();
      const auto any = [&added] { return !added->empty(); };
      if (waiting.empty()) {
        added.wait(changed_, stop, any);
      } else {
        added.wait_until(changed_, stop, Clock::now() + kPollInterval, any);
      }
      std::ranges::move(*added, std::back_inserter(waiting));
      added->clear();
    }
    send_due(waiting, /*all=*/false);
  }
  send_due(waiting, /*all=*/true);
}

}  // namespace gateway
