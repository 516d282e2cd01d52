#pragma once
// A signed HTTP request as a proxy describes it in JSON: as a verification request, and as the
// password of a connection.
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

// The prefix of a connection's password that is such a request; base64url follows.
inline constexpr std::string_view kSigV4Password = "AWS4-HMAC-SHA256 ";

struct SigV4Request {
  HttpHead head;
  // The service and region of the proxy, which the scope of the signature must name.
  std::string service;
  std::string region;
  std::string source;  // the client's address, if the proxy gives it
};

// Only `query` and `source` may be absent. A refusal names the wrong member; read_evidence() checks
// the HTTP values. The caller bounds the size of the text. Throws only std::bad_alloc.
Result<SigV4Request, Invalid> read_sigv4_request(std::string_view json);

// The value of the header; absent if there are none or several.
std::optional<std::string> header_of(const HttpHead& head, std::string_view lower_case_name);

}  // namespace auth
