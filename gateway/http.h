#pragma once
// Metrics and health over HTTP, for programs that watch: /metrics, /healthz, /readyz. What is asked
// is read and nothing done: the handlers touch neither NATS nor a decision.

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "gateway/vitals.h"

namespace httplib {
class Server;
}

namespace gateway {

class Http {
 public:
  // `listen`: "127.0.0.1:8422". Listens in a thread of its own; where the address is taken, it
  // tries again until it is not: an instance that is replaced by another may still be there.
  Http(std::string listen, const Vitals& vitals);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

 private:
  void set_up();
  void run(const std::stop_token& stop);

  const std::string listen_;
  const Vitals& vitals_;
  const std::unique_ptr<httplib::Server> server_;
  std::atomic<bool> ended_ = false;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace gateway
