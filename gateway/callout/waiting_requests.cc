#include "gateway/callout/waiting_requests.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace gateway {
namespace {

// For each that is decided so much is looked at before, at most kMaxLooked of each request. That is
// as much as ten usual requests, and takes less than to decide one.
constexpr std::size_t kLookedAtOnce = std::size_t{24} << 10;
constexpr std::size_t kMaxLooked = std::size_t{4} << 10;

constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();

// Below this all requests are of one size.
constexpr std::size_t kSmallest = std::size_t{2} << 10;

}  // namespace

void WaitingRequests::Source::add(Arrival arrival, const Peeked& peeked) {
  if (!peeked.missed) {
    requests.insert(arrival);
    return;
  }
  const auto [login, added] = missed.try_emplace(peeked.who.login, Login{*peeked.missed, {}});
  if (added) missed_in_turn.insert({login->second.since, login->first});
  login->second.requests.insert(arrival);
}

void WaitingRequests::Source::erase(Arrival arrival, std::uint64_t login) {
  if (requests.erase(arrival) > 0) return;
  const auto at = missed.find(login);
  at->second.requests.erase(arrival);
  if (!at->second.requests.empty()) return;
  missed_in_turn.erase({at->second.since, login});
  missed.erase(at);
}

WaitingRequests::Arrival WaitingRequests::Source::next(bool newest, Clock::time_point now) {
  if (missed_in_turn.empty()) return newest ? *requests.rbegin() : *requests.begin();
  auto first = missed_in_turn.extract(missed_in_turn.begin());
  Login& login = missed.at(first.value().second);
  login.since = first.value().first = now;
  missed_in_turn.insert(std::move(first));
  return *login.requests.rbegin();  // whoever sent the others may have given up
}

WaitingRequests::Arrival WaitingRequests::Source::least() const {
  if (!requests.empty()) return *requests.begin();
  return *missed.at(missed_in_turn.rbegin()->second).requests.begin();
}

void WaitingRequests::leave_order(Sources::iterator source) {
  const auto& [network, state] = *source;
  in_turn_.erase({state.turn, network});
  without_turn_.erase({state.turn, network});
  by_cost_.erase({state.cost, kLast - state.turn, network});
}

void WaitingRequests::enter_order(Sources::iterator source) {
  const auto& [network, state] = *source;
  if (state.cost == 0 && state.owed == 0) {
    sources_.erase(source);
    return;
  }
  in_turn_.insert({state.turn, network});
  if (!state.had_turn) without_turn_.insert({state.turn, network});
  by_cost_.insert({state.cost, kLast - state.turn, network});
}

void WaitingRequests::sort(WaitingRequest request, const Peeked& peeked) {
  request.who = peeked.who;
  request.patience = peeked.patience;
  const auto [source, added] = sources_.try_emplace(peeked.who.network);
  leave_order(source);
  if (added) source->second.turn = ++turns_;
  source->second.cost += cost(request);
  source->second.add(request.number, peeked);
  enter_order(source);
  by_deadline_.insert({request.deadline(), request.number});
  sorted_bytes_ += request.bytes;
  sorted_.emplace(request.number, Sorted{std::move(request), source});
}

WaitingRequest WaitingRequests::take(Arrival arrival) {
  const auto at = sorted_.find(arrival);
  WaitingRequest request = std::move(at->second.request);
  const auto source = at->second.source;
  sorted_.erase(at);
  by_deadline_.erase({request.deadline(), arrival});
  sorted_bytes_ -= request.bytes;
  leave_order(source);
  source->second.cost -= cost(request);
  source->second.erase(arrival, request.who->login);
  enter_order(source);
  if (sorted_.empty()) forget_sources();
  return request;
}

// Where nobody waits, nobody minds what another has had.
void WaitingRequests::forget_sources() {
  sources_.clear();
  in_turn_.clear();
  without_turn_.clear();
  by_cost_.clear();
}

WaitingRequest WaitingRequests::take_first(Unsorted& of_size) {
  WaitingRequest first = std::move(of_size.requests.front());
  of_size.requests.pop_front();
  of_size.bytes -= first.bytes;
  unsorted_bytes_ -= first.bytes;
  --unsorted_size_;
  return first;
}

