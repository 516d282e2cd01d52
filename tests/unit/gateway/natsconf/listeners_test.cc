// What the blocks beside the users mean for the users: no_auth_user, websocket, mqtt, leafnodes.

#include "gateway/config/config.h"
#include "gateway/natsconf/users.h"
#include "tests/support/catch.h"

using gateway::NatsUser;
using gateway::NatsUsers;
using List = std::vector<std::string>;

namespace {

NatsUsers read(const std::string& text) {
  const auto nothing = [](std::string_view) { return std::nullopt; };
  return read_nats_users(
      gateway::read_nats_config(text, "nats.conf", {.read_file = nothing, .environment = nothing}));
}

List names(const NatsUsers& users) {
  List list;
  for (const NatsUser& user : users.users)
    list.push_back(user.user + user.nkey);
  return list;
}

// "line: message", those of `list` that hold the text.
List with(const std::vector<gateway::NatsProblem>& list, std::string_view text) {
  List found;
  for (const auto& one : list) {
    if (one.message.find(text) != std::string::npos) {
      found.push_back(std::to_string(one.line) + ": " + one.message);
    }
  }
  return found;
}

constexpr const char* kNkey = "UAAQEAYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABBRR";

}  // namespace

TEST_CASE("listeners: the user of a no_auth_user is not imported, wherever it is named",
          "[natsconf]") {
  const std::string users = "users: [\n {user: a, pass: x}\n {user: b, pass: y}\n]";
  const std::string where = GENERATE(
      as<std::string>{}, "no_auth_user: b", "No_Auth_User = 'b'", "mqtt { no_auth_user: b }",
      "mqtt { port: 1883, no_auth_user: b }", "websocket { no_tls: true, no_auth_user: b }",
      "ws { no_auth_user: b }", "leafnodes { no_auth_user: b }", "X: b\nno_auth_user: $X");
  const std::string around =
      GENERATE(as<std::string>{}, "authorization { USERS }", "accounts { A { USERS } }",
               "accounts { A { users: [] }, B { USERS } }");
  const bool first = GENERATE(true, false);
  std::string block = around;
  block.replace(block.find("USERS"), 5, users);
  const std::string text = first ? where + "\n" + block : block + "\n" + where;
  CAPTURE(text);
  const NatsUsers found = read(text);
  CHECK(names(found) == List{"a"});
  CHECK(with(found.problems, "lets in clients without a credential").size() == 1);
  CHECK(with(found.problems, "is the no_auth_user of nats.conf:").size() == 1);
}

TEST_CASE("listeners: a no_auth_user may be one alone, an nkey, or several users", "[natsconf]") {
  CHECK(names(read("authorization { user: a, password: x }\nno_auth_user: a")).empty());
  CHECK(names(read("authorization { users: [ {nkey: " + std::string{kNkey} +
                   "} ] }\nno_auth_user: " + kNkey))
            .empty());
  const NatsUsers several = read(
      "authorization { users: [ {user: a, pass: x}, {user: b, pass: x}, {user: c, pass: x}, "
      "{user: d, pass: x} ] }\nno_auth_user: a\nmqtt { no_auth_user: b }\n"
      "websocket { no_auth_user: c }");
  CHECK(names(several) == List{"d"});
  CHECK(several.problems.size() == 6);
  CHECK(names(read("authorization { users: [ {user: a, pass: x}, {user: b, pass: x} ] }\n"
                   "no_auth_user: a\nNo_auth_user: b"))
            .empty());
  CHECK(names(read("authorization { users: [ {user: a, pass: x}, {user: b, pass: x} ] }\n"
                   "ws { no_auth_user: a }\nwebsocket { no_auth_user: b }"))
            .empty());
  // One who is not here may be in the file of another server.
  const NatsUsers other = read("authorization { users: [ {user: a, pass: x} ] }\nno_auth_user: b");
  CHECK(names(other) == List{"a"});
  CHECK(other.problems.size() == 1);
  CHECK(with(read("no_auth_user: 5").problems, "must be a string").size() == 1);
  CHECK(read("no_auth_user: ''").problems.empty());
}

