#pragma once
// Why a connection fails where this machine itself forbids it: IPAddressDeny= of a systemd unit, or
// another packet filter. TCP does not show it: its packets are dropped on their way out and sent
// again until the time is up, as to a server that is down. A datagram's send(2) says EPERM.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gateway {

enum class Names : std::uint8_t { leave, resolve };  // to resolve one may take seconds

// The first host of these URLs ("nats://HOST:PORT") that may not be sent to. Sends an empty
// datagram to each.
std::optional<std::string> blocked_host(const std::vector<std::string>& urls, Names names);

}  // namespace gateway
