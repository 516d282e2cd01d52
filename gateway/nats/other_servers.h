#pragma once
// The servers of a cluster that others tell of, and how each of them is connected to.

#include <string>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/nats/client.h"
#include "gateway/nats/link_table.h"

namespace gateway {

// What the connection's server says of others: "nats://HOST:PORT" each, as the server wrote it.
std::vector<std::string> discovered_by(const Connection& connection);

// Whether its server is one of those, and so none that it was to be connected to.
bool is_discovered(const Connection& connection);

// The configuration for the server at `url` alone. Where others told of it by its IP address, its
// certificate has to have the name of those in the configuration, as NATS clients have it.
NatsConfig for_server(const NatsConfig& config, const std::string& url);

// For a connection that any server may have: that of one that there is a link to, at random, but of
// `last`, a url of url_of(), only where there is no other. While there is no link: as configured.
NatsConfig for_any(const NatsConfig& config, const LinkTable& links, const std::string& last = {});

}  // namespace gateway
