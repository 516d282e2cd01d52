#pragma once
// The connections of the cluster that were let in, by credential: all that closing them at once and
// counting them needs. Without it each would first have to be looked for on every server.

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/nats/session.h"

namespace gateway {

// Thread-safe.
class SessionTable {
 public:
  // What a server has.
  struct Named {
    std::set<std::uint64_t> cids;
    bool leafnodes = false;  // it names these too
  };
  // Before the answer goes out: a change that is committed after it finds the connection here.
  // `most`: how many the credential may have, 0 for any number; false, and not remembered, where it
  // has them. What was let in before `settled` and never heard of again counts no more: its client
  // left before it was told. A leafnode is remembered for an hour even so, as some servers neither
  // tell of it nor name it.
  bool admit(const Session& connection, std::uint32_t most, auth::Instant settled);
  // The server says that it is there. `met`: since when that is known, by our clock; absent: since
  // it began.
  void add(const Session& connection, std::optional<auth::Instant> met = {});
  // It was closed.
  void remove(const Session& connection);
  // The server went, and its connections with it.
  void remove_server(std::string_view server_id);
  // What the server does not name among those of the credential, or, where that is empty, of any,
  // though they are known since before `settled`, is closed.
  void keep_only(std::string_view server_id, std::string_view credential, const Named& named,
                 auth::Instant settled);

  std::vector<Session> of(std::string_view credential) const;
  // How many the credential may have, as admit() takes it.
  void allow(std::string_view credential, std::uint32_t most);
  // Whether servers have told of more than that.
  bool has_too_many(std::string_view credential) const;
  // The newest of those that servers have, where they are more than the credential may have: two
  // gateways let in at once what each alone would not have. Only those that are known since
  // `settled`, and each once: they count until they were removed.
  std::vector<Session> take_too_many(std::string_view credential, auth::Instant settled);
  // Without waiting for the lock, which decisions take.
  std::size_t size() const { return count_; }

 private:
  struct At {
    std::uint32_t server = 0;  // an index into servers_: an id has 56 characters
    std::uint64_t cid = 0;
    auto operator<=>(const At&) const = default;
  };
  struct One {
    auth::Instant began;
    auth::Instant met;  // by our clock
    bool leafnode = false;
    bool seen = false;     // a server has told of it
    bool closing = false;  // it was one too many
  };
  struct All {
    std::uint32_t most = 0;
    std::size_t tidy_at = kFirstTidy;  // so many connections
    std::map<At, One> connections;
  };
  static constexpr std::size_t kFirstTidy = 16;
  std::uint32_t server_index(std::string_view id);
  void keep_only(All& all, std::uint32_t server, const Named& named, auth::Instant settled);
  void note_closed(const At& at);

  std::atomic<std::size_t> count_ = 0;  // of all connections
  mutable std::mutex mutex_;
  std::vector<std::string> servers_;
  std::map<std::string, All, std::less<>> by_credential_;
  // The last that were closed. What servers tell comes in over several subscriptions, each read by
  // a thread of its own: CONNECT may be read after DISCONNECT.
  std::set<At> closed_;
  std::deque<At> closed_in_order_;
};

}  // namespace gateway
