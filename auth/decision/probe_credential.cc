#include "auth/decision/probe_credential.h"

#include "auth/base/secret.h"

namespace auth {

KeyPair probe_key(const MasterKey& master, Minute minute) {
  const Secret<32> seed = master.probe_seed(minute.time_since_epoch().count());
  return {Prefix::user, seed.bytes()};
}

Credential probe_credential(Kind kind, std::string_view login, std::string_view account) {
  Credential probe;
  probe.id = kProbeId;
  probe.name = kProbeId;
  probe.kind = kind;
  probe.account = account;
  probe.permissions.publish.deny = {">"};
  probe.permissions.subscribe.deny = {">"};
  probe.session_ttl = std::chrono::seconds{90};
  probe.secrets = {{.scheme = Scheme::public_key, .login = std::string(login), .created_at = {}}};
  return probe;
}

}  // namespace auth
