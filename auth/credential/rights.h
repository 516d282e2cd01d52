#pragma once
// What a record lets its holder do. A credential has rights of its own, and those of its roles.

#include <string>
#include <vector>

#include "auth/credential/bucket_rights.h"
#include "auth/credential/service_rights.h"
#include "auth/nats/permissions.h"

namespace auth {

struct Rights {
  bool publish = false;
  bool receive = false;
  bool manage = false;
  std::vector<std::string> subjects;
  std::vector<std::string> streams;
  std::vector<std::string> consumers;
  BucketRights buckets;
  ServiceRights services;
  std::string domain;       // of JetStream, for streams and buckets; empty: that of the server
  Permissions permissions;  // explicit permissions, added to those of the capabilities
  bool allow_responses = false;
  bool everything = false;
  bool ack_v2 = false;
  bool operator==(const Rights&) const = default;
};

}  // namespace auth
