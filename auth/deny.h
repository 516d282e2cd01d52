#pragma once
// The reasons to refuse a connection. Log, metrics, events and API use the same words; they are
// never sent to the client or to nats-server.

#include <cstdint>
#include <string_view>

namespace auth {

enum class Deny : std::uint8_t {
  malformed,
  no_proof,
  unknown_credential,
  bad_proof,
  ambiguous,  // one proof leads to two credentials
  // For signed requests (signature.h):
  unknown_algorithm,  // not AWS4-HMAC-SHA256
  wrong_scope,        // for another region, service or day, or not ending in aws4_request
  unsigned_header,    // `host`, or a header x-amz-…, is present but not signed
  absent_header,      // a signed header is missing
  wrong_payload,      // the body differs from the signed one, or none was signed
  skewed,             // signed too long ago, or in the future
  url_expired,        // a presigned URL that has expired
  not_for_sigv4,      // the credential is not for SigV4
  presigned,          // a connection needs a signature in the header
  wrong_host,         // a connection needs a signature for a host of `sigv4_hosts`
  replayed,           // a connection accepts each signature only once
  revoked,
  suspended,
  expired,
  not_yet_valid,
  wrong_region,
  account_not_allowed,
  source_not_allowed,
  connection_type_not_allowed,
  outside_times,
  template_unusable,  // what is denied depends on a name or tag that cannot stand in a subject
  role_missing,       // it names a role that is not there or cannot be read
  too_many_sessions,
  throttled,
  overloaded,
  internal,
};

inline constexpr std::size_t kDenyReasons = static_cast<std::size_t>(Deny::internal) + 1;

// What is wrong with a `malformed` proof, for the operator who looks for the cause. Only the log,
// events and `status` show it.
enum class Detail : std::uint8_t {
  none,
  // Of a login:
  user_jwt,          // the user JWT is unreadable
  other_nkey,        // the nkey differs from the subject of the user JWT
  user_nkey,         // the nkey, or the subject of the user JWT, is not the public key of a user
  nonce_signature,   // not 64 bytes in base64url, or in base64 with padding
  user_name,         // longer than 255 bytes, or not printable
  password,          // longer than 1024 bytes, or contains a NUL
  token_length,      // longer than kMaxTokenBytes
  token_form,        // more than one dot behind an id
  certificate,       // not PEM of a certificate
  request_encoding,  // the signed request in the password is not base64url
  request_json,      // the same, not the JSON object of proxy_request.h
  request_user,      // the user is not the access key of the signed request
  // Of a signed request (signature.h):
  head_size,           // more than kMaxHeadBytes or kMaxHeaders
  request_line,        // no method, or a path that does not begin with a slash
  query,               // bad escape, a bare plus, or more than kMaxParameters
  two_signatures,      // several Authorization headers, or one beside a presigned URL
  authorization,       // the header has an unknown parameter, or one twice
  query_parameter,     // a parameter X-Amz-… of a presigned URL is empty or given twice
  date_count,          // no X-Amz-Date, or several
  date,                // not 20150830T123600Z
  signature,           // not 64 digits of lower-case hexadecimal
  scope,               // not KEY/DATE/REGION/SERVICE/aws4_request
  access_key,          // empty, or longer than 128 bytes
  expires,             // not 1 to 604800 seconds, or absent for S3
  signed_headers,      // not lower-case names in order, each once, at most kMaxHeaders
  header_name,         // not an HTTP token
  header_value,        // contains a CR, LF or NUL
  host_count,          // several Host headers
  payload_hash_count,  // several X-Amz-Content-Sha256 headers
};

inline constexpr std::size_t kDetails = static_cast<std::size_t>(Detail::payload_hash_count) + 1;

// Why a proof cannot be judged.
struct Denial {
  // Implicit on purpose: most reasons have no detail.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Denial(Deny why, Detail what = Detail::none) : reason(why), detail(what) {}

  Deny reason;
  Detail detail;  // `none` except for `malformed`
};

inline Denial malformed(Detail detail) {
  return {Deny::malformed, detail};
}

// The reasons to drop a message on the callout subject without an answer: it is not provably a
// request of a nats-server to this gateway, so its sender learns nothing.
enum class Drop : std::uint8_t {
  too_large,
  bad_reply_subject,
  not_sealed,
  bad_seal,
  malformed,
  bad_signature,
  wrong_issuer,
  wrong_audience,
  wrong_subject,
  expired,
  not_yet_valid,
};

inline constexpr std::size_t kDropReasons = static_cast<std::size_t>(Drop::not_yet_valid) + 1;

// The reasons of nats-server to refuse a login by itself: it does not take what was granted, or got
// no answer.
enum class ServerRefusal : std::uint8_t {
  timeout,      // no answer came in time
  signing_key,  // it does not know the key that signed, or not for this account
  account,      // it does not have the account, or the callout may not choose it
  expired,      // by its clock the permission is over already
  permissions,  // it does not take the permissions
  connections,  // the account has as many connections as it may have
  restricted,   // not at this time, over this type of connection, or without a proxy
  seal,         // it cannot open the answer
  other,
};

inline constexpr std::size_t kServerRefusals = static_cast<std::size_t>(ServerRefusal::other) + 1;

std::string_view name(Deny deny);
std::string_view name(Detail detail);  // empty for `none`
std::string_view name(Drop drop);
std::string_view name(ServerRefusal refusal);

}  // namespace auth
