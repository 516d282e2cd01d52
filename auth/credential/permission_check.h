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
  std::string entry{};     // the entry that decided; empty if none allows it
  bool denied = false;     // whether the entry is from the deny list
  bool unchecked = false;  // allowed because nats-server does not check it
};

// `subject` must be valid and, for publishing, without wildcards.
// Source: nats-server `client.go` canSubscribe, pubAllowedFullCheck.
SubjectVerdict may_publish(const Permissions& permissions, std::string_view subject);
SubjectVerdict may_subscribe(const Permissions& permissions, std::string_view subject);

// Whether some entry of the expanded lists lies among the private inboxes of other credentials.
// Whoever may subscribe there reads their replies, and whoever may publish there forges them.
bool reaches_private_inboxes(const SubjectLists& lists, const Credential& credential);

// The same of a leafnode, as nats-server from 2.11.16, 2.12.7 and 2.14.0 on checks it: what it
// publishes below `$JS.ACK.` and `_R_.` not at all, and below `$MQTT.` by the deny lists alone.
// Before, it checked nothing that a leafnode publishes.
// Source: nats-server `leafnode.go` processInboundLeafMsg; seen on 2.10.27 and 2.15.1.
SubjectVerdict leafnode_may_publish(const Permissions& permissions, std::string_view subject);
SubjectVerdict leafnode_may_subscribe(const Permissions& permissions, std::string_view subject);

// The field of the record that an entry of its expanded lists comes from: "subjects", "streams",
// "kv_read", …, "call", "permissions", "inbox", "everything"; empty for the ">" that denies
// everything to a credential without permissions.
std::string_view field_of(const Credential& credential, std::string_view entry);

}  // namespace auth
