#include "gateway/natsconf/users.h"

#include "gateway/config/config.h"
#include "tests/support/catch.h"

using auth::ConnectionType;
using auth::Permissions;
using auth::Responses;
using gateway::NatsUser;
using gateway::NatsUsers;
using List = std::vector<std::string>;

namespace {

constexpr const char* kNkey = "UAAQEAYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABBRR";

// One user on line 3.
constexpr const char* kGood = R"(accounts {
  APP { users = [
    { user: alice, password: secret, permissions: { publish: [a, b.>], subscribe: { allow: "c", deny: [d] } } }
  ]}
}
)";

NatsUsers read(const std::string& text) {
  const auto nothing = [](std::string_view) { return std::nullopt; };
  return read_nats_users(
      gateway::read_nats_config(text, "nats.conf", {.read_file = nothing, .environment = nothing}));
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

constexpr const char* kBlock = "{ publish: [a, b.>], subscribe: { allow: \"c\", deny: [d] } }";
constexpr const char* kPublish = "publish: [a, b.>], ";
constexpr const char* kSubscribe = "subscribe: { allow: \"c\", deny: [d] }";

Permissions permissions(List publish, List publish_deny, List subscribe, List subscribe_deny,
                        std::optional<Responses> responses = {}) {
  return {{std::move(publish), std::move(publish_deny)},
          {std::move(subscribe), std::move(subscribe_deny)},
          responses};
}

}  // namespace

TEST_CASE("users: a user of an account comes with what it is and what it may do", "[nats_users]") {
  const NatsUsers read_users = read(kGood);
  CHECK(read_users.problems.empty());
  REQUIRE(read_users.users.size() == 1);
  const NatsUser& user = read_users.users.front();
  CHECK(user.file == "nats.conf");
  CHECK(user.line == 3);
  CHECK(user.account == "APP");
  CHECK(user.user == "alice");
  CHECK(user.password.view() == "secret");
  CHECK(user.nkey.empty());
  CHECK(user.token.empty());
  CHECK(user.permissions == permissions({"a", "b.>"}, {}, {"c"}, {"d"}));
  CHECK(user.connection_types.empty());
}

TEST_CASE("users: permissions come out as nats-server takes them", "[nats_users]") {
  struct Case {
    std::string text;
    std::optional<Permissions> permissions;
  };
  const auto one = GENERATE(values<Case>({
      {with("permissions", "PERMISSION"), permissions({"a", "b.>"}, {}, {"c"}, {"d"})},
      {with("permissions", "authorization"), permissions({"a", "b.>"}, {}, {"c"}, {"d"})},
      {with("publish", "pub"), permissions({"a", "b.>"}, {}, {"c"}, {"d"})},
      {with("publish", "Import"), permissions({"a", "b.>"}, {}, {"c"}, {"d"})},
      {with("subscribe", "export"), permissions({"a", "b.>"}, {}, {"c"}, {"d"})},
      {with("[a, b.>]", "x"), permissions({"x"}, {}, {"c"}, {"d"})},
      {with("[a, b.>]", "[x, x]"), permissions({"x"}, {}, {"c"}, {"d"})},
      {with(kPublish, ""), permissions({">"}, {}, {"c"}, {"d"})},
      {with(kSubscribe, ""), permissions({"a", "b.>"}, {}, {">"}, {})},
      {with("allow: \"c\", ", ""), permissions({"a", "b.>"}, {}, {">"}, {"d"})},
      {with("[d]", "[]"), permissions({"a", "b.>"}, {}, {"c"}, {})},
      {with(kPublish, "allow_responses: true, "), permissions({}, {}, {"c"}, {"d"}, Responses{})},
      {with(kPublish, "allow_responses: false, "), permissions({">"}, {}, {"c"}, {"d"})},
      {with(kPublish, "publish: x, publish_allow_responses: {max: 5, ttl: \"1m30s\"}, "),
       permissions({"x"}, {}, {"c"}, {"d"}, Responses{5, std::chrono::seconds{90}})},
      {with(kPublish, "publish: x, allow_responses: {max_msgs: 0, expires: '0'}, "),
       permissions({"x"}, {}, {"c"}, {"d"}, Responses{})},
      {"P: { S: x, sub: $S }\n" + with(kBlock, "$P"), permissions({">"}, {}, {"x"}, {})},
  }));
  CAPTURE(one.text);
  const NatsUsers read_users = read(one.text);
  CHECK(read_users.problems.empty());
  REQUIRE(read_users.users.size() == 1);
  CHECK(read_users.users.front().permissions == one.permissions);
}

