#pragma once
// What the admin service answers, apart from its connection: a request's bytes in, an answer's
// bytes out.
// Source: doc/admin-service.md, doc/sigv4.md.

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/admin/operations/context.h"
#include "gateway/admin/sigv4_verifier.h"
#include "gateway/callout/rules.h"
#include "gateway/config/current_config.h"
#include "gateway/config/keys.h"
#include "gateway/platform/counters.h"
#include "gateway/sessions/shared_search.h"
#include "store/store.h"

namespace gateway {

// A request as it came. Borrows its bytes.
struct AdminRequest {
  std::string_view subject;
  std::vector<std::string> callers;  // all values of the header Nats-Request-Info
  std::string_view body;
};

struct AdminReply {
  std::string text;   // JSON; may hold a new secret, which is the caller's to wipe
  std::string actor;  // "nats:CG…"; empty where the caller is not known
  std::string error;  // the code of an error, empty where there is none
  std::optional<ClosingRequest> closing{};  // what the reply is to tell of
};

// JSON: {"error":{"code","message"}}.
std::string write_error(std::string_view code, const std::string& message);

// Of a request on this subject. Operations that carry a record or a certificate have more; what the
// others name and filter by fits into less.
std::size_t max_body_bytes(std::string_view subject);

// Thread-safe. Borrows its arguments. Whatever goes wrong is an error in the reply: nothing is
// thrown but std::bad_alloc.
class RequestHandler {
 public:
  RequestHandler(const CurrentConfig& config, const CurrentRules& rules, const Keys& keys,
                 store::Store& store, const SigV4Verifier& verifier, Counters& counters);

  // Whether the request may be carried out at all: its sender is an admin, and its body not too
  // large. Cheap. The error is the reply; without one there is only the actor.
  AdminReply admit(const AdminRequest& request) const;
  // credgate.v1.{credentials,roles}.OPERATION[.ACCOUNT]. Sessions of several callers are searched
  // for at once (shared_search.h).
  AdminReply operate(const AdminRequest& request) const;
  // From now on no search for sessions begins, and one that runs ends soon: `busy`.
  void stop_searches() { stop_searches_.request_stop(); }
  // credgate.v1.sigv4.verify
  AdminReply verify(const AdminRequest& request) const;

 private:
  // What `make` gives, or the error that it throws.
  template <class Make>
  AdminReply reply(const AdminRequest& request, Make make) const;

  const CurrentConfig& config_;
  const CurrentRules& rules_;
  const Keys& keys_;
  store::Store& store_;
  const SigV4Verifier& verifier_;
  Counters& counters_;
  std::stop_source stop_searches_;
  mutable SharedSearch sessions_;
};

}  // namespace gateway
