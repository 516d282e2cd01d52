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

void add_server_warnings(const auth::Credential& c, OrderedJson& list) {
  if (auth::allows_type(c, auth::ConnectionType::leafnode)) {
    list.push_back(kLeafnodeWarning);
    const auth::Permissions given = auth::expand(c, auth::ConnectionType::leafnode);
    if (!is_denied_mqtt(given.publish) || !is_denied_mqtt(given.subscribe)) {
      list.push_back(
          "LEAFNODE: the permissions name subjects of $MQTT.>; nats-server then lets a leafnode "
          "use "
          "all of $MQTT.> except what is denied");
    }
  }
  if (c.receive && !c.streams.empty()) list.push_back(kDeliveryWarning);
}

}  // namespace gateway::operations
