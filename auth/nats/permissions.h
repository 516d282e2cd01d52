#pragma once
// Permissions in nats-server's terms: the subjects that a user may publish and subscribe to, and
// how often it may answer a request.
// Source: nats-io/jwt v2 `types.go` (Permissions, ResponsePermission).

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace auth {

// Deny wins. For nats-server an absent allow list means every subject.
struct SubjectLists {
  std::vector<std::string> allow;
  std::vector<std::string> deny;
  bool operator==(const SubjectLists&) const = default;
};

// How often, and for how long, a client may answer a message on that message's reply subject.
struct Responses {
  std::uint32_t max = 1;
  std::chrono::seconds ttl{120};
  bool operator==(const Responses&) const = default;
};

// The permissions of a user JWT. An allow list is never empty without a deny of ">". `responses`
// overrides that deny on the publish side ("may only reply").
struct Permissions {
  SubjectLists publish;
  SubjectLists subscribe;
  std::optional<Responses> responses;
  bool operator==(const Permissions&) const = default;
};

}  // namespace auth
