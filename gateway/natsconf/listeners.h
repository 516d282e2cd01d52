#pragma once
// What a nats-server configuration says of clients beside its users: no_auth_user, and the blocks
// websocket, mqtt and leafnodes.

#include <functional>
#include <map>
#include <string>

#include "gateway/natsconf/fields.h"

namespace gateway {

struct NatsListeners {
  // Users whose name and password nats-server presents for every client that sends none, and where
  // each is named: in auth.go, processClientOrLeafAuthentication copies them into the request.
  std::map<std::string, const NatsValue*, std::less<>> no_auth_users;
  bool has_websocket = false;
  // The block of a server that lets leafnodes in as the users of authorization and accounts.
  const NatsValue* leafnodes = nullptr;
};

// Adds a problem for each no_auth_user, for users that a block has of its own, and for
// verify_and_map. The result borrows the configuration.
NatsListeners read_nats_listeners(NatsFields& root);

}  // namespace gateway
