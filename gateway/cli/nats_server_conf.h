#pragma once
// A nats-server configuration that asks credgate about every connection.

#include <string>

namespace gateway::cli {

inline constexpr const char* kCalloutAccount = "AUTH";
inline constexpr const char* kSystemAccount = "SYS";

struct NatsServerConf {
  std::string listen;
  std::string jetstream_dir;
  std::string app_account;
  std::string gateway;  // U…, the callout account's only user
  std::string system;   // U…, the system account's only user
  std::string issuer;   // A…
  std::string xkey;     // X…
};

// For nats-server 2.10 and later. Each line that has a trap in it says which.
std::string nats_server_conf(const NatsServerConf& conf);

}  // namespace gateway::cli
