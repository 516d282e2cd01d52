#include "gateway/natsconf/listeners.h"

#include "auth/base/text.h"

namespace gateway {
namespace {

// Of a setting that is given twice, in two cases, nats-server may use either.
void read_no_auth_users(NatsFields& fields, NatsListeners& listeners) {
  for (const auto& [key, value] : *fields.value().get<NatsMap>()) {
    if (auth::lower_case(key) != "no_auth_user") continue;
    const auto* name = value.get<std::string>();
    if (name == nullptr) {
      fields.fail(value, "no_auth_user must be a string");
    } else if (!name->empty()) {
      fields.fail(value,
                  "lets in clients without a credential: nats-server presents the name and "
                  "password of this user for them, so the user is not imported. Create a "
                  "credential for those clients and remove no_auth_user");
      listeners.no_auth_users.emplace(*name, &value);
    }
  }
}

// parseLeafAuthorization, parseSimpleAuth
bool has_users(const NatsValue& authorization, NatsProblems& problems) {
  if (authorization.get<NatsMap>() == nullptr) return true;
  NatsFields fields{authorization, problems};
  for (const auto* name : {"user", "username", "pass", "password", "token", "nkey", "users"}) {
    if (fields.take({name}) != nullptr) return true;
  }
  return false;
}

void refuse_certificate_map(NatsFields& fields) {
  const NatsValue* tls = fields.take({"tls"});
  if (tls == nullptr || tls->get<NatsMap>() == nullptr) return;
  const NatsValue* maps = NatsFields{*tls, fields.problems()}.take({"verify_and_map"});
  const bool* yes = maps != nullptr ? maps->get<bool>() : nullptr;
  if (yes == nullptr || !*yes) return;
  fields.fail(*maps,
              "nats-server asks for a user's certificate here, and an imported user needs its "
              "password alone. Create credentials for the certificates instead: credgate create "
              "NAME --kind cert --cert FILE");
}

}  // namespace

NatsListeners read_nats_listeners(NatsFields& root) {
  NatsListeners listeners;
  read_no_auth_users(root, listeners);
  refuse_certificate_map(root);
  for (const auto& [key, block] : *root.value().get<NatsMap>()) {
    const std::string name = auth::lower_case(key);
    const bool websocket = name == "websocket" || name == "ws";
    const bool leafnodes = name == "leafnodes" || name == "leaf";
    if (websocket) listeners.has_websocket = true;
    if ((!websocket && !leafnodes && name != "mqtt") || block.get<NatsMap>() == nullptr) continue;
    NatsFields fields{block, root.problems()};
    read_no_auth_users(fields, listeners);
    refuse_certificate_map(fields);
    const NatsValue* own = fields.take({"authorization", "authentication"});
    if (own != nullptr && has_users(*own, root.problems())) {
      fields.fail(*own, "only the users of authorization and accounts are imported");
    } else if (leafnodes && fields.take({"listen", "port"}) != nullptr) {
      listeners.leafnodes = &block;
    }
  }
  return listeners;
}

}  // namespace gateway