TEST_CASE("users: a user that would come out with other rights is left out, and its line is named",
          "[nats_users]") {
  struct Case {
    std::string text;
    const char* problem;
  };
  const auto bad = GENERATE(values<Case>({
      {with("permissions: {", "permissions: {}, rest: {"), "unknown field"},
      {with(kBlock, "{}"), "allows and denies nothing"},
      {with(kBlock, "{ allow_responses: no }"), "allows and denies nothing"},
      {with("permissions:", "permission:[],permissions:"), "given under two names"},
      {with("permissions:", "Permissions:{},permissions:"), "given under two names"},
      {with("permissions:", "permisions:"), "unknown field; did you mean \"permissions\"?"},
      {with(kBlock, "x"), "must be a map"},
      {with("publish:", "publishes:"), "unknown field"},
      {with("[a, b.>]", "[]"), "is empty, which nats-server takes as every subject"},
      {with("[a, b.>]", "{}"), "allows and denies nothing"},
      {with("[a, b.>]", "{deny: []}"), "allows and denies nothing"},
      {with("[a, b.>]", "{allow: [], deny: x}"), "is empty, which nats-server"},
      {with("[a, b.>]", "{allow: a, denies: x}"), "unknown field"},
      {with("[a, b.>]", "true"), "a subject must be a string"},
      {with("[a, b.>]", "[a, [b]]"), "a subject must be a string"},
      {with("[a, b.>]", "[a, b..c]"), "is not a valid subject"},
      {with("[a, b.>]", "[a, '']"), "is not a valid subject"},
      {with("\"c\"", "\"c queue\""), "a subject with a queue name"},
      {with("[d]", "\"d queue\""), "a subject with a queue name"},
      {with(kPublish, "allow_response: true, "), "did you mean \"allow_responses\"?"},
      {with(kPublish, "allow_responses: 1, "), "must be a map"},
      {with(kPublish, "allow_responses: {max: -1}, "), "never unlimited"},
      {with(kPublish, "allow_responses: {max: '5'}, "), "never unlimited"},
      {with(kPublish, "allow_responses: {max: 2m}, "), "never unlimited"},
      {with(kPublish, "allow_responses: {ttl: 1m}, "), "expires must be a duration in quotes"},
      {with(kPublish, "allow_responses: {ttl: '-1s'}, "), "expires must be at most 24 hours"},
      {with(kPublish, "allow_responses: {ttl: '1.5s'}, "), "\"1s\" for \"50ms\""},
      {with(kPublish, "allow_responses: {ttl: \"50ms\"}, "), "expires must be whole seconds"},
      {with(kPublish, "allow_responses: {ttl: '25h'}, "), "expires must be at most 24 hours"},
      {with(kPublish, "allow_responses: {ttl: '1d'}, "), "expires must be a duration in quotes"},
      {with(kPublish, "allow_responses: {ttl: '5'}, "), "expires must be a duration in quotes"},
      {with("publish: [a, b.>]", "publish: {deny: a}, allow_responses: true"),
       "needs an allow list together with allow_responses"},
      {with("user: alice, ", ""), "neither user nor nkey"},
      {with("password: secret, ", ""), "has no password"},
      {with("secret", "123"), "password must be a string"},
      {with("password:", "Pass: x, password:"), "given under two names"},
      {with("password: secret", "nkey: x"), "an nkey must not have a user or password"},
      {with("user: alice, password: secret", "nkey: UB5C6"), "nkey must be a user's public key"},
      {with("permissions", "clients: [], permissions"), "names no type"},
      {with("permissions", "clients: [MQTT, IN_PROCESS], permissions"), "takes IN_PROCESS too"},
      {with("alice", "\"{{ .user }}\""), "user looks like a placeholder"},
      {with("secret", "\"$NATS_OPS_PASSWORD\""), "password looks like a placeholder"},
      {with("secret", "'<< $TOKEN >>'"), "password looks like a placeholder"},
      {with("permissions", "proxy_required: true, permissions"),
       "proxy_required cannot be imported"},
      {with("permissions", "tags: x, permissions"), "an unknown field"},
  }));
  CAPTURE(bad.text);
  const NatsUsers read_users = read(bad.text);
  CHECK(read_users.users.empty());
  REQUIRE_FALSE(read_users.problems.empty());
  const auto& problem = read_users.problems.front();
  CAPTURE(problem.message);
  CHECK(problem.message.find(bad.problem) != std::string::npos);
  CHECK(problem.file == "nats.conf");
  CHECK(problem.line == 3);
}

