#include "gateway/callout/waiting_requests.h"

namespace gateway {
namespace {

// For each that is decided so many are sorted, which takes about a third as long. Where more come,
// the oldest of the others lose their places, whoever's they are.
constexpr std::size_t kSortedAtOnce = 8;

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
  by_bytes_.erase({state.bytes, network});
}

void WaitingRequests::enter_order(Sources::iterator source) {
  const auto& [network, state] = *source;
  if (state.bytes == 0) {
    sources_.erase(source);
    return;
  }
  in_turn_.insert({state.turn, network});
  if (!state.had_turn) without_turn_.insert({state.turn, network});
  by_bytes_.insert({state.bytes, network});
}

void WaitingRequests::sort(WaitingRequest request, const Peeked& peeked) {
  request.who = peeked.who;
  request.patience = peeked.patience;
  const auto [source, added] = sources_.try_emplace(peeked.who.network);
  leave_order(source);
  if (added) source->second.turn = ++turns_;
  source->second.bytes += request.bytes;
  source->second.add(++arrivals_, peeked);
  enter_order(source);
  by_deadline_.insert({request.deadline(), arrivals_});
  sorted_bytes_ += request.bytes;
  sorted_.emplace(arrivals_, Sorted{std::move(request), source});
}

WaitingRequest WaitingRequests::take(Arrival arrival) {
  const auto at = sorted_.find(arrival);
  WaitingRequest request = std::move(at->second.request);
  const auto source = at->second.source;
  sorted_.erase(at);
  by_deadline_.erase({request.deadline(), arrival});
  sorted_bytes_ -= request.bytes;
  leave_order(source);
  source->second.bytes -= request.bytes;
  source->second.erase(arrival, request.who->login);
  enter_order(source);
  return request;
}

WaitingRequest WaitingRequests::take_oldest_unsorted() {
  WaitingRequest first = std::move(unsorted_.front());
  unsorted_.pop_front();
  unsorted_bytes_ -= first.bytes;
  return first;
}

void WaitingRequests::push(WaitingRequest request) {
  unsorted_bytes_ += request.bytes;
  unsorted_.push_back(std::move(request));
}

std::vector<WaitingRequest> WaitingRequests::take_unsorted() {
  std::vector<WaitingRequest> taken;
  if (sorted_.empty() && unsorted_bytes_ <= limits_.few) return taken;
  taken.reserve(kSortedAtOnce);
  while (taken.size() < kSortedAtOnce && !unsorted_.empty())
    taken.push_back(take_oldest_unsorted());
  return taken;
}

std::optional<WaitingRequest> WaitingRequests::take_displaced() {
  if (sorted_bytes_ > limits_.sorted) {
    return take(sources_.at(by_bytes_.rbegin()->second).least());
  }
  if (unsorted_bytes_ > limits_.unsorted) return take_oldest_unsorted();
  return std::nullopt;
}

std::optional<WaitingRequest> WaitingRequests::take_expired(Clock::time_point now) {
  if (!sorted_.empty() && next_to_expire().deadline() <= now) {
    return take(by_deadline_.begin()->second);
  }
  if (!unsorted_.empty() && unsorted_.front().deadline() <= now) return take_oldest_unsorted();
  return std::nullopt;
}

std::optional<WaitingRequest> WaitingRequests::pop(Clock::time_point now) {
  if (size() == 0) return std::nullopt;
  if (sorted_.empty()) return take_oldest_unsorted();
  const WaitingRequest& oldest = next_to_expire();
  const bool congested = (now - oldest.arrived) * 3 > oldest.patience;
  turn_in_order_ = !congested || !turn_in_order_;
  const bool newest = !turn_in_order_ && !without_turn_.empty();
  const auto source =
      sources_.find(newest ? without_turn_.rbegin()->second : in_turn_.begin()->second);
  leave_order(source);
  source->second.turn = ++turns_;
  source->second.had_turn = true;
  const Arrival next = source->second.next(congested, now);
  enter_order(source);
  return take(next);
}

const WaitingRequest& WaitingRequests::next_to_expire() const {
  return sorted_.at(by_deadline_.begin()->second).request;
}

WaitingRequests::Clock::time_point WaitingRequests::oldest() const {
  return (sorted_.empty() ? unsorted_.front() : next_to_expire()).arrived;
}

void WaitingRequests::clear() {
  while (pop({})) {
  }
}

}  // namespace gateway
