#include "auth/decision/proof.h"
#include "auth/nats/auth_request.h"
#include "auth/nats/peek_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto issuer =
      *auth::read_public_key("ABJHLOVMPA4CI6R5KLNGOB4GSLNIY7IOUPAJC4YFNDLQVIOBYQGUWVLA");
  static_cast<void>(auth::peek_request(auth::text_of({bytes, size})));
  static_cast<void>(auth::peek_server_id(auth::text_of({bytes, size})));
  const auto request = auth::read_request(auth::text_of({bytes, size}),
                                          {.issuers = {&issuer, 1},
                                           .sealed_by = {},
                                           .now = auth::Time{std::chrono::seconds{1795411801}}});
  if (!request) return 0;
  static const auto keys = [] {
    std::vector<auth::MasterKey> one;
    one.push_back(auth::MasterKey{auth::Key32{}});
    return auth::MasterKeys{std::move(one)};
  }();
  for (const bool operator_mode : {false, true}) {
    const auth::ServerMode mode{.operator_mode = operator_mode, .sentinels = {}};
    static_cast<void>(static_cast<bool>(auth::identify(*request, mode, keys)));
  }
  return 0;
}
