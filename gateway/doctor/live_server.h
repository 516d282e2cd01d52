#pragma once
// Tests how a running nats-server treats logins. Every wait ends within seconds.

#include <memory>
#include <string>
#include <string_view>

#include "gateway/config/config.h"
#include "gateway/doctor/server_version.h"

namespace gateway {

class LiveServer {
 public:
  // `url`: "nats://host:port" or "tls://host:port", without a user. `tls`: provides ca_file,
  // cert_file and key_file; borrowed. Connects once to read INFO. Throws OperationError: usage for
  // another url, fault if no nats-server answers.
  LiveServer(std::string url, const NatsConfig& tls);

  const std::string& url() const { return url_; }
  const ServerVersion& version() const { return version_; }

  // Whether it answers a PING without a CONNECT; false if TLS comes first.
  bool answers_ping() const;
  // Whether it lets in a client with this name and password; without credentials if both are empty.
  // Throws OperationError if the server is gone, NatsError if TLS fails.
  bool lets_in(const std::string& user, std::string_view password) const;

 private:
  std::string url_;
  std::string host_;
  std::string port_;
  const NatsConfig& tls_;
  ServerVersion version_{};
  bool secure_ = false;
};

}  // namespace gateway
