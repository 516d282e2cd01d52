#pragma once
// The callout's connection to nats-server, the thread that reads requests from it into a queue, and
// the workers that answer them. Lives as long as the connection: once that is lost, its owner makes
// another Callout.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "gateway/callout/callout_queue.h"
#include "gateway/callout/pipeline.h"
#include "gateway/config/config.h"
#include "gateway/nats/client.h"

namespace gateway {

// What a callout works with; the references must outlive it.
struct CalloutDeps {
  std::shared_ptr<const Config> config;
  LameDuckSignal& lame_ducks;
  PipelineDeps pipeline;
};

class Callout {
 public:
  // Connects, subscribes in queue group `q` and starts the workers, or throws NatsError. `last`: as
  // of connect().
  Callout(const CalloutDeps& deps, const std::string& last);
  ~Callout();
  Callout(const Callout&) = delete;
  Callout& operator=(const Callout&) = delete;

  bool alive() const { return connected(batched_) && connected(prompt_); }

  // Whether its server answers within `patience`.
  bool answers(std::chrono::milliseconds patience) const {
    return gateway::answers(batched_, patience);
  }

  // The server's, for people.
  std::string url() const { return url_of(batched_); }

  // Requests that no worker has taken yet.
  std::int64_t waiting() const;

  // Whether its server, or that of another connection, has said since that it is going: then
  // another Callout is made, and this one drained.
  bool to_be_left() const { return deps_.lame_ducks.count() != lame_ducks_; }

  // Takes no new requests, answers those that were taken or are on their way here, and ends the
  // workers. Another instance of the group gets what comes after. Throws NatsError.
  void drain();

 private:
  using Loop = void (Callout::*)(const std::stop_token&);

  // A thread whose failure ends the connection.
  std::jthread start(Loop loop);
  void read(const std::stop_token& stop);
  void work(const std::stop_token& stop);
  void count_unread();
  void stop_reader();
  void stop_workers();

  const CalloutDeps deps_;
  const std::uint64_t lame_ducks_;
  std::atomic<bool> draining_ = false;
  Connection batched_;
  Connection prompt_;
  Pipeline pipeline_;
  CalloutQueue queue_;
  Subscription subscription_;
  std::int64_t unread_ = 0;  // of the subscription, as far as they are counted
  std::vector<std::jthread> workers_;
  std::jthread reader_;
};

}  // namespace gateway
