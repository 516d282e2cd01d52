#include "auth/sigv4/signature.h"

#include <algorithm>
#include <initializer_list>

#include <sodium.h>

#include "auth/base/hex.h"
#include "auth/base/secret.h"
#include "auth/base/text.h"
#include "auth/sigv4/canonical.h"

namespace auth {
namespace {

using Mac = Secret<crypto_auth_hmacsha256_BYTES>;

Mac hmac(Bytes key, std::string_view text) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(text).data(), text.size());
  Mac mac;
  crypto_auth_hmacsha256_final(&state, mac.bytes().data());
  wipe(&state, sizeof state);
  return mac;
}

// Empty and "." segments go, ".." takes the one before it along: RFC 3986 §5.2.4, and one slash for
// many.
std::string normalised(std::string_view path) {
  std::vector<std::string_view> kept;
  const bool directory = path.ends_with('/');  // of "/a/." AWS's SDKs make "/a"
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (const std::string_view segment : kept)
    out.append("/").append(segment);
  if (out.empty() || directory) out += '/';
  return out;
}

// S3 signs the path as it is sent. All others sign it normalised, and encoded once more.
std::string canonical_path(const HttpHead& head, const SigEvidence& evidence) {
  if (evidence.service == "s3") return head.path;
  return uri_encode(normalised(head.path), /*keep_slashes=*/true);
}

std::string canonical_query(const HttpHead& head) {
  auto parameters = read_parameters(head.query).value_or(Parameters{});
  Parameters encoded;
  for (const auto& [name, value] : parameters) {
    if (name == "X-Amz-Signature") continue;
    encoded.emplace_back(uri_encode(name, false), uri_encode(value, false));
  }
  std::ranges::sort(encoded);
  return join(encoded, "&", [](const auto& pair) { return pair.first + "=" + pair.second; });
}

// One line for each signed header; the values of one that came several times in their order.
std::string canonical_headers(const HttpHead& head, const SigEvidence& evidence) {
  std::string out;
  for (const std::string& name : evidence.signed_headers) {
    std::string values;
    bool first = true;
    for (const auto& [key, value] : head.headers) {
      if (lower_case(key) != name) continue;
      values.append(first ? "" : ",").append(folded(value));
      first = false;
    }
    out.append(name).append(":").append(values).append("\n");
  }
  return out;
}

std::string signed_payload(const HttpHead& head, const SigEvidence& evidence) {
  for (const auto& [key, value] : head.headers) {
    if (lower_case(key) == "x-amz-content-sha256") return folded(value);
  }
  // A presigned URL of S3 is made before there is a body.
  return evidence.presigned && evidence.service == "s3" ? "UNSIGNED-PAYLOAD" : head.payload_sha256;
}

std::string scope_of(const SigEvidence& evidence) {
  return evidence.scope_date + "/" + evidence.region + "/" + evidence.service + "/aws4_request";
}

Mac signing_key(std::string_view secret, const SigEvidence& evidence) {
  std::vector<std::uint8_t, WipingAllocator<std::uint8_t>> first;
  for (const std::string_view part : {std::string_view{"AWS4"}, secret})
    first.insert(first.end(), part.begin(), part.end());
  Mac key = hmac(first, evidence.scope_date);
  for (const std::string_view part :
       {std::string_view{evidence.region}, std::string_view{evidence.service},
        std::string_view{"aws4_request"}}) {
    key = hmac(key.bytes(), part);
  }
  return key;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), bytes_of(bytes).data(), bytes.size());
  return write_hex(hash);
}

std::string canonical_request(const HttpHead& head, const SigEvidence& evidence) {
  return head.method + "\n" + canonical_path(head, evidence) + "\n" + canonical_query(head) + "\n" +
         canonical_headers(head, evidence) + "\n" + join(evidence.signed_headers, ";") + "\n" +
         signed_payload(head, evidence);
}

std::string string_to_sign(const SigEvidence& evidence, std::string_view canonical) {
  return "AWS4-HMAC-SHA256\n" + evidence.at_text + "\n" + scope_of(evidence) + "\n" +
         sha256_hex(canonical);
}

bool signed_with(std::string_view secret, const HttpHead& head, const SigEvidence& evidence) {
  const std::string text = string_to_sign(evidence, canonical_request(head, evidence));
  const Mac mac = hmac(signing_key(secret, evidence).bytes(), text);
  return equal_secrets(mac.bytes(), evidence.signature);
}

Time valid_until(const SigEvidence& evidence) {
  return evidence.at + (evidence.presigned ? evidence.valid_for : kSigV4Skew);
}

std::optional<Deny> check_time(const SigEvidence& evidence, Time now) {
  if (now < evidence.at - kSigV4Skew) return Deny::skewed;
  if (now <= valid_until(evidence)) return std::nullopt;
  return evidence.presigned ? Deny::url_expired : Deny::skewed;
}

}  // namespace auth
