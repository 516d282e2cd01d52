#pragma once
// Metrics and health over HTTP, for programs that watch: /metrics, /healthz, /readyz. What is asked
// is read and nothing done: it touches neither NATS nor a decision.

#include <stop_token>
#include <string>
#include <thread>

namespace gateway {

struct DaemonView;

class HttpServer {
 public:
  // `listen`: as read_listen_address() takes it. Serves on a thread of its own; where the address
  // is taken, it tries again until it is not: an instance that this one replaces may still be
  // there. The number of connections, their memory and the time that they idle are bounded. The end
  // of this waits for nobody.
  HttpServer(std::string listen, const DaemonView& view);

 private:
  void run(const std::stop_token& stop) const;

  std::string listen_;
  const DaemonView& view_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace gateway
