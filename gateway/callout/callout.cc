#include "gateway/callout/callout.h"

#include <exception>
#include <utility>

#include "gateway/callout/callout_link.h"
#include "gateway/platform/clock.h"

namespace gateway {

Callout::Callout(const CalloutDeps& deps)
    : deps_(deps),
      pipeline_(deps.pipeline, deps.config->passwords,
                [](const ReplyTo& to, const std::string& answer) {
                  to.path->send(to.subject, answer, Sending::prompt);
                }),
      queue_(deps.pipeline.server_timeout, deps.pipeline.missed, deps.pipeline.counters),
      links_(deps.table, {.dial =
                              [this](const std::string& url, LameDuckSignal& lame_duck) {
                                return std::make_shared<CalloutLink>(
                                    CalloutLink::Shared{.config = deps_.config->nats,
                                                        .login = deps_.pipeline.keys.nats,
                                                        .queue = queue_,
                                                        .filter = deps_.filter,
                                                        .workers = deps_.config->workers,
                                                        .counters = deps_.pipeline.counters},
                                    url, lame_duck);
                              },
                          .lame_ducks = deps.lame_ducks,
                          .on_change = [this] { report(); }}) {
  for (unsigned i = 0; i < deps.config->workers; ++i)
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

void Callout::work(const std::stop_token& stop) {
  CalloutCodec codec = pipeline_.make_codec();
  StallDetector::Thread thread{deps_.pipeline.stalls.workers};
  // Alone, an answer goes out at once; where others wait, they share a write.
  const Pipeline::Send send = [&](const ReplyTo& to, const std::string& answer) {
    to.path->send(to.subject, answer, queue_.size() == 0 ? Sending::prompt : Sending::batched);
  };
  while (const auto request = queue_.pop(stop, codec)) {
    const BusyScope busy{thread};
    if (request->path->alive()) pipeline_.take(read_message(*request), codec, send);
  }
}

void Callout::report() {
  const std::string url = deps_.table.longest_up();
  deps_.state.set(!url.empty(), url, now_in_seconds());
  deps_.pipeline.counters.requests_waiting = static_cast<std::int64_t>(queue_.size());
}

void Callout::stop_workers() {
  for (std::jthread& worker : workers_)
    worker.request_stop();
  workers_.clear();
}

Callout::~Callout() {
  links_.drain();
  queue_.clear();
  stop_workers();
}

void Callout::drain() {
  links_.drain();
  stop_workers();
  pipeline_.drain();
  links_.flush();
}

}  // namespace gateway