TEST_CASE("listeners: a block is refused for users of its own and for nothing else", "[natsconf]") {
  const std::string block = GENERATE(as<std::string>{}, "leafnodes", "mqtt", "websocket");
  const std::string name = GENERATE(as<std::string>{}, "authorization", "Authorization");
  for (const std::string own : {"timeout: 2", "account: A", ""})
    CHECK(read(block + " { " + name + " { " + own + " } }").problems.empty());
  for (const std::string own :
       {"user: a, pass: b", "username: a", "password: a", "token: a", "nkey: a", "users: []"}) {
    CAPTURE(own);
    CHECK(with(read(block + " { " + name + " { " + own + " } }").problems, "only the users of")
              .size() == 1);
  }
  CHECK(with(read("ws { authentication { user: a } }").problems, "only the users of").size() == 1);
}

TEST_CASE("listeners: users who are told by their certificates are not taken in silence",
          "[natsconf]") {
  const std::string tls = "tls { cert_file: a, verify_and_map: true }";
  for (const std::string& text : {tls, "websocket { " + tls + " }", "mqtt { " + tls + " }"})
    CHECK(with(read(text).problems, "asks for a user's certificate").size() == 1);
  CHECK(read("tls { verify_and_map: false }").problems.empty());
  CHECK(read("tls { verify: true }").problems.empty());
}

TEST_CASE("listeners: one note says that leafnodes need the type LEAFNODE", "[natsconf]") {
  const std::string users =
      "authorization { users: [ {user: a, pass: x}, {user: b, pass: y}, {user: c, pass: z, "
      "allowed_connection_types: [STANDARD]} ] }\n";
  const auto notes = [&](const std::string& text) {
    const NatsUsers found = read(users + text);
    CHECK(found.problems.empty());
    return with(found.notes, "leafnode");
  };
  const List said = notes("leafnodes { port: 7422 }");
  REQUIRE(said.size() == 1);
  CHECK(said.front().starts_with("2: "));
  CHECK(said.front().find("(2 users)") != std::string::npos);
  CHECK(said.front().find("credgate update NAME --connection-types LEAFNODE, and STANDARD") !=
        std::string::npos);
  CHECK(notes("leaf { listen: \"0.0.0.0:7422\", authorization { timeout: 2 } }").size() == 1);
  CHECK(notes("leafnodes { remotes: [ { url: \"nats://x\" } ] }").empty());
  CHECK(notes("").empty());
  const NatsUsers own = read(users + "leafnodes { port: 1, authorization { user: l, pass: p } }");
  CHECK(own.notes.empty());
  const NatsUsers none =
      read("leafnodes { port: 1 }\nauthorization { users: [ {user: a, pass: x, clients: MQTT} ] }");
  CHECK(with(none.notes, "a leafnode may").empty());
}

TEST_CASE("listeners: MQTT or LEAFNODE without its other form is refused or noted", "[natsconf]") {
  const auto types = [](const std::string& list, const std::string& rest) {
    return read("authorization { users: [\n{user: a, pass: x, allowed_connection_types: " + list +
                "} ] }\n" + rest);
  };
  for (const std::string list :
       {"[MQTT_WS]", "[LEAFNODE_WS]", "MQTT_WS", "[STANDARD, mqtt_ws]", "[MQTT, LEAFNODE_WS]"}) {
    CAPTURE(list);
    CHECK(names(types(list, "")).empty());
    CHECK(with(types(list, "").problems, "cannot tell one from the other").size() == 1);
  }
  for (const std::string list : {"[MQTT]", "LEAFNODE", "[STANDARD, MQTT]"}) {
    CAPTURE(list);
    CHECK(names(types(list, "websocket { port: 8080 }")).empty());
    CHECK(
        with(types(list, "ws { port: 8080 }").problems, "cannot tell").front().starts_with("2: "));
    CHECK(names(types(list, "")) == List{"a"});
    REQUIRE(types(list, "").notes.size() == 1);
    CHECK(with(types(list, "").notes, "over WebSocket too").front().starts_with("2: "));
  }
  for (const std::string list :
       {"[MQTT, MQTT_WS]", "[LEAFNODE_WS, LEAFNODE, MQTT_WS, MQTT]", "[STANDARD, WEBSOCKET]"}) {
    CAPTURE(list);
    CHECK(names(types(list, "websocket { port: 8080 }")) == List{"a"});
    CHECK(types(list, "websocket { port: 8080 }").problems.empty());
    CHECK(types(list, "").notes.empty());
  }
}
