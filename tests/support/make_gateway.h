#pragma once
// A gateway without nats-server and without a store: real keys, sealed requests, records in memory.

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gateway/callout/decider.h"
#include "tests/support/decide_world.h"

namespace gateway::made {

using auth::Json;

auth::KeyPair xkey(std::uint8_t fill);

// The curve key that the server of make_request.h names in its requests.
auth::KeyPair server_xkey();

// The request of a client that sent this CONNECT just now, sealed for one of the gateway's xkeys.
struct Sent {
  std::string data;
  std::string reply = "$SYS._INBOX.test";
  std::string server_xkey = auth::made::text(made::server_xkey());

  CalloutMessage envelope() const { return {data, reply, server_xkey}; }
};

std::string request_jwt(const Json& connect, const auth::KeyPair& issuer = auth::made::issuer(),
                        std::chrono::seconds timeout = std::chrono::seconds{2});

Sent sealed(const std::string& jwt, const auth::KeyPair& to);

// The claims of an answer that was sealed with this key, and of the user JWT inside.
Json opened(const std::string& answer, const auth::KeyPair& by);

class Gateway {
 public:
  Gateway();

  void set_policy(const auth::Policy& policy);
  void put(const auth::made::World& world);
  Decider decider();

  std::map<std::pair<auth::Kind, std::string>, auth::Credential> stored;
  std::function<void()> at_lookup = [] {};
  std::uint64_t txn = 1;
  std::vector<auth::Login> lookups;
  std::vector<auth::Judge::Rehash> rehashes;
  std::vector<Session> opened;
  std::set<std::array<std::uint8_t, 32>> spent;
  std::vector<std::pair<Guess, bool>> guesses;
  std::vector<Session> kicked;
  std::vector<std::optional<auth::Deny>> probed;

  const Keys keys = make_keys();
  CurrentRules rules;
  Counters counters;
  ServerTimeout server_timeout;
  const CredentialSource source{
      .find = [this](auth::Kind kind, std::string_view login) { return find(kind, login); },
      .last_txn = [this] { return txn; },
      .rehash = [this](const std::string& /*id*/,
                       auth::Judge::Rehash rehash) { rehashes.push_back(std::move(rehash)); }};

 private:
  // Two of each, the current first.
  static Keys make_keys();
  store::Found find(auth::Kind kind, std::string_view login);

  std::mutex mutex_;
};

}  // namespace gateway::made
