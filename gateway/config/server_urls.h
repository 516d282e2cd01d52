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

// Where a client on this machine reaches a server that listens on `address`: "127.0.0.1:4222" for
// "0.0.0.0:4222" and ":4222", "[::1]:4222" for "[::]:4222". Any other address as it is.
std::string address_to_reach(std::string_view address);

// The URLs of read_server_urls() as a client is given them, with commas between them: none is an
// address that servers only listen on. `tls`: each tls://.
std::string urls_to_reach(const std::vector<std::string>& urls, bool tls);

// Whether all of them lead to the machine that connects.
bool lead_to_this_machine(const std::vector<std::string>& urls);

// Whether these URLs demand TLS, which nats.c does not see in them.
bool demands_tls(const std::vector<std::string>& urls);

}  // namespace gateway
