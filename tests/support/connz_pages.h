#pragma once
// What a server answers to CONNZ.

#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "auth/base/json.h"

namespace gateway {

inline auth::Json connz(auth::Json connections, const char* server = "N1") {
  return {{"server", {{"id", server}, {"name", "srv"}}},
          {"data", {{"connections", std::move(connections)}}}};
}

inline auth::Json connection(std::uint64_t cid) {
  return {{"cid", cid},       {"kind", "Client"},
          {"type", "nats"},   {"ip", "::1"},
          {"port", 4711},     {"start", "2026-11-24T18:55:00.185483272Z"},
          {"name", "app"},    {"lang", "C"},
          {"account", "APP"}, {"authorized_user", "CGAAAAAAAAAAAAAAAAAA"},
          {"in_msgs", 3}};
}

}  // namespace gateway
