#pragma once
// How far the closing of one credential's sessions has come: what whoever revoked it is told.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "gateway/nats/session.h"
#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe.
class Closing {
 public:
  struct Is {
    bool done = false;         // every server that is there has answered, and nothing is left
    std::uint64_t closed = 0;  // sessions that were there and are not any more, whoever closed them
    std::uint64_t open = 0;    // that are known and were not closed yet
  };

  Is get() const {
    const auto state = state_.lock();
    const bool done = state->parts == 0;
    return {done, state->closed.size(), done ? 0 : state->open.size()};
  }
  void found(const Session& session) {
    const Key key{session.server_id, session.cid};
    const auto state = state_.lock();
    if (!state->closed.contains(key)) state->open.insert(key);
  }
  // `was_there`: false for one that was let in, and whose client left before it was told.
  void gone(const Session& session, bool was_there) {
    const Key key{session.server_id, session.cid};
    const auto state = state_.lock();
    state->open.erase(key);
    if (was_there) state->closed.insert(key);
  }

 private:
  friend class ClosingPart;
  using Key = std::pair<std::string, std::uint64_t>;  // server, cid
  struct State {
    std::size_t parts = 0;
    std::set<Key> open, closed;
  };
  Locked<State> state_;
};

// Something that a closing waits for, until this and every copy of it is gone. Empty: of none.
class ClosingPart {
 public:
  ClosingPart() = default;
  explicit ClosingPart(std::shared_ptr<Closing> of) : of_(std::move(of)) { count(1); }
  ClosingPart(const ClosingPart& other) : of_(other.of_) { count(1); }
  ClosingPart(ClosingPart&& other) noexcept : of_(std::move(other.of_)) {}
  ClosingPart& operator=(ClosingPart other) noexcept {
    std::swap(of_, other.of_);
    return *this;
  }
  ~ClosingPart() { count(-1); }

  Closing* operator->() const { return of_.get(); }
  // Without being a part of it.
  const std::shared_ptr<Closing>& closing() const { return of_; }
  explicit operator bool() const { return of_ != nullptr; }

 private:
  void count(int more) const {
    if (of_) of_->state_.lock()->parts += static_cast<std::size_t>(more);
  }
  std::shared_ptr<Closing> of_;
};

// What a daemon says of the closing that a change of a credential asks for.
struct ClosingReport {
  bool connected = false;  // to the system account; else nothing can be closed now
  Closing::Is is{};
};

}  // namespace gateway
