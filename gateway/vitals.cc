#include "gateway/vitals.h"

#include <chrono>

namespace gateway {
namespace {

using namespace std::chrono_literals;

// No decision takes so long, but for a password's: two hashes at the highest cost, at low priority
// on a busy machine.
constexpr auto kStuck = 20s;

}  // namespace

std::optional<std::string> what_is_stuck(const Vitals& vitals) {
  const auto longest = vitals.beats.longest();
  if (longest < kStuck) return std::nullopt;
  return "a worker has been at one request for " +
         std::to_string(std::chrono::floor<std::chrono::seconds>(longest).count()) + " s";
}

std::optional<std::string> why_not_ready(const Vitals& vitals) {
  if (auto stuck = what_is_stuck(vitals)) return stuck;
  if (!vitals.counters.callout.get().up) return "not connected to nats-server";
  if (vitals.readiness == nullptr) return std::nullopt;
  const Readiness::Is is = vitals.readiness->get();
  return is.ready ? std::nullopt : std::optional{is.why_not};
}

}  // namespace gateway
