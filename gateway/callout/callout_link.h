#pragma once
// The callout's link to one server: two connections, and for each queue group a subscription with a
// thread that reads its requests into the queue of the workers.

#include <functional>
#include <memory>
#include <string>

#include "gateway/callout/callout_queue.h"
#include "gateway/callout/request_filter.h"
#include "gateway/config/config.h"
#include "gateway/config/keys.h"
#include "gateway/nats/client.h"
#include "gateway/nats/server_links.h"
#include "gateway/platform/counters.h"

namespace gateway {

class CalloutLink : public ServerLink {
 public:
  // What all links share. Borrowed.
  struct Shared {
    const NatsConfig& config;
    const NatsLogin& login;
    CalloutQueue& queue;
    RequestFilter& filter;
    std::size_t workers;
    Counters& counters;
  };

  // Connects, and subscribes nothing yet. Throws NatsError.
  CalloutLink(const Shared& shared, const std::string& url, LameDuckSignal& lame_ducks);
  ~CalloutLink() override;

  std::string server_id() const override;
  // In a cluster it is in two groups (request_filter.h); a server that is alone has the shared one
  // only.
  void serve(bool several) override;
  bool alive() const override;
  bool answers(std::chrono::milliseconds patience) const override;
  std::vector<std::string> discovered() const override;
  // Afterwards each request that was on its way here is in the queue.
  bool drain() override;

 private:
  struct Connections;
  class Path;
  class Reader;

  std::unique_ptr<Reader> join(Group group);
  void flush() const;

  const Shared shared_;
  const NatsConfig server_;
  LameDuckSignal& lame_ducks_;
  std::shared_ptr<Connections> connections_;
  std::unique_ptr<Reader> in_shared_;
  std::unique_ptr<Reader> in_own_;
};

}  // namespace gateway
