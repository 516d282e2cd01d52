#include "gateway/callout/readiness.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kProbeInterval = 5s;
constexpr auto kShortProbeInterval = 1s;

// Without the time that has passed: systemd is told each new text.
std::string since(Readiness::Clock::time_point then) {
  return then == Readiness::Clock::time_point{} ? "yet" : "within 30 s";
}

}  // namespace

Readiness::Is Readiness::get(Clock::time_point now) const {
  const auto good = [now](Clock::time_point then) {
    return then != Clock::time_point{} && now - then <= kGood;
  };
  const auto last = last_.lock();
  if (!good(last->came_through)) {
    return {false,
            "no self-probe succeeded " + since(last->came_through) +
                (last->denial.empty() ? "" : "; the last one was denied here: " + last->denial) +
                (last->error.empty() ? "" : "; " + last->error)};
  }
  if (!good(last->granted)) {
    return {false, "no worker of this daemon granted a self-probe " + since(last->granted)};
  }
  return {true, ""};
}

std::chrono::seconds Readiness::pause(Clock::time_point now) const {
  const auto last = last_.lock();
  const bool others_are_asked =
      now - last->came_through <= kProbeInterval && now - last->granted > kGood / 3;
  return others_are_asked ? kShortProbeInterval : kProbeInterval;
}

void Readiness::came_through(Clock::time_point now) {
  ++good_;
  const auto last = last_.lock();
  last->came_through = now;
  last->error.clear();
}

void Readiness::failed(const std::string& error) {
  ++bad_;
  last_.lock()->error = error;
}

void Readiness::judged(std::optional<auth::Deny> denial, Clock::time_point now) {
  const auto last = last_.lock();
  last->denial = denial ? name(*denial) : "";
  if (!denial) last->granted = now;
}

}  // namespace gateway