TEST_CASE("users: users are found wherever nats-server finds them", "[nats_users]") {
  struct Case {
    std::string text;
    List users;  // "account/user", "account/nkey" or "account/"
  };
  const std::string nkey = kNkey;
  const auto one = GENERATE_COPY(values<Case>({
      {kGood, {"APP/alice"}},
      {with("user:", "username:"), {"APP/alice"}},
      {with("password", "PASS"), {"APP/alice"}},
      {with("user: alice, password: secret", "nkey: " + nkey), {"APP/" + nkey}},
      {with("secret", "$2a$11$x"), {"APP/alice"}},
      {"authorization { user: a, password: b }", {"$G/a"}},
      {"authorization { token: b, timeout: 2 }", {"$G/"}},
      {"Authorization { users: [ {user: a, pass: b}, {user: c, pass: d} ] }", {"$G/a", "$G/c"}},
      {"accounts { A { users: [ {user: a, pass: b} ] }\n B { users: [ {user: c, pass: d} ] } }",
       {"A/a", "B/c"}},
      // nats-server leaves out the account that a variable refers to.
      {"accounts { A { users: [ {user: a, pass: b} ] }\n B: $A }", {"B/a"}},
      {"authorization { U { user: a, pass: b }\n users: [ $U ] }", {"$G/a"}},
      {"accounts: [A, B]", {}},
      {"port: 4222", {}},
  }));
  CAPTURE(one.text);
  const NatsUsers read_users = read(one.text);
  CHECK(read_users.problems.empty());
  List users;
  for (const NatsUser& user : read_users.users)
    users.push_back(user.account + "/" + user.user + user.nkey);
  CHECK(users == one.users);
}

TEST_CASE("users: the password and the token are taken as they stand", "[nats_users]") {
  CHECK(read(with("secret", "$2a$11$x")).users.at(0).password.view() == "$2a$11$x");
  CHECK(read("authorization { token: \"b c\" }").users.at(0).token.view() == "b c");
}

TEST_CASE("users: default permissions are for the users of their block that have none",
          "[nats_users]") {
  const NatsUsers read_users = read(R"(
authorization {
  users: [ {user: a, pass: x}, {user: b, pass: x, permissions: {pub: p, sub: p}} ]
  default_permissions: { pub: d, sub: d }
}
accounts {
  A { users: [ {user: c, pass: x} ], default_permissions: { pub: e, sub: e } }
  B { users: [ {user: d, pass: x} ] }
}
)");
  CHECK(read_users.problems.empty());
  REQUIRE(read_users.users.size() == 4);
  CHECK(read_users.users[0].permissions == permissions({"d"}, {}, {"d"}, {}));
  CHECK(read_users.users[1].permissions == permissions({"p"}, {}, {"p"}, {}));
  CHECK(read_users.users[2].permissions == permissions({"e"}, {}, {"e"}, {}));
  CHECK(read_users.users[3].permissions == std::nullopt);
}

TEST_CASE(
    "users: connection types have their names in any case, and both forms of one are one type",
    "[nats_users]") {
  const NatsUsers read_users = read(with("permissions",
                                         "connection_types: [standard, MQTT, mqtt_ws, LEAFNODE_WS, "
                                         "leafnode, WebSocket], permissions"));
  CHECK(read_users.users.at(0).connection_types ==
        std::vector{ConnectionType::standard, ConnectionType::mqtt, ConnectionType::leafnode,
                    ConnectionType::websocket});
  CHECK(read(with("permissions", "clients: MQTT, permissions")).users.at(0).connection_types ==
        std::vector{ConnectionType::mqtt});
}

TEST_CASE("users: whom auth_callout lets by is the gateway itself, and left out", "[nats_users]") {
  const std::string nkey = kNkey;
  const NatsUsers read_users = read("authorization { auth_callout { auth_users: [gateway, " + nkey +
                                    "] } }\naccounts { AUTH { users: [ {user: gateway, pass: x}, "
                                    "{nkey: " +
                                    nkey + "}, {user: other, pass: y} ] } }");
  CHECK(read_users.problems.empty());
  REQUIRE(read_users.users.size() == 1);
  CHECK(read_users.users.front().user == "other");
}

