#include "gateway/callout/request_filter.h"

#include "tests/support/catch.h"
#include "tests/support/make_gateway.h"

using gateway::Group;
using gateway::RequestFilter;
using gateway::made::Path;
using gateway::made::request_jwt;
using gateway::made::sealed;
using gateway::made::xkey;

namespace {

const std::string kServer = auth::made::text(auth::made::server());  // that asks
const std::string kOther = "NOTHER";
const std::string kReply = "$SYS._INBOX.test";
const auto kLongAgo = RequestFilter::Clock::now() - 4 * RequestFilter::kJoining;

}  // namespace

TEST_CASE("request_filter: a request is answered in its server's group, and there alone",
          "[callout]") {
  RequestFilter filter;
  filter.add_link(kServer, kLongAgo);
  filter.add_link(kOther, kLongAgo);
  CHECK(filter.answers(kServer, kReply, Path{kServer, Group::server}));
  CHECK_FALSE(filter.answers(kServer, kReply, Path{kOther, Group::server}));
  CHECK_FALSE(filter.answers(kServer, kReply, Path{kServer, Group::shared}));
  CHECK_FALSE(filter.answers(kServer, kReply, Path{kOther, Group::shared}));
}

TEST_CASE("request_filter: of a server without a link the shared group's copy is answered",
          "[callout]") {
  RequestFilter filter;
  const Path shared{kOther, Group::shared};
  CHECK(filter.answers(kServer, kReply, shared));
  filter.add_link(kServer, kLongAgo);
  CHECK_FALSE(filter.answers(kServer, kReply, shared));
  filter.remove_link(kServer);
  CHECK(filter.answers(kServer, kReply, shared));
  CHECK_FALSE(filter.answers(kServer, kReply, Path{kOther, Group::server}));
}

TEST_CASE("request_filter: a plain request is dropped unopened by the server that it names",
          "[callout]") {
  RequestFilter filter;
  filter.add_link(kServer, kLongAgo);
  const std::string jwt = request_jwt(auth::made::with_key().connect);
  CHECK(filter.drops(jwt, "", Path{kOther, Group::server}));
  CHECK(filter.drops(jwt, "", Path{kServer, Group::shared}));
  CHECK_FALSE(filter.drops(jwt, "", Path{kServer, Group::server}));
}

TEST_CASE("request_filter: a sealed request is dropped unopened once its server's xkey is known",
          "[callout]") {
  RequestFilter filter;
  filter.add_link(kServer, kLongAgo);
  const auto sent = sealed(request_jwt(auth::made::with_key().connect), xkey(61));
  const Path other{kOther, Group::server};
  CHECK_FALSE(filter.drops(sent.data, sent.server_xkey, other));
  filter.learn(sent.server_xkey, kServer);
  CHECK(filter.drops(sent.data, sent.server_xkey, other));
  CHECK(filter.drops(sent.data, sent.server_xkey, Path{kServer, Group::shared}));
  CHECK_FALSE(filter.drops(sent.data, sent.server_xkey, Path{kServer, Group::server}));
  CHECK_FALSE(filter.drops(sent.data, "", other));
}

TEST_CASE("request_filter: what nobody can read is left to whoever opens it", "[callout]") {
  RequestFilter filter;
  filter.add_link(kServer, kLongAgo);
  const std::string jwt = request_jwt(auth::made::with_key().connect);
  for (const std::string& text : {std::string{}, std::string{"a.b.c"}, std::string{".."},
                                  jwt.substr(0, 40), std::string{"xkv1"}}) {
    CAPTURE(text);
    CHECK_FALSE(filter.drops(text, "", Path{kOther, Group::server}));
  }
}

TEST_CASE("request_filter: xkeys that strangers invent are forgotten", "[callout]") {
  RequestFilter filter;
  filter.add_link(kServer, kLongAgo);
  const auto sent = sealed(request_jwt(auth::made::with_key().connect), xkey(61));
  const Path other{kOther, Group::server};
  filter.learn(sent.server_xkey, kServer);
  for (std::size_t i = 0; i < RequestFilter::kMaxXkeys; ++i)
    filter.learn("X" + std::to_string(i), "NSTRANGER");
  CHECK_FALSE(filter.drops(sent.data, sent.server_xkey, other));
  filter.learn(sent.server_xkey, kServer);
  CHECK(filter.drops(sent.data, sent.server_xkey, other));
}

TEST_CASE("request_filter: while a group is being joined the first copy is answered", "[callout]") {
  RequestFilter filter;
  const auto now = RequestFilter::Clock::now();
  filter.add_link(kServer, now);
  const Path own{kServer, Group::server};
  const Path shared{kOther, Group::shared};
  const std::string jwt = request_jwt(auth::made::with_key().connect);
  CHECK_FALSE(filter.drops(jwt, "", shared, now));
  CHECK(filter.answers(kServer, "1", shared, now));
  CHECK_FALSE(filter.answers(kServer, "1", own, now));
  CHECK(filter.answers(kServer, "2", own, now));
  CHECK_FALSE(filter.answers(kServer, "2", shared, now));
  CHECK_FALSE(filter.answers(kServer, "3", Path{kOther, Group::server}, now));
  CHECK(filter.answers(kServer, "3", own, now));
  const auto joined = now + RequestFilter::kJoining;
  CHECK(filter.drops(jwt, "", shared, joined));
  CHECK_FALSE(filter.answers(kServer, "4", shared, joined));
  CHECK_FALSE(filter.answers(kServer, "1", own, joined));
  CHECK(filter.answers(kServer, "4", own, joined));
}
