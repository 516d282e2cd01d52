#include "gateway/cli/nats_context.h"

#include <string>

#include "tests/support/catch.h"

namespace {

using gateway::cli::NatsContext;
using gateway::cli::read_nats_context;

// The error, or what was read, written again.
std::string read(const std::string& text) {
  const auto context = read_nats_context(text);
  return context ? write_nats_context(*context) : context.error();
}

}  // namespace

TEST_CASE("nats_context: what the nats CLI writes is read, also the members that nobody gave",
          "[cli]") {
  const auto context = read_nats_context(R"({
    "name": "shop", "description": "two\nlines", "url": "tls://a:4222,tls://b", "socks_proxy": "",
    "token": "", "user": "alice", "password": "hunter2", "creds": "", "nkey": "", "cert": "~/c.pem",
    "key": "c.key", "ca": "/ca.pem", "nsc": "", "jetstream_domain": "hub",
    "jetstream_api_prefix": "", "jetstream_event_prefix": "", "inbox_prefix": "_CG.a",
    "user_jwt": "", "user_seed": "", "color_scheme": "red", "tls_first": false,
    "windows_cert_store": "", "windows_cert_match_by": "", "windows_cert_match": "",
    "windows_ca_certs_match": null, "of_a_newer_version": []
  })");
  REQUIRE(context);
  CHECK(context->description == "two\nlines");
  CHECK(context->url == "tls://a:4222,tls://b");
  CHECK(context->user == "alice");
  CHECK(context->password == "hunter2");
  CHECK(context->cert == "~/c.pem");
  CHECK(context->key == "c.key");
  CHECK(context->ca == "/ca.pem");
  CHECK(context->inbox_prefix == "_CG.a");
  CHECK(!context->tls_first);
  CHECK((context->token + context->creds + context->nkey).empty());
}

TEST_CASE("nats_context: what is written is read as the same, and says nothing more", "[cli]") {
  const NatsContext context{.url = "nats://a:4222",
                            .token = "CG.x",
                            .creds = "s.creds",
                            .nkey = "a.nk",
                            .tls_first = true};
  const std::string text = write_nats_context(context);
  CHECK(text ==
        "{\n  \"url\": \"nats://a:4222\",\n  \"token\": \"CG.x\",\n  \"creds\": \"s.creds\",\n"
        "  \"nkey\": \"a.nk\",\n  \"tls_first\": true\n}\n");
  CHECK(read(text) == text);
}

TEST_CASE("nats_context: what cannot be honoured is refused by its name", "[cli]") {
  const std::string path =
      " must be the path of a file; data:, env://, file://, nsc:// and op:// are not supported";
  const std::string secret =
      " must be the secret itself; data:, env:// and op:// are not supported";
  const std::string creds_file =
      " is not supported: put the JWT and its seed into a credentials file, and name that in "
      "`creds`";
  const std::string windows =
      " is not supported: it is for Windows; name files in `cert`, `key` and `ca`";
  const auto [member, error] = GENERATE_COPY(table<std::string, std::string>({
      {R"("nsc": "nsc://o/a/u")",
       "`nsc` is not supported: run nsc generate creds, and name the file that it makes in "
       "`creds`"},
      {R"("socks_proxy": "socks5://a")",
       "`socks_proxy` is not supported: give the url of a server that can be reached directly"},
      {R"("user_jwt": "eyJ")", "`user_jwt`" + creds_file},
      {R"("user_seed": "SU")", "`user_seed`" + creds_file},
      {R"("windows_cert_store": "user")", "`windows_cert_store`" + windows},
      {R"("windows_cert_match_by": "issuer")", "`windows_cert_match_by`" + windows},
      {R"("windows_cert_match": "a")", "`windows_cert_match`" + windows},
      {R"("windows_ca_certs_match": ["a"])", "`windows_ca_certs_match`" + windows},
      {R"("tls_first": "yes")", "`tls_first` must be true or false"},
      {R"("user": 5)", "`user` must be a string"},
      {R"("password": ["hunter2"])", "`password` must be a string"},
      {R"("password": "op://vault/hunter2")", "`password`" + secret},
      {R"("token": "env://TOKEN")", "`token`" + secret},
      {R"("user": "op://vault/user")",
       "`user` must be the user name itself; data:, env:// and op:// are not supported"},
      {R"("token": "hunter2\u0000")", "`token` must be printable characters"},
      {R"("url": "nats://a\n")", "`url` must be printable characters"},
      {R"("creds": "op://vault/a")", "`creds`" + path},
      {R"("creds": "nsc://o/a/u")", "`creds`" + path},
      {R"("nkey": "data:;base64,")", "`nkey`" + path},
      {R"("cert": "file:///a")", "`cert`" + path},
      {R"("ca": "env://CA")", "`ca`" + path},
      {R"("pasword": "hunter2")",
       "`pasword` is not a member that credgate knows; did you mean password?"},
      {R"("\u0007": "hunter2")", "has a member that credgate does not know"},
      {R"("user": "a", "user": "b")", "has a member twice"},
  }));
  CAPTURE(member);
  CHECK(read("{" + member + "}") == error);
}

TEST_CASE("nats_context: anything but an object is refused", "[cli]") {
  const auto* const text = GENERATE("", "[]", "{", "\"a\"", "{\"a\": 1} x", "null");
  CAPTURE(text);
  CHECK(read(text) == "is not a JSON object");
}

TEST_CASE("nats_context: what could not be read back is found before it is written", "[cli]") {
  const auto [context, wrong] = GENERATE(table<NatsContext, std::string>({
      {{.user = "bob", .password = "correct horse", .ca = "/a/b"}, ""},
      {{.password = "caf\xe9"}, "`password` must be printable characters"},
      {{.password = "two\nlines"}, "`password` must be printable characters"},
      {{.nkey = "/b\xff.nk"}, "`nkey` must be printable characters"},
      {{.password = "op://vault/bob"},
       "`password` must be the secret itself; data:, env:// and op:// are not supported"},
  }));
  CHECK(wrong_in(context) == wrong);
}
