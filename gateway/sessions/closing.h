#pragma once
// How far the closing of one credential's sessions has come: what whoever revoked it is told.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gateway/nats/session.h"
#include "gateway/platform/locked.h"

namespace gateway {

// A server that was asked and has not answered. It may hang, be cut off, or have died.
struct SilentServer {
  std::string name;  // its id where no name is known
  std::chrono::seconds silent_for{};
  std::uint64_t sessions = 0;  // that are known there and were not closed
};

// Thread-safe.
class Closing {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Is {
    bool done = false;         // every server has answered or is gone, and nothing is left
    bool settled = false;      // done, or only servers are missing that were given up
    std::uint64_t closed = 0;  // sessions that were there and are not any more, whoever closed them
    std::uint64_t open = 0;    // that are known on servers that answer, and were not closed yet
    std::vector<SilentServer> silent{};  // by name
  };

  Is get(TimePoint now = std::chrono::steady_clock::now()) const;
  bool done() const { return state_.lock()->parts == 0; }
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
  // The server was asked at `since` and has not answered in time. Again: nothing.
  void silent(const std::string& server_id, const std::string& name, TimePoint since) {
    state_.lock()->silent.try_emplace(server_id, Silent{.name = name, .since = since});
  }
  // A silent server is not asked any more until it is heard of; a part waits for it.
  void given_up(const std::string& server_id) { state_.lock()->silent[server_id].given_up = true; }
  void answered(const std::string& server_id) { state_.lock()->silent.erase(server_id); }
  // Its sessions ended with it.
  void server_gone(const std::string& server_id);

 private:
  friend class ClosingPart;
  using Key = std::pair<std::string, std::uint64_t>;  // server, cid
  struct Silent {
    std::string name{};
    TimePoint since{};
    bool given_up = false;
  };
  struct State {
    std::size_t parts = 0;
    std::set<Key> open, closed;
    std::map<std::string, Silent> silent;  // by server id
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

// What waits for one server, or for one question: by credential. Of one credential there may be
// several, where it was changed more than once.
using ClosingParts = std::multimap<std::string, ClosingPart>;

// What a daemon says of the closing that a change of a credential asks for.
struct ClosingReport {
  bool connected = false;  // to the system account; else nothing can be closed now
  Closing::Is is{};
};

}  // namespace gateway
