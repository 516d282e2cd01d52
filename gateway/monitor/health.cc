#include "gateway/monitor/health.h"

#include <chrono>

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kStuck = 20s;
// Two hashes at the highest cost, at low priority: a flood that takes all of the machine's time
// must not make the watchdog end the daemon.
constexpr auto kStuckPassword = 5min;

std::optional<std::string> stuck(const char* who, StallDetector::Clock::duration longest,
                                 std::chrono::seconds limit) {
  if (longest < limit) return std::nullopt;
  return std::string(who) + " has been working on one request for " +
         std::to_string(std::chrono::floor<std::chrono::seconds>(longest).count()) + " s";
}

}  // namespace

std::optional<std::string> stalled_worker(const DaemonView& view) {
  if (auto worker = stuck("a worker", view.stalls.workers.longest(), kStuck)) return worker;
  return stuck("a password thread", view.stalls.passwords.longest(), kStuckPassword);
}

std::optional<std::string> why_not_ready(const DaemonView& view) {
  if (auto what = stalled_worker(view)) return what;
  if (!view.connections.callout.get().up) return "not connected to nats-server";
  if (view.readiness == nullptr) return std::nullopt;
  const Readiness::Is is = view.readiness->get();
  return is.ready ? std::nullopt : std::optional{is.why_not};
}

}  // namespace gateway
