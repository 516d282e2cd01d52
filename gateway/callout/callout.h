#pragma once
// What answers requests: a queue, the workers that take from it, and their pipeline. They are one
// for all links, by which requests come and answers go (callout_link.h).

#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "gateway/callout/callout_queue.h"
#include "gateway/callout/pipeline.h"
#include "gateway/callout/request_filter.h"
#include "gateway/config/config.h"
#include "gateway/nats/connection_state.h"
#include "gateway/nats/server_links.h"

namespace gateway {

// What a callout works with; the references must outlive it.
struct CalloutDeps {
  std::shared_ptr<const Config> config;
  LameDuckSignals& lame_ducks;
  ConnectionState& state;
  LinkTable& table;
  RequestFilter& filter;
  PipelineDeps pipeline;
};

class Callout {
 public:
  // Starts the workers, and begins to connect.
  explicit Callout(const CalloutDeps& deps);
  ~Callout();
  Callout(const Callout&) = delete;
  Callout& operator=(const Callout&) = delete;

  // Says whether it is connected, and how many requests wait.
  void report();
  // As CalloutQueue::log_dropped().
  void log_dropped() { queue_.log_dropped(); }

  // Takes no new requests, answers those that were taken or are on their way here, and ends the
  // workers. Another instance of the groups gets what comes after.
  void drain();

 private:
  void work(const std::stop_token& stop);
  void stop_workers();

  const CalloutDeps deps_;
  Pipeline pipeline_;
  CalloutQueue queue_;
  std::vector<std::jthread> workers_;
  ServerLinks links_;  // last: they fill the queue
};

}  // namespace gateway
