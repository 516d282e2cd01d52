#pragma once
// Checks what a credential may publish and subscribe, with nats-server's rules, and which entry
// decides.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
  // Of a subscription that is partly denied: the entry also denies what is not subscribed to.
  // Servers such as 2.10.27 do not filter then, and 2.15.1 does.
  bool crosses = false;
  bool unchecked = false;  // allowed because nats-server does not check it
};

// `subject`: for publishing as valid_published(), where wildcards are tokens like others; for
// subscribing as valid_subject(). A queue group changes nothing, because no entry has one.
// Source: nats-server `client.go` canSubscribe, pubAllowedFullCheck; seen on 2.10.27 and 2.15.1.
SubjectVerdict may_publish(const Permissions& permissions, std::string_view subject);
SubjectVerdict may_subscribe(const Permissions& permissions, std::string_view subject);

// The lists with all that may be subscribed to: an allow entry that ends in `*` allows the
// subscription that ends in `>` (subject.h, matches), unless that is denied.
SubjectLists subscribable(SubjectLists lists);

// Whether some entry of the expanded lists lies among the private inboxes of other credentials.
// Whoever may subscribe there reads their replies, and whoever may publish there forges them.
bool reaches_private_inboxes(const SubjectLists& lists, const Credential& credential);

// The same of a leafnode, as nats-server from 2.11.16, 2.12.7 and 2.14.0 on checks it: what it
// publishes below `$JS.ACK.` and `_R_.` not at all, and below `$MQTT.` by the deny lists alone.
// Before, it checked nothing that a leafnode publishes. A leafnode may subscribe to more than it is
// allowed, and is delivered what is: May::partly, with the entry that allows.
// Source: nats-server `leafnode.go` processInboundLeafMsg; seen on 2.10.27 and 2.15.1.
SubjectVerdict leafnode_may_publish(const Permissions& permissions, std::string_view subject);
SubjectVerdict leafnode_may_subscribe(const Permissions& permissions, std::string_view subject);

// The field of the record that an entry of its expanded lists comes from: "subjects", "streams",
// "kv_read", …, "call", "permissions", "inbox", "everything"; empty for the ">" that denies
// everything to a credential without permissions.
std::string_view field_of(const Credential& credential, std::string_view entry);

// All that it comes from, roles included: "subjects", "subjects of role ops". Empty as above, and
// for what is there because of the type of the connection (capabilities.h).
std::vector<std::string> sources_of(const Credential& credential, std::span<const Role> roles,
                                    std::string_view entry);

}  // namespace auth
