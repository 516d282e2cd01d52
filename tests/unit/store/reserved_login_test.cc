// Both fingerprints of one certificate lead to one credential.

#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

namespace store {
namespace {

const std::string kLeaf = "sha256:" + std::string(64, '1');
const std::string kKey = "spki-sha256:" + std::string(64, '2');
const std::string kRenewedLeaf = "sha256:" + std::string(64, '3');

auth::StoredSecret fingerprint(const std::string& login, const std::string& reserved = "") {
  auth::StoredSecret secret = login_secret(login);
  secret.scheme = auth::Scheme::fingerprint;
  secret.reserved = reserved;
  return secret;
}

auth::Credential certificate(std::uint32_t n, const std::string& login,
                             const std::string& reserved = "") {
  auth::Credential c = test_credential(n);
  c.kind = auth::Kind::cert;
  c.secrets = {fingerprint(login, reserved)};
  return c;
}

Store::Edit set_secret(const auth::StoredSecret& secret) {
  return [secret](auth::Credential& c) { c.secrets = {secret}; };
}

}  // namespace

TEST_CASE("reserved_login: a certificate's other fingerprint cannot be registered by anybody else",
          "[store]") {
  struct Row {
    const char* what;
    auth::Credential second;
  };
  const auto row = GENERATE(values<Row>({
      {"the other one as a login", certificate(2, kLeaf)},
      {"the other one as reserved", certificate(2, kRenewedLeaf, kLeaf)},
      {"the login as reserved", certificate(2, kRenewedLeaf, kKey)},
      {"both", certificate(2, kLeaf, kKey)},
  }));
  CAPTURE(row.what);
  TestStore store;
  REQUIRE_FALSE(create(store, certificate(1, kKey, kLeaf)));
  const auto refused = store->create(row.second, intent(Action::create));
  CHECK(refusal(refused) == Refusal::conflict);
  CHECK(refused.error().holder == test_id(1));
  CHECK(owner(store, auth::Kind::cert, kLeaf) == test_id(1));
  CHECK(owner(store, auth::Kind::cert, kKey) == test_id(1));
  REQUIRE_FALSE(change(store, 1, Action::revoke, revocation()));
  CHECK(create(store, row.second) == Refusal::conflict);
  CHECK(wrong_with(*store, store.key()).empty());
}

TEST_CASE("reserved_login: its owner may move to the other fingerprint, and renew the certificate",
          "[store]") {
  TestStore store;
  REQUIRE_FALSE(create(store, certificate(1, kLeaf, kKey)));
  CHECK_FALSE(change(store, 1, Action::rotate, set_secret(fingerprint(kKey, kLeaf))));
  CHECK_FALSE(change(store, 1, Action::rotate, set_secret(fingerprint(kKey, kRenewedLeaf))));
  // What was given up does not come back.
  CHECK(change(store, 1, Action::rotate, set_secret(fingerprint(kLeaf))) == Refusal::conflict);
  CHECK(wrong_with(*store, store.key()).empty());
}

}  // namespace store
