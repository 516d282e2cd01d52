#pragma once
// Reads allowed_connection_types of a user in a nats-server configuration.

#include <vector>

#include "auth/credential/credential.h"
#include "gateway/natsconf/fields.h"

namespace gateway {

struct NatsConnectionTypes {
  std::vector<auth::ConnectionType> types;  // empty: those of a credential that names none
  // Names MQTT or LEAFNODE without its _WS form, which credgate cannot leave out.
  bool gains_websocket = false;
};

// `value` is nullptr where nothing is said. A request does not tell MQTT_WS from MQTT, nor
// LEAFNODE_WS from LEAFNODE, so a list with one of the two is a problem: the credential would have
// both. The exception is MQTT or LEAFNODE alone where nats-server has no WebSocket listener.
NatsConnectionTypes read_connection_types(const NatsValue* value, bool has_websocket,
                                          NatsFields& fields);

}  // namespace gateway
