#pragma once
// A message of the admin account as a request, and the answer to it.

#include <string>

#include "gateway/admin/request_handler.h"
#include "gateway/nats/client.h"

namespace gateway {

// Borrows from the message.
AdminRequest read_request(const natsMsg& message);

// Thread-safe. An answer that is larger than the server takes becomes an error (usage); a failure
// is logged.
void send_answer(const Connection& connection, const std::string& to, const std::string& text);

}  // namespace gateway
