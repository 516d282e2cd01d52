#pragma once
// A credential in which no field has its default value.

#include <numeric>

#include "auth/credential/credential.h"
#include "auth/credential/role.h"

namespace auth::made {

inline void give_all_rights(Rights& c) {
  using namespace std::chrono_literals;
  c.publish = true;
  c.receive = true;
  c.manage = true;
  c.subjects = {"orders.>", "events.*"};
  c.streams = {"ORDERS"};
  c.consumers = {"billing", "audit"};
  c.buckets = {.kv_read = {{.bucket = "cfg"}},
               .kv_write = {{"cfg", "app.>"}},
               .object_read = {"pics"},
               .object_write = {"docs"}};
  c.services = {.serve = {"adder"}, .call = {"clock"}};
  c.domain = "hub";
  c.permissions = {.publish = {{"a"}, {"b"}},
                   .subscribe = {{"c", "d"}, {"e"}},
                   .responses = Responses{.max = 5, .ttl = 30s}};
  c.allow_responses = true;
  c.everything = true;
  c.ack_v2 = true;
}

inline Credential full_credential() {
  using namespace std::chrono_literals;
  constexpr Time kDay{1'800'000'000s};
  Hash32 hash{};
  std::iota(hash.begin(), hash.end(), std::uint8_t{0xA0});
  const PublicKey key{Prefix::user, {1, 2, 3}};

  Credential c;
  c.id = "CGAAAQEAYEAUDAOCAJBI";
  c.revision = 300;
  c.name = "Order service, Z\u00fcrich";
  c.kind = Kind::nkey;
  c.account = "APP";
  c.regions = {"eu", "us"};
  c.roles = {"ops", "readers"};
  give_all_rights(c);
  c.inbox = Inbox::shared;
  c.sigv4 = true;
  c.sigv4_connect = true;
  c.sources = {*read_cidr("10.0.0.0/8"), *read_cidr("2001:db8::/32"), *read_cidr("::/0")};
  c.connection_types = {ConnectionType::standard, ConnectionType::mqtt};
  c.times = {{8h, 17h}, {0s, 0s}};
  c.times_location = "Europe/Berlin";
  c.not_before = kDay;
  c.expires_at = kDay + 24h;
  c.session_ttl = 1h;
  c.max_sessions = 7;
  c.status = Status::suspended;
  c.secrets = {{.scheme = Scheme::blake2b,
                .key_id = "122bd27872f1df0c",
                .login = "",
                .hash = hash,
                .created_at = kDay,
                .expires_at = kDay + 1h,
                .password_hash = {},
                .sealed = "sealed"},
               {.scheme = Scheme::public_key,
                .key_id = "",
                .login = write_public_key(key),
                .hash = {},
                .created_at = kDay + 1s,
                .expires_at = {}}};
  c.tags = {"team=billing", "empty="};
  c.created_at = kDay + 2s;
  c.created_by = "local:root";
  c.updated_at = kDay + 3s;
  c.updated_by = "nats:ADMIN/CGB";
  c.revoked_at = kDay + 4s;
  c.revoked_by = "local:alice";
  c.revoke_reason = "lost";
  return c;
}

// The same of a role.
inline Role full_role() {
  using namespace std::chrono_literals;
  Role role;
  role.account = "APP";
  role.name = "ops";
  role.revision = 3;
  role.description = "Z\u00fcrich";
  give_all_rights(role);
  role.created_at = Time{1'800'000'000s};
  role.created_by = "local:root";
  role.updated_at = Time{1'800'000'001s};
  role.updated_by = "local:alice";
  return role;
}

}  // namespace auth::made
