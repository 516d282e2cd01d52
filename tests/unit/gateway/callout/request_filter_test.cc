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

}  // namespace

TEST_CASE("request_filter: a request is answered in its server's group, and there alone",
          "[callout]") {
  RequestFilter filter;
  filter.add_link(kServer);
  filter.add_link(kOther);
  CHECK(filter.answers(kServer, Path{kServer, Group::server}));
  CHECK_FALSE(filter.answers(kServer, Path{kOther, Group::server}));
  CHECK_FALSE(filter.answers(kServer, Path{kServer, Group::shared}));
  CHECK_FALSE(filter.answers(kServer, Path{kOther, Group::shared}));
}

TEST_CASE("request_filter: of a server without a link the shared group's copy is answered",
          "[callout]") {
  RequestFilter filter;
  const Path shared{kOther, Group::shared};
  CHECK(filter.answers(kServer, shared));
  filter.add_link(kServer);
  CHECK_FALSE(filter.answers(kServer, shared));
  filter.remove_link(kServer);
  CHECK(filter.answers(kServer, shared));
  CHECK_FALSE(filter.answers(kServer, Path{kOther, Group::server}));
}

TEST_CASE("request_filter: a plain request is dropped unopened by the server that it names",
          "[callout]") {
  RequestFilter filter;
  filter.add_link(kServer);
  const std::string jwt = request_jwt(auth::made::with_key().connect);
  CHECK(filter.drops(jwt, "", Path{kOther, Group::server}));
  CHECK(filter.drops(jwt, "", Path{kServer, Group::shared}));
  CHECK_FALSE(filter.drops(jwt, "", Path{kServer, Group::server}));
}

TEST_CASE("request_filter: a sealed request is dropped unopened once its server's xkey is known",
          "[callout]") {
  RequestFilter filter;
  filter.add_link(kServer);
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
  filter.add_link(kServer);
  const std::string jwt = request_jwt(auth::made::with_key().connect);
  const std::string text = GENERATE_COPY("", "a.b.c", "..", jwt.substr(0, 40), "xkv1");
  CHECK_FALSE(filter.drops(text, "", Path{kOther, Group::server}));
}

TEST_CASE("request_filter: xkeys that strangers invent are forgotten", "[callout]") {
  RequestFilter filter;
  filter.add_link(kServer);
  const auto sent = sealed(request_jwt(auth::made::with_key().connect), xkey(61));
  const Path other{kOther, Group::server};
  filter.learn(sent.server_xkey, kServer);
  for (std::size_t i = 0; i < RequestFilter::kMaxXkeys; ++i)
    filter.learn("X" + std::to_string(i), "NSTRANGER");
  CHECK_FALSE(filter.drops(sent.data, sent.server_xkey, other));
  filter.learn(sent.server_xkey, kServer);
  CHECK(filter.drops(sent.data, sent.server_xkey, other));
}
