// What a proxy asks, and a connection's password that is such a question: whatever it is, nobody
// who does not know the secret is allowed anything.

#include <cstdlib>

#include "auth/base/base64.h"
#include "auth/base/secret.h"
#include "auth/decision/judge.h"

namespace {

const auth::MasterKeys& keys() {
  static const auth::MasterKeys all{[] {
    std::vector<auth::MasterKey> list;
    list.emplace_back(auth::Secret<32>{}.bytes());
    return list;
  }()};
  return all;
}

auth::Credential signing() {
  auth::Credential c;
  c.id = "CGAAAAAAAAAAAAAAAAAA";
  c.account = "APP";
  c.publish = c.sigv4 = c.sigv4_connect = true;
  c.subjects = {"a"};
  auth::StoredSecret secret;
  secret.key_id = keys().current().key_id();
  secret.sealed = keys().current().seal(c.id, "that nobody knows", auth::Secret<24>{}.bytes());
  c.secrets = {secret};
  return c;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::optional<auth::Credential> credential{signing()};
  static const auth::Judge judge{{.accounts = {"APP"},
                                  .reserved = {},
                                  .scoped = {},
                                  .region = "",
                                  .mode = {},
                                  .sigv4_hosts = {"sqs.example.com"},
                                  .password_cost = {.memory_bytes = 8 << 10, .iterations = 1}},
                                 keys(),
                                 {}};
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  auth::Request request;
  request.connect.user = credential->id;
  request.connect.pass = auth::SecretText{std::string(auth::kSigV4Password) +
                                          auth::write_base64url(auth::bytes_of(text))};
  const auto connect = judge.identify(request);
  auto question = auth::read_sigv4_request(text);
  if (!question) {
    if (connect || connect.error().reason != auth::Deny::malformed) std::abort();
    return 0;
  }
  const std::string source = question->source;
  const auto shown = auth::identify(std::move(*question));
  if (!shown) return 0;
  const auto& evidence = std::get<auth::SigV4Proof>(shown->proof).evidence;
  // At the moment at which it is as fresh as it says.
  if (judge.decide(*shown, source, credential, evidence.at).verdict) std::abort();
  if (judge.decide(*shown, source, std::nullopt, evidence.at).verdict) std::abort();
  if (connect && judge.decide(request, *connect, credential, evidence.at).verdict) std::abort();
  return 0;
}
