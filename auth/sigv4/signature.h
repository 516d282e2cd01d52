#pragma once
// Verifies AWS Signature Version 4 of HTTP requests, signed in the header `Authorization` or in the
// query (presigned URLs). Pure.
// Source: AWS, "Signature Version 4 signing process" (IAM User Guide) and "Authenticating Requests"
// (Amazon S3 API Reference).

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/base/result.h"
#include "auth/base/time.h"
#include "auth/deny.h"

namespace auth {

// The head of a request as received: nothing is decoded, folded or normalised.
struct HttpHead {
  std::string method;  // "POST"
  std::string path;    // "/123/queue", percent-encoded
  std::string query;   // without "?"
  std::vector<std::pair<std::string, std::string>> headers;
  // SHA-256 of the body that arrived, 64 digits of lower-case hexadecimal.
  std::string payload_sha256;
};

// Larger heads are refused before they are read; the canonical form is at most three times as long.
inline constexpr std::size_t kMaxHeadBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxHeaders = 128;
inline constexpr std::size_t kMaxParameters = 256;

// What a request claims about its signature; not verified.
struct SigEvidence {
  bool presigned = false;
  std::string access_key;
  Time at;                 // x-amz-date
  std::string at_text;     // the same as it came, "20150830T123600Z"
  std::string scope_date;  // "20150830"
  std::string region;
  std::string service;
  std::vector<std::string> signed_headers;  // lower case, sorted, each once
  std::chrono::seconds valid_for{0};        // presigned: X-Amz-Expires, else 15 minutes
  std::array<std::uint8_t, 32> signature{};
};

// Checks all rules that need neither the secret nor the clock. The scope must name this service
// and, unless it is empty, this region. The denial of a malformed request has a detail.
Result<SigEvidence, Denial> read_evidence(const HttpHead& head, std::string_view service,
                                          std::string_view region);

inline constexpr std::chrono::seconds kSigV4Skew = std::chrono::minutes{15};
// How far in the future the date of a signature may be that opens a connection. The replay cache
// needs no such limit, but after its loss only the date shows that a signature may have been used
// before.
inline constexpr std::chrono::seconds kMaxAhead{5};

// A request signed in a header is valid for 15 minutes before and after its date; a presigned one
// from 15 minutes before its date until its expiry, at most seven days later.
std::optional<Deny> check_time(const SigEvidence& evidence, Time now);
// The time at which check_time starts to refuse it.
Time valid_until(const SigEvidence& evidence);

// The canonical request and the string to sign, for debugging.
std::string canonical_request(const HttpHead& head, const SigEvidence& evidence);
std::string string_to_sign(const SigEvidence& evidence, std::string_view canonical);

// Compares in constant time.
bool signed_with(std::string_view secret, const HttpHead& head, const SigEvidence& evidence);

// 64 digits of lower-case hexadecimal.
std::string sha256_hex(std::string_view bytes);

}  // namespace auth
