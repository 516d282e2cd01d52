#pragma once
// AWS Signature Version 4: whether an HTTP request was signed with a secret that we know. Pure; for
// requests that are signed in the header `Authorization` or in the query (presigned URLs).
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

#include "auth/base/bytes.h"
#include "auth/base/result.h"
#include "auth/deny.h"

namespace auth {

// The head of a request as it came: nothing of it decoded, folded or normalised.
struct HttpHead {
  std::string method;  // "POST"
  std::string path;    // "/123/queue", percent-encoded
  std::string query;   // without "?"
  std::vector<std::pair<std::string, std::string>> headers;
  // SHA-256 of the body that arrived, 64 digits of lower-case hexadecimal.
  std::string payload_sha256;
};

// Larger heads are refused before they are read: what is canonical is at most thrice as long.
inline constexpr std::size_t kMaxHeadBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxHeaders = 128;
inline constexpr std::size_t kMaxParameters = 256;

// What a request says of its signature. Nothing of it is proved yet.
struct SigEvidence {
  bool presigned = false;
  std::string access_key;
  Time at;                 // x-amz-date
  std::string at_text;     // the same as it came, "20150830T123600Z"
  std::string scope_date;  // "20150830"
  std::string region;
  std::string service;
  std::vector<std::string> signed_headers;  // lower case, sorted, each once
  std::chrono::seconds valid_for{0};        // presigned: X-Amz-Expires
  std::array<std::uint8_t, 32> signature{};
};

// All rules that need neither the secret nor the clock; the scope must be of this service and,
// where it is not empty, of this region.
Result<SigEvidence, Deny> read_evidence(const HttpHead& head, std::string_view service,
                                        std::string_view region);

inline constexpr std::chrono::seconds kSigV4Skew = std::chrono::minutes{15};
// By how much one that opens a connection may be dated ahead: while the used ones are remembered it
// needs no limit, and what was used before they were forgotten is known by its date alone.
inline constexpr std::chrono::seconds kMostAhead{5};

// A header's request is good for 15 minutes before and after its date, a presigned one from 15
// minutes before its date until its own end, seven days after it at most.
std::optional<Deny> check_time(const SigEvidence& evidence, Time now);
// When check_time will say so.
Time valid_until(const SigEvidence& evidence);

// What was hashed and what was signed, for the eyes of whoever looks for a difference.
std::string canonical_request(const HttpHead& head, const SigEvidence& evidence);
std::string string_to_sign(const SigEvidence& evidence, std::string_view canonical);

// In a time that does not depend on where they differ.
bool signed_with(std::string_view secret, const HttpHead& head, const SigEvidence& evidence);

// 64 digits of lower-case hexadecimal.
std::string sha256_hex(std::string_view bytes);

}  // namespace auth
