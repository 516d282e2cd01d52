#include "auth/deny.h"

#include <array>

namespace auth {
namespace {

// In the order of the enum.
constexpr std::array<std::string_view, kDenyReasons> kDenyWords = {
    "malformed",
    "no_proof",
    "unknown_credential",
    "bad_proof",
    "ambiguous",
    "unknown_algorithm",
    "wrong_scope",
    "unsigned_header",
    "absent_header",
    "wrong_payload",
    "skewed",
    "url_expired",
    "not_for_sigv4",
    "presigned",
    "wrong_host",
    "replayed",
    "revoked",
    "suspended",
    "expired",
    "not_yet_valid",
    "wrong_region",
    "account_not_allowed",
    "source_not_allowed",
    "connection_type_not_allowed",
    "outside_times",
    "template_unusable",
    "role_missing",
    "too_many_sessions",
    "throttled",
    "overloaded",
    "internal",
};
static_assert(kDenyWords.back() == "internal");

}  // namespace

std::string_view name(Deny deny) {
  return kDenyWords.at(static_cast<std::size_t>(deny));
}

std::string_view name(Detail detail) {
  static constexpr std::array<std::string_view, kDetails> kWords = {
      "",
      "user_jwt",
      "other_nkey",
      "user_nkey",
      "nonce_signature",
      "user_name",
      "password",
      "token_length",
      "token_form",
      "certificate",
      "request_encoding",
      "request_json",
      "request_user",
      "head_size",
      "request_line",
      "query",
      "two_signatures",
      "authorization",
      "query_parameter",
      "date_count",
      "date",
      "signature",
      "scope",
      "access_key",
      "expires",
      "signed_headers",
      "header_name",
      "header_value",
      "host_count",
      "payload_hash_count",
  };
  return kWords.at(static_cast<std::size_t>(detail));
}

std::string_view name(Drop drop) {
  switch (drop) {
    case Drop::too_large:
      return "too_large";
    case Drop::bad_reply_subject:
      return "bad_reply_subject";
    case Drop::not_sealed:
      return "not_sealed";
    case Drop::bad_seal:
      return "bad_seal";
    case Drop::malformed:
      return "malformed";
    case Drop::bad_signature:
      return "bad_signature";
    case Drop::wrong_issuer:
      return "wrong_issuer";
    case Drop::wrong_audience:
      return "wrong_audience";
    case Drop::wrong_subject:
      return "wrong_subject";
    case Drop::expired:
      return "expired";
    case Drop::not_yet_valid:
      return "not_yet_valid";
  }
  return "malformed";
}

std::string_view name(ServerRefusal refusal) {
  constexpr std::array<std::string_view, kServerRefusals> kWords = {
      "timeout",     "signing_key", "account", "expired", "permissions",
      "connections", "restricted",  "seal",    "other",
  };
  return kWords.at(static_cast<std::size_t>(refusal));
}

}  // namespace auth
