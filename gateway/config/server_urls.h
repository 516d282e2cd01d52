#pragma once
// The nats-servers that a setting names, as NATS clients take them: one URL, or several with commas
// between them.

#include <string>
#include <string_view>
#include <vector>

#include "auth/base/result.h"

namespace gateway {

// Each URL is nats://HOST:PORT or tls://HOST:PORT; without a port it is 4222, without a scheme
// nats://. Gives them whole, at least one: "nats://127.0.0.1:4222". One tls:// makes all of them
// so, as in other clients: whoever can keep a client from the one could else offer it the other.
// The error says which of them is wrong and what would be right; it quotes none that may hold a
// password.
auth::Result<std::vector<std::string>, std::string> read_server_urls(std::string_view list);

// Whether these URLs demand TLS, which nats.c does not see in them.
bool demands_tls(const std::vector<std::string>& urls);

}  // namespace gateway
