#include "auth/deny.h"

#include <array>

namespace auth {

std::string_view name(Deny deny) {
  switch (deny) {
    case Deny::malformed:
      return "malformed";
    case Deny::no_proof:
      return "no_proof";
    case Deny::unknown_credential:
      return "unknown_credential";
    case Deny::bad_proof:
      return "bad_proof";
    case Deny::unknown_algorithm:
      return "unknown_algorithm";
    case Deny::wrong_scope:
      return "wrong_scope";
    case Deny::unsigned_header:
      return "unsigned_header";
    case Deny::absent_header:
      return "absent_header";
    case Deny::wrong_payload:
      return "wrong_payload";
    case Deny::skewed:
      return "skewed";
    case Deny::url_expired:
      return "url_expired";
    case Deny::not_for_sigv4:
      return "not_for_sigv4";
    case Deny::presigned:
      return "presigned";
    case Deny::wrong_host:
      return "wrong_host";
    case Deny::replayed:
      return "replayed";
    case Deny::revoked:
      return "revoked";
    case Deny::suspended:
      return "suspended";
    case Deny::expired:
      return "expired";
    case Deny::not_yet_valid:
      return "not_yet_valid";
    case Deny::wrong_region:
      return "wrong_region";
    case Deny::account_not_allowed:
      return "account_not_allowed";
    case Deny::source_not_allowed:
      return "source_not_allowed";
    case Deny::connection_type_not_allowed:
      return "connection_type_not_allowed";
    case Deny::outside_times:
      return "outside_times";
    case Deny::too_many_sessions:
      return "too_many_sessions";
    case Deny::throttled:
      return "throttled";
    case Deny::overloaded:
      return "overloaded";
    case Deny::internal:
      return "internal";
  }
  return "internal";
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
  }
  return "malformed";
}

}  // namespace auth
