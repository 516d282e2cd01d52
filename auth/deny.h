#pragma once
// Why credgate does not let a connection in. The words are the same in log, metrics, events and
// API; none of them is ever sent to the client or to nats-server.

#include <cstdint>
#include <string_view>

namespace auth {

enum class Deny : std::uint8_t {
  malformed,
  no_proof,
  unknown_credential,
  bad_proof,
  // Of signed requests (signature.h):
  unknown_algorithm,  // not AWS4-HMAC-SHA256
  wrong_scope,        // of another region, service or day, or not ending in aws4_request
  unsigned_header,    // `host`, or a header x-amz-…, is there and not signed
  absent_header,      // a header is signed and not there
  wrong_payload,      // the body is not the one that was signed, or none was
  skewed,             // signed too long ago, or ahead
  url_expired,        // a presigned URL whose time is over
  not_for_sigv4,      // the credential was not made for it
  presigned,          // a connection takes what is signed in a header
  wrong_host,         // a connection takes what was signed for a host of `sigv4_hosts`
  replayed,           // a connection takes each signature once
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

// Why a message on the callout subject was dropped without an answer: it is not provably a
// nats-server's own request to this gateway, so whoever sent it learns nothing.
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