TEST_CASE("users: what concerns no single user is a problem too, and gives nobody more",
          "[nats_users]") {
  struct Case {
    std::string text;
    const char* problem;
    List users;  // who is taken over all the same
  };
  const std::string user = "users: [ {user: a, pass: b} ]";
  const auto bad = GENERATE_COPY(values<Case>({
      {"authorization []", "must be a map", {}},
      {"accounts: x", "must be a map", {}},
      {"accounts { A: [ {user: a, pass: b} ] }", "must be a map", {}},
      {"accounts { A { users: {} } }", "users must be an array", {}},
      {"accounts { A { users: [ x ] } }", "must be a map", {}},
      {"accounts { $G { " + user + " } }", "reserved by nats-server", {}},
      {"accounts { A { default_permission: {pub: x}, " + user + " } }",
       "did you mean \"default_permissions\"?",
       {}},
      {"accounts { A { default_permissions: {}, " + user + " } }", "allows and denies nothing", {}},
      {"authorization { default_permissions: {pub: []}, " + user + " }", "is empty", {}},
      {"authorization { permissions: {pub: x}, default_permission: {}, " + user + " }",
       "two names",
       {}},
      {"authorization { user: c, pass: d, " + user + " }", "more than one of", {"a"}},
      {"authorization { user: c, pass: d }\naccounts { A { " + user + " } }",
       "more than one of",
       {"a"}},
      {"authorization { token: c, user: c, pass: d }", "more than one of", {}},
      {"authorization { pass: d }", "user and password must both be set", {}},
      {"authorization { user: d }", "user and password must both be set", {}},
      {"authorization { user: c, pass: d, proxy_required: true }", "proxy_required", {}},
      {"authorization { users: [ {user: a, pass: b}, {user: a, pass: c} ] }",
       "a second user",
       {"a"}},
      {"authorization { " + user + " }\nno_auth_user: a", "clients without a credential", {}},
      {"authorization { token: \"{{ .token }}\" }", "token looks like a placeholder", {}},
      {"authorization { user: c, pass: \"$PASS\" }", "password looks like a placeholder", {}},
      {"accounts { \"my.app\" { " + user + " } }", "cannot grant an account of this name", {}},
      {"accounts { 'my app' { " + user + " } }", "cannot grant an account of this name", {}},
      {"leafnodes { authorization { " + user + " } }", "only the users of", {}},
      {"ws { authorization { user: a, pass: b } }", "only the users of", {}},
      {"authorization { auth_callout { users: [ 5 ] }, " + user + " }", "must be strings", {"a"}},
  }));
  CAPTURE(bad.text);
  const NatsUsers read_users = read(bad.text);
  REQUIRE_FALSE(read_users.problems.empty());
  const std::string said = read_users.problems.front().message;
  CAPTURE(said);
  CHECK(said.find(bad.problem) != std::string::npos);
  List users;
  for (const NatsUser& one : read_users.users)
    users.push_back(one.user);
  CHECK(users == bad.users);
}

TEST_CASE("users: every prefix of a configuration is refused, or gives nobody more than the whole",
          "[nats_users]") {
  const std::string whole =
      kGood + std::string{
                  "authorization { users: [ {user: bob, pass: x} ]\n default_permissions: "
                  "{ pub: p, sub: [s, t] } }\nport: 4222\n"};
  const auto read_prefix = [&](std::size_t size) -> std::optional<NatsUsers> {
    try {
      return read(whole.substr(0, size));
    } catch (const auth::ConfigError&) {
      return std::nullopt;
    }
  };
  const std::vector<NatsUser> all = read(whole).users;
  REQUIRE(all.size() == 2);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const auto read_users = read_prefix(size);
    if (!read_users) continue;
    for (const NatsUser& user : read_users->users) {
      const NatsUser& same = all[user.user == "alice" ? 1 : 0];
      CHECK(user.user == same.user);
      CHECK(user.permissions == same.permissions);
    }
  }
}

TEST_CASE("users: no problem shows a part of a password", "[nats_users]") {
  for (const std::string& text :
       {with("secret,", "x,s3cret y,"), with("secret", "[s3cret]"),
        with("alice, password: secret", "[alice], password: s3cret"),
        with("[a, b.>]", "'s3cret queue'"), with("permissions", "clients: s3cret, permissions"),
        with("user: alice, password: secret", "nkey: s3cret")}) {
    CAPTURE(text);
    const NatsUsers read_users = read(text);
    CHECK_FALSE(read_users.problems.empty());
    for (const auto& problem : read_users.problems)
      CHECK(problem.message.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("users: problems are bounded, and so are permissions that many users share",
          "[nats_users]") {
  std::string many = "authorization { users: [";
  for (int i = 0; i < 3'000; ++i)
    many += "x\n";
  const NatsUsers read_users = read(many + "] }");
  REQUIRE(read_users.problems.size() == gateway::NatsProblems::kMaxProblems);
  CHECK(read_users.problems.back().message.find("not listed") != std::string::npos);

  std::string text = "authorization { default_permissions: { pub: [";
  for (int i = 0; i < 1'000; ++i)
    text += std::string(200, 's') + std::to_string(i) + "\n";
  text += "] }\nusers: [";
  for (int i = 0; i < 1'000; ++i)
    text += "{user: u" + std::to_string(i) + ", pass: x}\n";
  CHECK_THROWS_AS(read(text + "] }"), auth::ConfigError);
}
