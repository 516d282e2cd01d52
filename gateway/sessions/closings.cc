#include "gateway/sessions/closings.h"

#include <cstddef>
#include <iterator>
#include <limits>

namespace gateway {
namespace {

constexpr std::chrono::minutes kKeepClosing{5};
constexpr std::size_t kMaxClosings = 16'384;

}  // namespace

std::shared_ptr<Closing> Closings::newest(const State& state, const Begun& until) {
  const auto after = state.all.upper_bound(until);
  if (after == state.all.begin()) return nullptr;
  const auto found = std::prev(after);
  return found->first.id == until.id ? found->second : nullptr;
}

ClosingPart Closings::begin(const store::Entry& entry, TimePoint now) {
  const auto state = state_.lock();
  while (!state->in_order.empty()) {
    const auto& [at, oldest] = state->in_order.front();
    if (now - at < kKeepClosing && state->in_order.size() < kMaxClosings) break;
    state->all.erase(oldest);
    state->in_order.pop_front();
  }
  const Begun begun{entry.id, entry.sequence};
  std::shared_ptr<Closing> closing;
  if (entry.action == store::Action::kick_role)
    closing = newest(*state, {entry.id, std::numeric_limits<std::uint64_t>::max()});
  if (!closing || closing->done()) closing = std::make_shared<Closing>();
  state->all.insert_or_assign(begun, closing);
  state->in_order.emplace_back(now, begun);
  return ClosingPart{std::move(closing)};
}

std::shared_ptr<const Closing> Closings::find(const std::string& id, std::uint64_t sequence) const {
  return newest(*state_.lock(), {id, sequence});
}

}  // namespace gateway
