#include "gateway/nats/other_servers.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string_view>

#include <nats/nats.h>

#include "gateway/config/server_urls.h"

namespace gateway {
namespace {

// Of "nats://HOST:PORT".
std::string_view host_of(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  return url.substr(0, url.rfind(':'));
}

bool is_ip_address(std::string_view host) {
  return host.starts_with('[') || host.find_first_not_of("0123456789.") == host.npos;
}

}  // namespace

std::vector<std::string> discovered_by(const Connection& connection) {
  char** servers = nullptr;
  int count = 0;
  std::vector<std::string> urls;
  if (natsConnection_GetDiscoveredServers(connection.get(), &servers, &count) != NATS_OK) {
    return urls;
  }
  // NOLINTBEGIN(cppcoreguidelines-no-malloc): nats.c made them
  for (char* server : std::span{servers, static_cast<std::size_t>(count)}) {
    urls.emplace_back(server);
    std::free(server);
  }
  std::free(servers);
  // NOLINTEND(cppcoreguidelines-no-malloc)
  return urls;
}

bool is_discovered(const Connection& connection) {
  const auto place_of = [](std::string_view url) { return url.substr(url.find("://") + 3); };
  const std::string url = url_of(connection);
  const auto is_it = [&](const std::string& other) { return place_of(other) == place_of(url); };
  return url.find("://") != url.npos && std::ranges::any_of(discovered_by(connection), is_it);
}

NatsConfig for_server(const NatsConfig& config, const std::string& url) {
  NatsConfig there = config;
  there.urls = {url};
  const bool named = std::ranges::find(config.urls, url) != config.urls.end();
  const bool tls = demands_tls(config.urls) || !config.ca_file.empty() || !config.cert_file.empty();
  if (!named && tls && is_ip_address(host_of(url))) {
    there.tls_name = host_of(config.urls.front());
  }
  return there;
}

NatsConfig for_any(const NatsConfig& config, const LinkTable& links, const std::string& last) {
  std::vector<std::string> up;
  for (const LinkState& link : links.states()) {
    if (link.up) up.push_back(link.url);
  }
  return up.empty() ? config : for_server(config, in_order_of_trying(up, last).front());
}

}  // namespace gateway
