// Of which credentials it is said that nats-server does not check them.

#include "gateway/admin/operations/server_warnings.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

using auth::ConnectionType;
using auth::Credential;
using gateway::OrderedJson;

namespace {

// How many of the warnings begin so.
std::ptrdiff_t count(const Credential& c, std::string_view beginning,
                     const std::vector<auth::Role>& roles = {}) {
  OrderedJson list = OrderedJson::array();
  gateway::operations::add_server_warnings(c, roles, list);
  return std::ranges::count_if(list, [&](const OrderedJson& warning) {
    return warning.get<std::string>().starts_with(beginning);
  });
}

}  // namespace

TEST_CASE("server_warnings: only a credential that leafnodes may use is warned of", "[admin]") {
  Credential c = store::test_credential(1);
  CHECK(count(c, "") == 0);
  c.connection_types = {ConnectionType::standard, ConnectionType::mqtt};
  CHECK(count(c, "") == 0);
  c.connection_types = {ConnectionType::standard, ConnectionType::leafnode};
  CHECK(count(c, "LEAFNODE: before nats-server 2.11.16") == 1);
  CHECK(count(c, "") == 1);
}

TEST_CASE("server_warnings: permissions that open $MQTT.> to a leafnode are said", "[admin]") {
  Credential c = store::test_credential(1);
  c.connection_types = {ConnectionType::leafnode};
  c.permissions.subscribe.allow = {"$MQTT.sub.x"};
  CHECK(count(c, "LEAFNODE: the permissions name subjects of $MQTT.>") == 1);
  c.permissions.subscribe.allow = {};
  c.permissions.publish.allow = {">"};
  CHECK(count(c, "LEAFNODE: the permissions name subjects of $MQTT.>") == 1);
  c.connection_types = {};
  CHECK(count(c, "LEAFNODE") == 0);
}

TEST_CASE("server_warnings: whoever reads a stream chooses where it is delivered", "[admin]") {
  Credential c = store::test_credential(1);
  c.streams = {"ORDERS"};
  c.manage = true;
  CHECK(count(c, "streams: ") == 0);
  c.receive = true;
  CHECK(count(c, "streams: ") == 1);
  c.consumers = {"C"};
  CHECK(count(c, "streams: ") == 1);
  c.streams = {};
  CHECK(count(c, "streams: ") == 0);
}

TEST_CASE("server_warnings: what a role gives counts, and is said once", "[admin]") {
  Credential c = store::test_credential(1);
  c.connection_types = {ConnectionType::leafnode};
  std::vector<auth::Role> roles(2);
  CHECK(count(c, "streams: ", roles) == 0);
  for (auto& role : roles) {
    role.receive = true;
    role.streams = {"ORDERS"};
  }
  CHECK(count(c, "streams: ", roles) == 1);
  CHECK(count(c, "LEAFNODE: the permissions name subjects of $MQTT.>", roles) == 0);
  roles[1].permissions.publish.allow = {"{tag.x}.sub"};
  c.tags = {"x=$MQTT"};  // not a token that a template may have, so it opens nothing
  CHECK(count(c, "LEAFNODE: the permissions name subjects of $MQTT.>", roles) == 0);
  roles[1].permissions.publish.allow = {"$MQTT.sub.>"};
  CHECK(count(c, "LEAFNODE: the permissions name subjects of $MQTT.>", roles) == 1);
}
