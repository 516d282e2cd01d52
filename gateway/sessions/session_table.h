#pragma once
// The sessions of the cluster that were let in, by credential: all that closing them at once and
// counting them needs. Without it each would first have to be looked for on every server.

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/nats/session.h"
#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe.
class SessionTable {
 public:
  // Which sessions a server has.
  struct ServerReport {
    std::set<std::uint64_t> cids;
    bool leafnodes = false;  // it names these too
  };
  // To be called before the answer goes out: a change that is committed after it finds the session
  // here. False, and not remembered, where the credential has `max_sessions` already; 0 is any
  // number. Admissions older than `settled` that no server confirmed do not count, and are dropped
  // in time: their clients left before they were told. A leafnode is remembered for an hour even
  // so, as some servers neither tell of it nor name it.
  bool admit(const Session& session, std::uint32_t max_sessions, auth::Instant settled);
  // A server confirms that it has the session. `known_since`: by our clock; absent: since it began.
  void add(const Session& session, std::optional<auth::Instant> known_since = {});
  // It was closed.
  void remove(const Session& session);
  // The server went, and its sessions with it.
  void remove_server(std::string_view server_id);
  // Drops the sessions of the credential, or, where that is empty, of any, that the server does not
  // name, if they are known since before `settled`.
  void keep_only(std::string_view server_id, std::string_view credential,
                 const ServerReport& report, auth::Instant settled);

  // Those that are known since `until` at the latest.
  std::vector<Session> of(std::string_view credential,
                          auth::Instant until = auth::Instant::max()) const;
  // Whether a server has confirmed it and it was not closed since.
  bool has_confirmed(const Session& session) const;
  // How many the credential may have, as admit() takes it.
  void allow(std::string_view credential, std::uint32_t max_sessions);
  // Whether servers have confirmed more than that.
  bool has_too_many(std::string_view credential) const;
  // The newest of those that servers have confirmed, where they are more than the credential may
  // have: two gateways let in at once what each alone would not have. Only those that are known
  // since `settled`, and each once: they count until they are removed.
  std::vector<Session> take_too_many(std::string_view credential, auth::Instant settled);
  // Of all credentials. Does not wait for the lock, which decisions take.
  std::size_t size() const { return count_; }

 private:
  struct Key {
    std::uint32_t server = 0;  // an index into State::servers: an id has 56 characters
    std::uint64_t cid = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    auth::Instant began;
    auth::Instant known_since;  // by our clock
    bool leafnode = false;
    bool confirmed = false;  // by a server
    bool closing = false;    // it was one too many
  };
  static constexpr std::size_t kFirstPrune = 16;
  struct CredentialSessions {
    std::uint32_t max_sessions = 0;
    std::size_t prune_at = kFirstPrune;  // so many entries
    std::map<Key, Entry> entries;
  };
  struct State {
    std::vector<std::string> servers;
    std::map<std::string, CredentialSessions, std::less<>> by_credential;
    // The last that were closed. What servers tell comes in over several subscriptions, each read
    // by a thread of its own: CONNECT may be read after DISCONNECT.
    std::set<Key> closed;
    std::deque<Key> closed_in_order;

    std::uint32_t server_index(std::string_view id);
    Key key_of(const Session& session);
    void note_closed(const Key& key);
    Session session_of(const std::string& credential, const Key& key, const Entry& entry) const;
  };
  template <class Drop>
  void drop_if(CredentialSessions& sessions, Drop drop);

  std::atomic<std::size_t> count_ = 0;  // of all entries
  Locked<State> state_;
};

}  // namespace gateway
