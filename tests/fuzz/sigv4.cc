// A request that says it is signed, as it arrives: whatever it is, it is not by this secret.

#include <cstdlib>
#include <sstream>

#include "tests/support/sigv4_vector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::istringstream in{std::string{reinterpret_cast<const char*>(bytes), size}};
  auth::HttpHead head = auth::made::read_http_head(in);
  head.payload_sha256 = auth::sha256_hex("");
  for (const char* service : {"sqs", "s3"}) {
    const auto evidence = auth::read_evidence(head, service, "");
    if (!evidence) continue;
    if (auth::signed_with("of nobody", head, *evidence)) std::abort();
    static_cast<void>(auth::check_time(*evidence, auth::Time{}));
    // What is canonical is bounded by what came.
    if (canonical_request(head, *evidence).size() > 4 * auth::kMaxHeadBytes) std::abort();
  }
  return 0;
}
