#pragma once
// One decision, from the message to the answer. Each worker has a responder of its own.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/decision/judge.h"
#include "auth/nats/auth_request.h"
#include "auth/nats/auth_response.h"
#include "gateway/callout/decision_event.h"
#include "gateway/callout/throttle.h"
#include "gateway/config/keys.h"
#include "gateway/nats/connection_id.h"
#include "gateway/nats/server_timeout.h"
#include "gateway/platform/counters.h"
#include "gateway/platform/snapshot.h"
#include "store/store.h"

namespace gateway {

// What can change while the daemon runs; replaced as a whole.
struct Rules {
  auth::Judge judge;
  std::chrono::seconds leeway;
};
using CurrentRules = Snapshot<Rules>;

// What a decision asks of the store. Functions, so that a test can let the world move in between.
struct CredentialSource {
  std::function<store::Found(auth::Kind, std::string_view login)> find;
  std::function<std::uint64_t()> last_txn;  // moves with every commit of any process
  // Stores a secret in its present form, some time later. Returns at once.
  std::function<void(std::string id, auth::Judge::Rehash)> rehash;
};

// A message of the callout subject. The views are the caller's.
struct CalloutMessage {
  std::string_view data;
  std::string_view reply;
  std::string_view server_xkey;  // the header `Nats-Server-Xkey`; empty where there is none
};

// A request that is to be decided.
struct RequestTask {
  std::unique_ptr<const auth::Request> request;  // stays where it is: `presented` looks into it
  auth::Result<auth::Identity, auth::Deny> presented = auth::Deny::internal;
  std::string reply;     // the subject
  std::size_t xkey = 0;  // which of ours opened it, and seals the answer
  std::chrono::steady_clock::time_point arrived;

  // Whether deciding it takes a password's hash.
  bool slow() const;
  // Absent for what can't be guessed.
  std::optional<Guess> guess() const;
  // How long its server waits: nothing that is answered later reaches anybody.
  std::chrono::seconds patience() const;
  std::chrono::steady_clock::duration waited() const {
    return std::chrono::steady_clock::now() - arrived;
  }
  bool late() const { return waited() >= patience(); }
};

// One per thread.
class Decider {
 public:
  // Publishes one answer, or throws.
  using Reply = std::function<void(const RequestTask& task, std::string answer, bool granted)>;
  struct DecisionHooks {
    // Called for each that is to be let in, before the answer goes out: false where its credential
    // has as many as it may have (`most`, 0: any number).
    std::function<bool(const Session&, std::uint32_t most)> opened;
    // Uses a signature up; it denies one that was used before.
    std::function<std::optional<auth::Deny>(const auth::SigEvidence&)> consume;
    // Called for each that could be guessed: its proof did not fit, or it is to be let in.
    std::function<void(const Guess&, bool granted)> guessed;
    // Closes a connection that was let in on what is no longer so.
    std::function<void(Session)> close;
    // Called for each that is answered, after the answer. Must not wait.
    std::function<void(const DecisionEvent&)> decided;
    // The same for the daemon's own probe, of which nobody else hears. Absent: it was granted.
    std::function<void(std::optional<auth::Deny>)> probed;
  };

  // What it writes for the rest of the daemon.
  struct Notes {
    Counters& counters;
    ServerTimeout& server_timeout;
  };

  // All must outlive this.
  Decider(const Keys& keys, const CredentialSource& source, const CurrentRules& rules,
          const Notes& notes, DecisionHooks hooks);

  // Absent for what is dropped, which is counted and logged.
  std::optional<RequestTask> open(const CalloutMessage& envelope) noexcept;

  // Answers at most once, not at all where it is too late, logs one line, and never throws: a fault
  // on the way of a decision is silence, which lets nobody in.
  void decide(const RequestTask& task, const Reply& reply) noexcept;
  // The same, without judging.
  void refuse(const RequestTask& task, auth::Deny why, const Reply& reply) noexcept;

 private:
  struct Judged {
    auth::Result<auth::Grant, auth::Deny> verdict = auth::Deny::internal;
    std::string id;  // what was presented, or the id of the credential that was found
    std::optional<auth::Credential> credential;
    std::optional<std::size_t> secret;  // which of the credential's secrets fitted
    std::uint64_t txn = 0;              // the state of the store that it was judged by
  };
  struct Opened {
    auth::Request request;
    std::size_t xkey = 0;
  };

  auth::Result<Opened, auth::Drop> unseal_and_read(const CalloutMessage& envelope,
                                                   const Rules& rules, auth::Time now);
  store::Found find(const auth::Identity& presented) const;
  Judged judge(const RequestTask& task, const auth::Judge& by, auth::Time now) const;
  std::string answer(const RequestTask& task, const Judged& judged, auth::Time now);
  Session connection_of(const RequestTask& task, const Judged& judged) const;
  std::optional<auth::Deny> let_through(const RequestTask& task, const Judged& judged) const;
  void look_again(const RequestTask& task, const Judged& judged, const auth::Judge& by,
                  auth::Time now) const;
  void rehash(const RequestTask& task, const Judged& judged, const auth::Judge& by) const;
  void note(const RequestTask& task, const Judged& judged);
  void note_guess(const RequestTask& task, const Judged& judged) const;
  void log_decision(const RequestTask& task, const Judged& judged);

  const Keys& keys_;
  const CredentialSource& source_;
  const CurrentRules& rules_;
  Counters& counters_;
  ServerTimeout& server_timeout_;
  DecisionHooks hooks_;
  std::vector<auth::PublicKey> expected_issuers_;
  std::vector<auth::SharedKeys> shared_keys_;  // one for each xkey
};

}  // namespace gateway
