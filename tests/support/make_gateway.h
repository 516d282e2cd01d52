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

#include "gateway/callout/pipeline.h"
#include "gateway/callout/recent_grants.h"
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

  CalloutMessage message() const { return {data, reply, server_xkey}; }
};

// By which a request came; what is sent goes nowhere.
class Path : public RequestPath {
 public:
  using RequestPath::RequestPath;
  bool alive() const override { return is_alive; }
  void send(const std::string& /*subject*/, const std::string& /*answer*/,
            Sending /*how*/) const override {}

  bool is_alive = true;
};

std::string request_jwt(const Json& connect, const auth::KeyPair& issuer = auth::made::issuer(),
                        std::chrono::seconds timeout = std::chrono::seconds{2},
                        const std::string& nonce = "");

Sent sealed(const std::string& jwt, const auth::KeyPair& to);

// The claims of an answer that was sealed with this key, and of the user JWT inside.
Json opened(const std::string& answer, const auth::KeyPair& by);

// What was published to a reply subject.
struct Published {
  std::string subject;
  std::string answer;
};

// Everything that a pipeline works with. Thread-safe where a pipeline's threads reach it.
class Gateway {
 public:
  Gateway();

  void set_policy(const auth::Policy& policy);
  void put(const auth::made::World& world);
  RequestTask task(const Sent& sent) const;
  std::unique_ptr<Pipeline> pipeline(const PasswordConfig& passwords = kPasswords);
  // Puts the message through a pipeline, to its end: queues are drained. Absent: no answer.
  std::optional<std::string> answer(const Sent& sent);
  std::vector<Published> published() const;
  // The replies, in order, without the prefix of an inbox.
  std::vector<std::string> answered() const;
  std::uint64_t denied(auth::Deny why) const;
  // Those that nobody has taken yet.
  std::deque<DecisionEvent> events();

  static const PasswordConfig kPasswords;

  std::map<std::pair<auth::Kind, std::string>, auth::Credential> stored;
  std::vector<auth::Role> roles;  // of whoever is found
  std::function<void()> at_lookup = [] {};
  std::function<void()> at_reply = [] {};
  RecentGrants grants;
  std::uint64_t txn = 1;
  std::vector<auth::Login> lookups;
  std::vector<auth::Judge::Rehash> rehashes;
  std::vector<Session> opened;
  std::set<std::array<std::uint8_t, 32>> spent;
  std::vector<Session> kicked;

  const Keys keys = make_keys();
  CurrentConfig config;
  CurrentRules rules;
  Counters counters;
  ServerTimeout server_timeout;
  StallDetectors stalls;
  Throttle throttle{ThrottleConfig{}};
  MissedLogins missed;
  Readiness readiness;
  RequestFilter filter;
  DecisionSink sink{counters.events_lost};
  ProbeLogins probe_logins{config, keys.master, true};
  const CredentialSource source{
      .find = [this](auth::Kind kind, std::string_view login) { return find(kind, login); },
      .last_txn = [this] { return txn; }};
  const Decider decider{source, rules, probe_logins};
  const DecisionHooks hooks = make_hooks();

 private:
  // Two of each, the current first.
  static Keys make_keys();
  DecisionHooks make_hooks();
  store::Found find(auth::Kind kind, std::string_view login);

  Locked<std::vector<Published>> published_;
  std::mutex mutex_;
};

}  // namespace gateway::made
