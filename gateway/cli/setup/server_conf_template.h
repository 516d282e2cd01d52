#pragma once
// Configurations of nats-server that ask credgate about every connection. Both are for nats-server
// 2.10 and later; comments warn of the lines that are easy to get wrong.

#include <string>
#include <vector>

namespace gateway::cli {

inline constexpr const char* kCalloutAccount = "AUTH";
inline constexpr const char* kSystemAccount = "SYS";
inline constexpr const char* kAdminAccount = "ADMIN";

struct NatsServerConf {
  std::string listen;
  std::string jetstream_dir;
  std::string app_account;
  std::string gateway;  // U…, the callout account's only user
  std::string system;   // U…, the system account's only user
  std::string issuer;   // A…
  std::string xkey;     // X…
};

std::string nats_server_conf(const NatsServerConf& conf);

// Operator mode: an account's id, A…, and its JWT, signed by the operator.
struct AccountJwt {
  std::string id;
  std::string jwt;
};

struct OperatorServerConf {
  std::string listen;
  std::string jetstream_dir;
  std::string operator_jwt;
  AccountJwt callout;
  AccountJwt system;
  AccountJwt app;
  AccountJwt admin;
  std::string sentinel_jwt;
  bool default_sentinel = false;  // a server before 2.11.2 does not start with it
};

std::string operator_server_conf(const OperatorServerConf& conf);

}  // namespace gateway::cli
