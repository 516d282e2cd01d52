#include "gateway/callout/waiting_logins.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gateway {
namespace {

const auto kArrived = [](const auto& one) { return one.oldest().arrived; };

template <class List>
auto oldest_in(List& list) {
  return std::ranges::min_element(list, {}, kArrived);
}

// Of the largest ones that with the oldest task; one of `least`, if there is any.
template <class List, class Least>
auto largest_in(List& list, const Least& least) {
  return std::ranges::max_element(list, [&](const auto& a, const auto& b) {
    if (least(a) != least(b)) return least(b);
    return a.size() != b.size() ? a.size() < b.size() : kArrived(a) > kArrived(b);
  });
}

template <class List>
auto next_in(List& list, bool newest) {
  if (newest) {
    const auto at =
        std::find_if(list.rbegin(), list.rend(), [](const auto& one) { return !one.turn.had; });
    if (at != list.rend()) return std::prev(at.base());
  }
  return std::ranges::min_element(list, {}, [](const auto& one) { return one.turn.at; });
}

// The end where none has missed an answer.
template <class List>
auto longest_missed_in(List& list) {
  const auto at = std::ranges::min_element(list, {}, [](const auto& one) {
    return one.missed.value_or(WaitingLogins::Clock::time_point::max());
  });
  return at != list.end() && at->missed ? at : list.end();
}

}  // namespace

std::size_t WaitingLogins::Source::size() const {
  std::size_t sum = 0;
  for (const Login& login : logins)
    sum += login.size();
  return sum;
}

const RequestTask& WaitingLogins::Source::oldest() const {
  return oldest_in(logins)->oldest();
}

std::optional<RequestTask> WaitingLogins::push(RequestTask task) {
  const Guess who = within_network(task.guess().value_or(Guess{}));
  auto source = std::ranges::find(sources_, who.source, &Source::network);
  if (source == sources_.end()) {
    source = sources_.insert(source, {.network = who.source, .turn = {.at = ++turns_}});
  }
  auto login = std::ranges::find(source->logins, who.login, &Login::name);
  if (login == source->logins.end()) {
    login = source->logins.insert(login, {.name = who.login, .turn = {.at = ++turns_}});
  }
  if (task.missed) login->missed = task.missed;
  login->tasks.push_back(std::move(task));
  if (++size_ <= max_) return std::nullopt;
  const auto largest = largest_in(sources_, [](const Source& /*any*/) { return true; });
  const auto goes = largest_in(largest->logins, [](const Login& one) { return !one.missed; });
  return take({largest, goes}, /*newest=*/false);
}

RequestTask WaitingLogins::pop() {
  const auto oldest = oldest_in(sources_);
  const RequestTask& waits = oldest->oldest();
  // One that is too late costs no hash, and so no turn.
  if (waits.late()) return take({oldest, oldest_in(oldest->logins)}, /*newest=*/false);
  const auto patience = std::min<Clock::duration>(waits.timeout(), kClientPatience);
  const bool congested = waits.waited() * 3 > patience;
  in_order_ = !congested || !in_order_;
  const auto source = next_in(sources_, !in_order_);
  auto login = longest_missed_in(source->logins);
  if (login == source->logins.end()) login = next_in(source->logins, !in_order_);
  if (login->missed) login->missed = Clock::now();
  source->turn = {.at = ++turns_, .had = true};
  login->turn = source->turn;
  return take({source, login}, congested);
}

RequestTask WaitingLogins::take(const Place& place, bool newest) {
  auto& tasks = place.login->tasks;
  RequestTask task = std::move(newest ? tasks.back() : tasks.front());
  if (newest) {
    tasks.pop_back();
  } else {
    tasks.pop_front();
  }
  --size_;
  if (tasks.empty()) place.source->logins.erase(place.login);
  if (place.source->logins.empty()) sources_.erase(place.source);
  return task;
}

WaitingLogins::Clock::time_point WaitingLogins::oldest() const {
  return kArrived(*oldest_in(sources_));
}

void WaitingLogins::clear() {
  sources_.clear();
  size_ = 0;
}

}  // namespace gateway
