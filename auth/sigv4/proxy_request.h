#pragma once
// A signed HTTP request as a proxy describes it, in JSON: to have it verified, and as the password
// of a connection that is opened with it.
//
//   {"method": "POST", "path": "/123/queue", "query": "",
//    "headers": [["Host", "sqs.example.com"], …],
//    "payload_sha256": "…" or "payload_base64": "…",
//    "service": "sqs", "region": "eu", "source": "192.0.2.7"}
//
// Source: doc/sigv4.md.

#include <string>
#include <string_view>

#include "auth/base/result.h"
#include "auth/credential/validate.h"
#include "auth/sigv4/signature.h"

namespace auth {

// What a connection's password begins with that is such a request, in base64url.
inline constexpr std::string_view kSigV4Password = "AWS4-HMAC-SHA256 ";

struct SigV4Request {
  HttpHead head;
  // What the proxy serves, which the scope of the signature must name.
  std::string service;
  std::string region;
  std::string source;  // the client's address, where the proxy says it
};

// `query` and `source` may be absent, no other. Refused with the member that is wrong; the values
// of HTTP are read_evidence()'s affair. The text's size was bounded by the caller. Never throws but
// std::bad_alloc.
Result<SigV4Request, Invalid> read_sigv4_request(std::string_view json);

// The one value of the header; absent where there are none or several.
std::optional<std::string> header_of(const HttpHead& head, std::string_view lower_case_name);

}  // namespace auth