WaitingRequests::Unsorted& WaitingRequests::with_oldest() {
  return *std::ranges::min_element(unsorted_, {}, [](const Unsorted& of_size) {
    return of_size.requests.empty() ? kLast : of_size.requests.front().number;
  });
}

void WaitingRequests::push(WaitingRequest request) {
  request.number = ++arrivals_;
  const auto size = static_cast<std::size_t>(std::bit_width(request.bytes / kSmallest));
  Unsorted& of_size = unsorted_.at(std::min(size, kSizes - 1));
  of_size.bytes += request.bytes;
  unsorted_bytes_ += request.bytes;
  ++unsorted_size_;
  of_size.requests.push_back(std::move(request));
}

std::size_t WaitingRequests::cost(const WaitingRequest& request) const {
  return std::max<std::size_t>((request.bytes + limits_.turn - 1) / limits_.turn, 1);
}

std::vector<WaitingRequest> WaitingRequests::take_unsorted() {
  std::vector<WaitingRequest> taken;
  if (sorted_.empty() && unsorted_bytes_ <= limits_.few) return taken;
  for (std::size_t looked = 0; looked < kLookedAtOnce && unsorted_size_ > 0;) {
    sized_ = (sized_ + 1) % kSizes;
    Unsorted& of_size = unsorted_.at(sized_);
    if (of_size.requests.empty()) continue;
    taken.push_back(take_first(of_size));
    looked += std::min(taken.back().bytes, kMaxLooked);
  }
  return taken;
}

std::optional<WaitingRequest> WaitingRequests::take_displaced() {
  if (sorted_bytes_ > limits_.sorted) {
    return take(sources_.at(std::get<auth::Address>(*by_cost_.rbegin())).least());
  }
  if (unsorted_bytes_ > limits_.unsorted) {
    return take_first(*std::ranges::max_element(unsorted_, {}, &Unsorted::bytes));
  }
  return std::nullopt;
}

std::optional<WaitingRequest> WaitingRequests::take_expired(Clock::time_point now) {
  if (!sorted_.empty() && next_to_expire().deadline() <= now) {
    return take(by_deadline_.begin()->second);
  }
  if (unsorted_size_ == 0) return std::nullopt;
  // Until somebody looks into them all have one patience.
  Unsorted& of_size = with_oldest();
  if (of_size.requests.front().deadline() > now) return std::nullopt;
  return take_first(of_size);
}

std::optional<WaitingRequest> WaitingRequests::pop(Clock::time_point now) {
  if (size() == 0) return std::nullopt;
  if (sorted_.empty()) return take_first(with_oldest());
  const WaitingRequest& oldest = next_to_expire();
  const bool congested = (now - oldest.arrived) * 3 > oldest.patience;
  turn_in_order_ = !congested || !turn_in_order_;
  const bool newest = !turn_in_order_ && !without_turn_.empty();
  const auto source = newest ? sources_.find(without_turn_.rbegin()->second) : next_in_turn();
  leave_order(source);
  source->second.turn = ++turns_;
  source->second.had_turn = true;
  const Arrival next = source->second.next(congested, now);
  source->second.owed += cost(sorted_.at(next).request) - 1;
  enter_order(source);
  return take(next);
}

// Those before it that owe turns give one each: on average one step for each turn that a request
// has cost.
WaitingRequests::Sources::iterator WaitingRequests::next_in_turn() {
  while (true) {
    const auto source = sources_.find(in_turn_.begin()->second);
    if (source->second.owed == 0) return source;
    leave_order(source);
    --source->second.owed;
    source->second.turn = ++turns_;
    enter_order(source);
  }
}

const WaitingRequest& WaitingRequests::next_to_expire() const {
  return sorted_.at(by_deadline_.begin()->second).request;
}

WaitingRequests::Clock::time_point WaitingRequests::oldest() const {
  if (!sorted_.empty()) return next_to_expire().arrived;
  auto oldest = Clock::time_point::max();
  for (const Unsorted& of_size : unsorted_) {
    if (!of_size.requests.empty()) oldest = std::min(oldest, of_size.requests.front().arrived);
  }
  return oldest;
}

void WaitingRequests::clear() {
  while (pop({})) {
  }
}

}  // namespace gateway
