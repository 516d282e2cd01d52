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
  replayed,
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
