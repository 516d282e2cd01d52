#pragma once
// An authorization request that was captured for support: what a nats-server once sent to a
// gateway. It holds the client's secrets.

#include <memory>
#include <string>

#include "auth/base/result.h"
#include "auth/base/secret.h"
#include "auth/deny.h"
#include "auth/nats/auth_request.h"
#include "gateway/config/keys.h"

namespace gateway::cli {

struct CapturedMessage {
  enum class Form : std::uint8_t { jwt, claims, sealed };
  Form form = Form::jwt;
  auth::SecretText body;    // the JWT, the JSON text of its claims, or "xkv1" and what follows
  std::string server_xkey;  // "X…", of the server that sealed it; empty: not known
};

// `file`: - for standard input. Takes the message's body, which may be sealed, and then also in
// base64; before it may be the message's headers ("NATS/1.0" and an empty line at the end); or the
// claims of the JWT as JSON. `server_xkey`: as given, in the place of the header. To be called
// before a store is opened. Throws OperationError; no message quotes the file.
CapturedMessage read_captured_message(const std::string& file, const std::string& server_xkey);

// Opens and checks it as a daemon with these keys would, but for its age. The signature of claims
// cannot be checked. Drop: as CalloutCodec::read. Throws OperationError (usage) for a sealed one
// without the server's xkey.
auth::Result<std::unique_ptr<const auth::Request>, auth::Drop> open_captured_message(
    const CapturedMessage& message, const Keys& keys, auth::Time now);

}  // namespace gateway::cli
