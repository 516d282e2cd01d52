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
  too_many_sessions,
  throttled,
  overloaded,
  internal,
};

inline constexpr std::size_t kDenyReasons = static_cast<std::size_t>(Deny::internal) + 1;

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
};

inline constexpr std::size_t kDropReasons = static_cast<std::size_t>(Drop::expired) + 1;

std::string_view name(Deny deny);
std::string_view name(Drop drop);

}  // namespace auth
