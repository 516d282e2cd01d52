#include "tests/support/make_request.h"

namespace auth::made {

KeyPair key(Prefix prefix, std::uint8_t fill) {
  std::array<std::uint8_t, 32> entropy{};
  entropy.fill(fill);
  return KeyPair{prefix, entropy};
}

const KeyPair& server() {
  static const KeyPair kKey = key(Prefix::server, 1);
  return kKey;
}

const KeyPair& issuer() {
  static const KeyPair kKey = key(Prefix::account, 2);
  return kKey;
}

std::string text(const KeyPair& pair) {
  return write_public_key(pair.public_key());
}

Claims claims() {
  return {{"aud", "nats-authorization-request"},
          {"exp", 1'800'000'002},
          {"iat", 1'800'000'000},
          {"iss", text(server())},
          {"jti", "USWGRM4LP6EDMK2HIVII4TWHSGJPBBTVHYRJJ2FQVFOYHQCGYV5A"},
          {"sub", text(issuer())},
          {"nats",
           {{"server_id",
             {{"name", "srvA"},
              {"host", "0.0.0.0"},
              {"id", text(server())},
              {"version", "2.10.27"},
              {"xkey", text(key(Prefix::curve, 4))}}},
            {"user_nkey", text(key(Prefix::user, 5))},
            {"client_info",
             {{"host", "192.0.2.7"},
              {"id", 9},
              {"user", "dlc"},
              {"name", "my-app"},
              {"kind", "Client"},
              {"type", "nats"}}},
            {"connect_opts",
             {{"user", "dlc"},
              {"pass", "zzz"},
              {"name", "my-app"},
              {"lang", "py-raw"},
              {"version", "0.0.1"},
              {"protocol", 1}}},
            {"type", "authorization_request"},
            {"version", 2}}}};
}

Claims with(const char* at, Claims value) {
  Claims changed = claims();
  changed[Claims::json_pointer{at}] = std::move(value);
  return changed;
}

Claims without(const char* at) {
  const Claims::json_pointer pointer{at};
  Claims changed = claims();
  changed[pointer.parent_pointer()].erase(pointer.back());
  return changed;
}

std::string sign(const Claims& claims) {
  return write_jwt(claims.dump(), server());
}

Expected expected() {
  static const PublicKey kIssuer = issuer().public_key();
  return {.issuers = {&kIssuer, 1}, .sealed_by = std::nullopt, .now = kNow};
}

Request request(const Claims& claims) {
  auto read = read_request(sign(claims), expected());
  return std::move(*read);
}

Request request_of(const Claims& connect_opts, const std::string& nonce, const Claims& client_tls) {
  Claims changed = with("/nats/connect_opts", connect_opts);
  if (!nonce.empty()) changed["nats"]["client_info"]["nonce"] = nonce;
  if (!client_tls.is_null()) changed["nats"]["client_tls"] = client_tls;
  return request(changed);
}

}  // namespace auth::made
