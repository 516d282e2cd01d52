#pragma once
// HTTP requests that were signed with AWS Signature Version 4, as a proxy describes them. They are
// signed here by other means than those that verify them.

#include <string>
#include <string_view>

#include <sodium.h>

#include "auth/base/base64.h"
#include "auth/base/json.h"
#include "auth/base/time_format.h"
#include "auth/sigv4/proxy_request.h"
#include "tests/support/decide_world.h"

namespace auth::made {

inline std::string hmac_of(std::string_view key, std::string_view text) {
  std::string mac(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(key).data(), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(text).data(), text.size());
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(mac.data()));
  return mac;
}

inline std::string hex_of(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    for (const int digit : {static_cast<unsigned char>(c) >> 4, c & 15})
      out += "0123456789abcdef"[digit];
  }
  return out;
}

// POST / with the body "x".
struct Signed {
  std::string access_key = kId;
  std::string secret = kSecret;
  Time at = kNow;
  std::string host = "sqs.example.com";
  std::string region = "eu";
  std::string source = "192.0.2.7";
  bool presign = false;

  // 20270115T080000Z
  std::string date() const {
    std::string text = write_time(at);
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text;
  }
  std::string scope() const { return date().substr(0, 8) + "/" + region + "/sqs/aws4_request"; }
  std::string query() const {
    if (!presign) return "";
    std::string credential = access_key + "/" + scope();
    for (auto slash = credential.find('/'); slash != std::string::npos;
         slash = credential.find('/'))
      credential.replace(slash, 1, "%2F");
    return "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + credential +
           "&X-Amz-Date=" + date() + "&X-Amz-Expires=3600&X-Amz-SignedHeaders=host";
  }
  std::string signature() const {
    const std::string headers =
        presign ? "host:" + host + "\n\nhost"
                : "host:" + host + "\nx-amz-date:" + date() + "\n\nhost;x-amz-date";
    const std::string text =
        "AWS4-HMAC-SHA256\n" + date() + "\n" + scope() + "\n" +
        sha256_hex("POST\n/\n" + query() + "\n" + headers + "\n" + sha256_hex("x"));
    std::string key = hmac_of("AWS4" + secret, date().substr(0, 8));
    for (const std::string& part : {region, std::string{"sqs"}, std::string{"aws4_request"}})
      key = hmac_of(key, part);
    return hex_of(hmac_of(key, text));
  }
  Json json() const {
    Json headers = Json::array();
    headers.push_back({"Host", host});
    if (!presign) {
      headers.push_back({"X-Amz-Date", date()});
      headers.push_back({"Authorization", "AWS4-HMAC-SHA256 Credential=" + access_key + "/" +
                                              scope() + ", SignedHeaders=host;x-amz-date, " +
                                              "Signature=" + signature()});
    }
    Json json = {{"method", "POST"},
                 {"path", "/"},
                 {"query", presign ? query() + "&X-Amz-Signature=" + signature() : ""},
                 {"headers", headers},
                 {"payload_sha256", sha256_hex("x")},
                 {"service", "sqs"},
                 {"region", region}};
    if (!source.empty()) json["source"] = source;
    return json;
  }
  std::string password() const {
    return std::string(kSigV4Password) + write_base64url(bytes_of(json().dump()));
  }
};

inline StoredSecret sealed(const MasterKey& key, std::string_view id, std::string_view secret) {
  StoredSecret stored = hashed(key, id, secret);
  stored.sealed = key.seal(id, secret, kFresh);
  return stored;
}

// A credential that a signed request may open a connection of.
inline World with_signed(const Signed& request = {}) {
  World world = with(Kind::key, sealed(master_keys().current(), kId, kSecret));
  world.what = "a signed request";
  world.credential->sigv4 = world.credential->sigv4_connect = true;
  world.policy.sigv4_hosts = {"sqs.example.com"};
  world.connect = {{"user", request.access_key}, {"pass", request.password()}};
  return world;
}

}  // namespace auth::made
