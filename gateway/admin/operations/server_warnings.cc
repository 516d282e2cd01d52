#include "gateway/admin/operations/server_warnings.h"

#include <algorithm>

#include "auth/credential/capabilities.h"

namespace gateway::operations {
namespace {

// A leafnode gets this deny unless the credential's own lists name such subjects.
bool is_denied_mqtt(const auth::SubjectLists& lists) {
  return std::ranges::find(lists.deny, "$MQTT.>") != lists.deny.end();
}

}  // namespace

void add_delivery_warning(const auth::Rights& rights, OrderedJson& list) {
  const bool reads = rights.receive && !rights.streams.empty();
  if (reads && std::ranges::find(list, kDeliveryWarning) == list.end())
    list.push_back(kDeliveryWarning);
}

void add_server_warnings(const auth::Credential& c, std::span<const auth::Role> roles,
                         OrderedJson& list) {
  if (auth::allows_type(c, auth::ConnectionType::leafnode)) {
    list.push_back(kLeafnodeWarning);
    const auto given = auth::shown_permissions(c, roles, auth::ConnectionType::leafnode);
    if (!is_denied_mqtt(given.publish) || !is_denied_mqtt(given.subscribe)) {
      list.push_back(
          "LEAFNODE: the permissions name subjects of $MQTT.>; nats-server then lets a leafnode "
          "use "
          "all of $MQTT.> except what is denied");
    }
  }
  add_delivery_warning(c, list);
  for (const auth::Role& role : roles)
    add_delivery_warning(role, list);
}

}  // namespace gateway::operations
