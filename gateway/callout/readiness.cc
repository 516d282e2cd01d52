#include "gateway/callout/readiness.h"

#include <algorithm>
#include <iterator>

#include "gateway/nats/auth_error.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kShortProbeInterval = 1s;
constexpr auto kMinOff = 1s;

// Without the time that has passed: systemd is told each new text.
std::string since(Readiness::Clock::time_point then) {
  return then == Readiness::Clock::time_point{} ? "yet" : "within 30 s";
}

// Without the difference, which changes with each request.
std::string clocks(auth::Drop why) {
  const bool ahead = why == auth::Drop::expired;
  return std::string("this machine's clock is ") + (ahead ? "ahead of" : "behind") +
         " that of nats-server by more than `callout.leeway`, so its requests are dropped (" +
         std::string(name(why)) + "): compare them (date -u)";
}

}  // namespace

Readiness::Is Readiness::get(Clock::time_point now) const {
  const auto good = [now](Clock::time_point then) {
    return then != Clock::time_point{} && now - then <= kGood;
  };
  const auto is_refused = [](const auto& account) { return account.second.refused >= kRefused; };
  const auto last = last_.lock();
  const bool off = last->clock && now - last->last_off <= kOff;
  if (off && last->last_off - last->first_off >= kMinOff) return {false, clocks(*last->clock)};
  const auto refused = std::ranges::find_if(last->accounts, is_refused);
  const auto count = std::ranges::count_if(last->accounts, is_refused);
  if (2 * count > std::ssize(last->accounts)) {
    return {false, "nats-server refuses what this daemon grants, account " + refused->first + ": " +
                       refused->second.refusal};
  }
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
  const bool off = last->clock && now - last->last_off <= kOff;
  const bool undecided = std::ranges::any_of(last->accounts, [](const auto& account) {
    return account.second.refused > 0 && account.second.refused < kRefused;
  });
  return others_are_asked || off || undecided ? kShortProbeInterval : kProbeInterval;
}

void Readiness::came_through(const std::string& account, Clock::time_point now) {
  ++good_;
  const auto last = last_.lock();
  last->came_through = now;
  if (!account.empty()) last->accounts[account].refused = 0;
  last->error.clear();
}

std::map<std::string, std::string> Readiness::refused() const {
  std::map<std::string, std::string> refused;
  for (const auto& [account, state] : last_.lock()->accounts) {
    if (state.refused >= kRefused) refused.emplace(account, state.refusal);
  }
  return refused;
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

void Readiness::refused_by_server(const std::string& account, auth::ServerRefusal why,
                                  const std::string& text) {
  const auto last = last_.lock();
  Account& refused = last->accounts[account];
  ++refused.refused;
  refused.refusal = std::string(name(why)) + " (" + text + "); " + std::string(what_to_do(why));
}

void Readiness::dropped(auth::Drop why, Clock::time_point now) {
  if (why != auth::Drop::expired && why != auth::Drop::not_yet_valid) return;
  const auto last = last_.lock();
  if (last->clock != why || now - last->last_off > kOff) last->first_off = now;
  last->clock = why;
  last->last_off = now;
}

}  // namespace gateway
