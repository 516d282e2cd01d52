#include "gateway/http.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include <httplib.h>

#include "gateway/listen.h"
#include "gateway/log.h"
#include "gateway/metrics.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

// Watchers are few; whoever opens many connections waits for himself.
constexpr std::size_t kHttpThreads = 2;
constexpr std::time_t kHttpSeconds = 5;
constexpr std::size_t kHttpRequests = 100;  // on one connection
constexpr auto kListenAgain = 2s;
constexpr auto kListenEnd = 10ms;
constexpr const char* kText = "text/plain; charset=utf-8";
constexpr const char* kMetricsText = "text/plain; version=0.0.4; charset=utf-8";
constexpr int kUnavailable = 503;

void answer(httplib::Response& response, const char* good,
            const std::optional<std::string>& problem) {
  if (problem) response.status = kUnavailable;
  response.set_content(problem.value_or(good) + "\n", kText);
}

}  // namespace

Http::Http(std::string listen, const Vitals& vitals)
    : listen_(std::move(listen)),
      vitals_(vitals),
      server_(std::make_unique<httplib::Server>()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Http::~Http() {
  thread_.request_stop();
  // What is stopped just before it begins to listen would not hear of it.
  while (!ended_) {
    server_->stop();
    std::this_thread::sleep_for(kListenEnd);
  }
}

void Http::set_up() {
  // The library's own would let two daemons have one port, and each answer every other request.
  server_->set_socket_options([](socket_t socket) {
    constexpr int kYes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &kYes, sizeof kYes);
  });
  server_->new_task_queue = [] { return new httplib::ThreadPool(kHttpThreads); };
  server_->set_read_timeout(kHttpSeconds);
  server_->set_write_timeout(kHttpSeconds);
  server_->set_keep_alive_timeout(kHttpSeconds);
  server_->set_keep_alive_max_count(kHttpRequests);
  server_->set_payload_max_length(0);
  server_->Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
    response.set_content(write_metrics(vitals_), kMetricsText);
  });
  server_->Get("/healthz", [this](const httplib::Request&, httplib::Response& response) {
    answer(response, "healthy", what_is_stuck(vitals_));
  });
  server_->Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
    answer(response, "ready", why_not_ready(vitals_));
  });
}

void Http::run(const std::stop_token& stop) {
  set_up();
  const Listen at = read_listen(listen_);
  std::mutex mutex;
  std::condition_variable_any never;
  bool bound = server_->bind_to_port(at.address.c_str(), at.port);
  if (!bound) {
    log(Level::error, "metrics_not_served",
        {{"listen", listen_}, {"error", "the address is taken, or is none of this machine"}});
  }
  while (!bound && !stop.stop_requested()) {
    std::unique_lock lock{mutex};
    never.wait_for(lock, stop, kListenAgain, [] { return false; });
    bound = server_->bind_to_port(at.address.c_str(), at.port);
  }
  if (bound && !stop.stop_requested()) {
    log(Level::info, "metrics_served", {{"listen", listen_}});
    server_->listen_after_bind();
  }
  ended_ = true;
}

}  // namespace gateway
