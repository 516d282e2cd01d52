#pragma once
// Metrics and health over HTTP: /metrics, /healthz, /readyz. Read-only: a request affects neither
// NATS nor a decision.

#include <stop_token>
#include <string>
#include <thread>

namespace gateway {

struct DaemonView;

class HttpServer {
 public:
  // `listen`: as read_listen_address() takes it. Serves on its own thread. While the address is in
  // use it retries, because an instance that this one replaces may still be running. The number of
  // connections, their memory and their time are bounded. Where all places are taken, each is
  // closed about 250 ms after the client connected: a request that came by then is answered, and a
  // client that does not read loses its answer. The destructor does not wait for clients.
  HttpServer(std::string listen, const DaemonView& view);

 private:
  void run(const std::stop_token& stop) const;

  std::string listen_;
  const DaemonView& view_;
  std::jthread thread_;
};

}  // namespace gateway
