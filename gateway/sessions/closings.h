#pragma once
// The closings that entries of the journal asked for, those of the last minutes: whoever asks for
// one does so at once.

#include <chrono>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "gateway/platform/locked.h"
#include "gateway/sessions/closing.h"
#include "store/journal.h"

namespace gateway {

// Thread-safe.
class Closings {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // That of the entry: a new one, or, of a role that is still being closed, that very one, which
  // then waits for more. Those who change a role at once count the same sessions.
  ClosingPart begin(const store::Entry& entry, TimePoint now = std::chrono::steady_clock::now());
  // The newest of this credential, or of the role with this auth::role_id(), that an entry up to
  // `sequence` asked for. Null: none.
  std::shared_ptr<const Closing> find(const std::string& id, std::uint64_t sequence) const;

 private:
  struct Begun {
    std::string id;
    std::uint64_t sequence = 0;  // of the entry
    auto operator<=>(const Begun&) const = default;
  };
  struct State {
    std::map<Begun, std::shared_ptr<Closing>> all;
    std::deque<std::pair<TimePoint, Begun>> in_order;
  };
  static std::shared_ptr<Closing> newest(const State& state, const Begun& until);

  Locked<State> state_;
};

}  // namespace gateway
