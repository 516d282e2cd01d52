#pragma once
// One decision, from the message to the answer. Each worker has a responder of its own.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "auth/decide.h"
#include "auth/request.h"
#include "auth/response.h"
#include "gateway/keys.h"
#include "store/store.h"

namespace gateway {

// What can change while the daemon runs; replaced as a whole.
struct Rules {
  auth::Judge judge;
  std::chrono::seconds leeway;
};
using CurrentRules = std::atomic<std::shared_ptr<const Rules>>;

// What a decision asks the store. Functions, so that a test can let the world move in between.
struct Records {
  std::function<store::Found(auth::Kind, std::string_view login)> find;
  std::function<std::uint64_t()> last_txn;  // moves with every commit of any process
};

// One connection of one server, as KICK names it.
struct Connected {
  std::string server_id;  // "N…"
  std::uint64_t cid = 0;
  std::string credential;
};

struct Counters {
  std::atomic<std::uint64_t> granted = 0;
  std::atomic<std::uint64_t> denied = 0;
  std::atomic<std::uint64_t> faults = 0;
  std::atomic<std::uint64_t> kicked = 0;
  std::array<std::atomic<std::uint64_t>, auth::kDropReasons> dropped{};
};

// A message of the callout subject. The views are the caller's.
struct Envelope {
  std::string_view data;
  std::string_view reply;
  std::string_view server_xkey;  // the header `Nats-Server-Xkey`; empty where there is none
};

class Responder {
 public:
  // Publishes one answer, or throws.
  using Reply = std::function<void(std::string_view subject, std::string_view answer)>;
  using Kick = std::function<void(Connected)>;

  // All must outlive this. `kick` closes a connection that was let in on what is no longer so.
  Responder(const Keys& keys, const Records& records, const CurrentRules& rules, Counters& counters,
            Kick kick);

  // Answers at most once, logs one line, and never throws: a fault on the way of a decision is
  // silence, which lets nobody in.
  void handle(const Envelope& envelope, const Reply& reply) noexcept;

 private:
  struct Judged {
    auth::Result<auth::Grant, auth::Deny> verdict = auth::Deny::internal;
    std::string id;  // of the credential, where one was found
    std::string name;
    std::uint64_t revision = 0;
    std::uint64_t txn = 0;  // the state of the store that it was judged by
  };

  auth::Result<auth::Request, auth::Drop> open(const Envelope& envelope, const Rules& rules,
                                               auth::Time now);
  Judged judge(const auth::Request& request, const auth::Judge& by, auth::Time now) const;
  std::string answer(const auth::Request& request, const Judged& judged, auth::Time now);
  void decide(const Envelope& envelope, const Reply& reply);
  void look_again(const auth::Request& request, const Judged& judged, const auth::Judge& by,
                  auth::Time now) const;

  const Keys& keys_;
  const Records& records_;
  const CurrentRules& rules_;
  Counters& counters_;
  Kick kick_;
  auth::PublicKey issuer_;
  std::unique_ptr<auth::SharedKeys> shared_keys_;  // where the configuration has an xkey
};

}  // namespace gateway
