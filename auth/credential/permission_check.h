#pragma once
// Checks what a credential may publish and subscribe, with nats-server's rules, and which entry
// decides.

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/credential/capabilities.h"

namespace auth {

enum class May : std::uint8_t {
  yes = 1,
  no,
  partly,       // subscribing: allowed, but some messages are not delivered
  to_a_request  // publishing: only as the reply to a received message
};

struct SubjectVerdict {
  May may = May::no;
  std::string entry{};  // the entry that decided; empty if none allows it
  bool denied = false;  // whether the entry is from the deny list
};

// `subject` must be valid and, for publishing, without wildcards.
// Source: nats-server `client.go` canSubscribe, pubAllowedFullCheck.
SubjectVerdict may_publish(const Permissions& permissions, std::string_view subject);
SubjectVerdict may_subscribe(const Permissions& permissions, std::string_view subject);

// Whether some entry of the expanded lists lies among the private inboxes of other credentials.
// Whoever may subscribe there reads their replies, and whoever may publish there forges them.
bool reaches_private_inboxes(const SubjectLists& lists, const Credential& credential);

// The field of the record that an entry of its expanded lists comes from: "subjects", "streams",
// "permissions", "inbox", "everything"; empty for the ">" that denies everything to a credential
// without permissions.
std::string_view field_of(const Credential& credential, std::string_view entry);

}  // namespace auth
