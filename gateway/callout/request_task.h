#pragma once
// One request of a nats-server, on its way to an answer.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/decision/proof.h"
#include "auth/nats/auth_request.h"
#include "auth/nats/auth_response.h"
#include "auth/nats/peek_request.h"
#include "auth/nats/xkey.h"
#include "gateway/callout/request_path.h"
#include "gateway/callout/rules.h"
#include "gateway/callout/throttle.h"
#include "gateway/config/keys.h"

namespace gateway {

// A message of the callout subject, as it came. Borrows its bytes.
struct CalloutMessage {
  std::string_view data;
  std::string_view reply;        // the subject that the answer goes to
  std::string_view server_xkey;  // the header `Nats-Server-Xkey`; empty where it is not there once
  std::chrono::steady_clock::time_point arrived = std::chrono::steady_clock::now();
  std::shared_ptr<const RequestPath> path{};
};

struct RequestTask {
  std::unique_ptr<const auth::Request> request;  // stays where it is: `identity` has views of it
  auth::Result<auth::Identity, auth::Denial> identity = auth::Denial{auth::Deny::internal};
  ReplyTo reply;
  std::size_t xkey = 0;  // which of ours opened it, and seals the answer
  std::chrono::steady_clock::time_point arrived;
  bool queued = false;  // it has waited in the password queue
  // Since when its login waits for an answer, if it missed one (missed_logins.h).
  std::optional<std::chrono::steady_clock::time_point> missed{};

  // Whether judging it takes a password's hash.
  bool slow() const;
  // Who tries what, for the throttle. Absent for a proof that cannot be guessed.
  std::optional<Guess> guess() const;
  // How long its server waits: an answer after that reaches nobody. The server counts in whole
  // seconds, and may have begun up to one before.
  static constexpr std::chrono::seconds kMinTimeout{1};
  static constexpr std::chrono::seconds kMaxTimeout{60};
  std::chrono::seconds timeout() const;
  std::chrono::steady_clock::duration waited() const {
    return std::chrono::steady_clock::now() - arrived;
  }
  bool late() const { return waited() >= timeout(); }
  // Whether it came over a connection that was lost since.
  bool cut_off() const { return reply.path && !reply.path->alive(); }
};

// Reads messages into tasks, and writes the answers: sealed where the gateway has an xkey. Not
// thread-safe: each thread has one of its own, with the keys that it has already agreed on with
// servers. Borrows its arguments.
class CalloutCodec {
 public:
  CalloutCodec(const Keys& keys, const CurrentRules& rules);

  // Drop: the message is not provably a request of a nats-server to this gateway. Order: reply
  // subject, seal, then as auth::read_request.
  auth::Result<RequestTask, auth::Drop> read(const CalloutMessage& message, auth::Time now);

  // Who asks, unverified: no more is unsealed than what is looked at. All is empty where it cannot
  // be told.
  auth::PeekedRequest peek(const CalloutMessage& message);

  // The answer's bytes. Throws where the account has no key, which the configuration rules out.
  std::string write(const RequestTask& task, const auth::Result<auth::Grant, auth::Deny>& verdict,
                    auth::Time now);

 private:
  struct Unsealed {
    auth::Request request;
    std::size_t xkey = 0;
  };
  auth::Result<Unsealed, auth::Drop> unseal(const CalloutMessage& message, const Rules& rules,
                                            auth::Time now);
  // As auth::read_public_key, which takes longer than finding one of a few servers.
  std::optional<auth::PublicKey> read_xkey(std::string_view text);

  const Keys& keys_;
  const CurrentRules& rules_;
  std::vector<auth::PublicKey> expected_issuers_;
  std::vector<auth::SharedKeys> shared_keys_;  // one for each xkey
  struct ServerXkey {
    std::string text;
    auth::PublicKey key;
  };
  std::vector<ServerXkey> server_xkeys_;  // those that were read last
};

}  // namespace gateway
