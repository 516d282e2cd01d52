#pragma once
// Context files of the nats CLI: a JSON object that says how to reach a server, and as whom.
// Source: github.com/nats-io/jsm.go, natscontext/context.go.

#include <string>
#include <string_view>

#include "auth/base/result.h"

namespace gateway::cli {

// What a context says about a connection; empty where it says nothing.
struct NatsContext {
  std::string description{};
  std::string url{};  // one, or several with commas between them
  std::string user{};
  std::string password{};  // a secret
  std::string token{};     // a secret
  // Paths. The nats CLI takes a relative one from where it runs, credgate from the context's
  // directory. Beside a user the nats CLI ignores `creds`, and beside these `nkey`; a token it
  // sends with any of them.
  std::string creds{};
  std::string nkey{};
  std::string cert{};
  std::string key{};
  std::string ca{};
  std::string inbox_prefix{};
  bool tls_first = false;
};

// A member that cannot be honoured is an error, unless it is empty: a command without it would
// connect in another way than its owner meant. The error names the member and says what to do; it
// quotes no value, which may be a secret.
auth::Result<NatsContext, std::string> read_nats_context(std::string_view text);

// Only the members that say something. The text holds the secrets.
// wrong_in() must find nothing in it.
std::string write_nats_context(const NatsContext& context);

// Empty, or what read_nats_context() would refuse in it; likewise it quotes no value.
std::string wrong_in(const NatsContext& context);

}  // namespace gateway::cli
