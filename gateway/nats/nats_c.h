#pragma once
// For files that call nats.c themselves: its header, and its statuses as errors.

#include <string>
#include <string_view>
#include <vector>

#include <nats/nats.h>

#include "gateway/nats/client.h"

namespace gateway {

// Throws NoResponders for NATS_NO_RESPONDERS, and NatsError for every other status but NATS_OK.
void check(natsStatus status, std::string_view step);

// What the status says, with what nats.c noted beside it: "Error (maximum account active
// connections exceeded)". Of the last call on this thread, which gave the status. A server's words
// in it have no control characters.
std::string reason_of(natsStatus status);
// Whether the server has refused the login: with some servers and versions the status alone is
// another one.
bool refused_login(natsStatus status, std::string_view reason);

// Whether a connection failed without the server's having said why. It closes behind its refusal,
// and what the client sent meanwhile can make a reset of that, which takes the refusal along.
bool lost_with_connection(natsStatus status);

// Throws NatsError.
Options make_options();

// The servers to connect to, as read_server_urls() gives them; requires TLS where they demand it.
// Throws NatsError.
void set_servers(natsOptions* options, const std::vector<std::string>& urls);

// TLS before the server says anything, which its handshake_first asks for. False where nats.c
// cannot (before 3.9). Throws NatsError.
bool set_handshake_first(natsOptions* options);

// Of `config` its ca_file, cert_file and key_file alone. Throws NatsError.
void set_tls(natsOptions* options, const NatsConfig& config);

}  // namespace gateway
