#include "auth/sigv4/signature.h"

#include <functional>

#include "tests/support/catch.h"
#include "tests/support/make_proof.h"
#include "tests/support/sigv4_vector.h"

using namespace auth;
using made::SigV4Vector;
using namespace std::chrono_literals;

namespace {

const std::string kHex64(64, 'a');

SigV4Vector vector_of(const std::string& name) {
  return made::read_sigv4_vector(CREDGATE_SOURCE_DIR "/tests/vectors/sigv4/" + name + ".txt");
}

// "good", or the denial.
std::string outcome(const SigV4Vector& vector) {
  const auto evidence = vector.evidence();
  if (!evidence) return made::seen(evidence.error());
  if (const auto fault = check_time(*evidence, vector.now())) return std::string(name(*fault));
  return signed_with(vector.facts.at("secret"), vector.head, *evidence) ? "good" : "bad_proof";
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("signature: what AWS's own software signed is good, and with another secret is not",
          "[sigv4]") {
  const auto vectors = made::read_sigv4_vectors(CREDGATE_SOURCE_DIR "/tests/vectors/sigv4");
  REQUIRE(vectors.size() >= 27);
  for (const SigV4Vector& vector : vectors) {
    CAPTURE(vector.name);
    CHECK(outcome(vector) == vector.facts.at("outcome"));
    const auto evidence = vector.evidence();
    REQUIRE(evidence);
    CHECK_FALSE(signed_with(vector.facts.at("secret") + "x", vector.head, *evidence));
    CHECK_FALSE(signed_with("", vector.head, *evidence));
  }
}

TEST_CASE("signature: no bit of a signed request can be changed", "[sigv4]") {
  for (const char* name : {"body", "presigned", "header-folded", "query-encoded"}) {
    const SigV4Vector good = vector_of(name);
    const auto flipped = [&](const std::function<std::string&(SigV4Vector&)>& part) {
      SigV4Vector copy = good;
      for (std::size_t i = 0; i < part(copy).size() * 8; ++i) {
        SigV4Vector bad = good;
        char& c = part(bad)[i / 8];
        c = static_cast<char>(c ^ (1 << i % 8));
        CAPTURE(name, i, part(bad));
        CHECK(outcome(bad) != "good");
      }
    };
    flipped([](SigV4Vector& v) -> std::string& { return v.head.method; });
    flipped([](SigV4Vector& v) -> std::string& { return v.head.path; });
    flipped([](SigV4Vector& v) -> std::string& { return v.head.payload_sha256; });
    flipped([](SigV4Vector& v) -> std::string& { return v.head.headers.at(0).second; });
  }
}

TEST_CASE("signature: what is wrong with a request that is signed in its header is told apart",
          "[sigv4]") {
  struct Case {
    const char* what;
    std::function<void(SigV4Vector&)> change;
    const char* outcome;
  };
  const auto authorization = [](const std::string& from, const std::string& to) {
    return [from, to](SigV4Vector& v) { replace(v.header("Authorization"), from, to); };
  };
  const auto date = [](const std::string& to) {
    return [to](SigV4Vector& v) { v.header("X-Amz-Date") = to; };
  };
  const auto now = [](const std::string& at) {
    return [at](SigV4Vector& v) { v.facts["now"] = at; };
  };
  const auto row = GENERATE_COPY(values<Case>({
      {"nothing wrong", [](SigV4Vector&) {}, "good"},
      {"no signature",
       [](SigV4Vector& v) { std::erase_if(v.head.headers, [](auto& h) { return h.first == "Authorization"; }); },
       "no_proof"},
      {"two of them",
       [](SigV4Vector& v) { v.head.headers.emplace_back("authorization", v.header("Authorization")); },
       "malformed: two_signatures"},
      {"in the query too", [](SigV4Vector& v) { v.head.query = "X-Amz-Signature=" + kHex64; },
       "malformed: two_signatures"},
      {"a bearer token", [](SigV4Vector& v) { v.header("Authorization") = "Bearer abc"; },
       "unknown_algorithm"},
      {"version 2 of signatures", [](SigV4Vector& v) { v.header("Authorization") = "AWS key:sig"; },
       "unknown_algorithm"},
      {"asymmetric signatures",
       authorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), "unknown_algorithm"},
      {"an empty header", [](SigV4Vector& v) { v.header("Authorization").clear(); }, "unknown_algorithm"},
      {"the algorithm alone",
       [](SigV4Vector& v) { v.header("Authorization") = "AWS4-HMAC-SHA256"; }, "malformed: authorization"},
      {"no credential", authorization("Credential=", "Credentia="), "malformed: authorization"},
      {"two credentials", authorization("Credential=", "Credential=a, Credential="), "malformed: authorization"},
      {"an unknown part", authorization("Signature=", "Extra=1, Signature="), "malformed: authorization"},
      {"a short signature", authorization("Signature=", "Signature=a"), "malformed: signature"},
      {"an upper-case signature",
       [](SigV4Vector& v) {
         auto& text = v.header("Authorization");
         const auto at = text.find("Signature=") + 10;
         text = text.substr(0, at) + std::string(64, 'A');
       },
       "malformed: signature"},
      {"another signature",
       [](SigV4Vector& v) {
         auto& text = v.header("Authorization");
         text = text.substr(0, text.find("Signature=") + 10) + kHex64;
       },
       "bad_proof"},
      {"another service", authorization("/sqs/", "/sns/"), "wrong_scope"},
      {"another region", authorization("/eu/", "/us/"), "wrong_scope"},
      {"a scope of another day", authorization("/20261124/", "/20261123/"), "wrong_scope"},
      {"a scope that ends otherwise", authorization("aws4_request", "aws4_reply"), "wrong_scope"},
      {"a scope with a part too few", authorization("/eu/sqs/", "/eu/"), "malformed: scope"},
      {"a scope with a part too many", authorization("/eu/sqs/", "/eu/x/sqs/"), "malformed: scope"},
      {"no access key", authorization("CGEXAMPLEEXAMPLE2345/", "/"), "malformed: access_key"},
      {"another access key", authorization("CGEXAMPLEEXAMPLE2345", "CGEXAMPLEEXAMPLE2346"), "good"},
      {"no date",
       [](SigV4Vector& v) { std::erase_if(v.head.headers, [](auto& h) { return h.first == "X-Amz-Date"; }); },
       "malformed: date_count"},
      {"two dates", [](SigV4Vector& v) { v.head.headers.emplace_back("x-amz-date", "20261124T120000Z"); },
       "malformed: date_count"},
      {"another date of that day", date("20261124T120001Z"), "bad_proof"},
      {"a date of another day", date("20261125T120000Z"), "wrong_scope"},
      {"a date in another form", date("2026-11-24T12:00:00Z"), "malformed: date"},
      {"a day that there is not", date("20261131T120000Z"), "malformed: date"},
      {"an hour that there is not", date("20261124T240000Z"), "malformed: date"},
      {"signs in a number", date("20261124T1200+1Z"), "malformed: date"},
      {"15 minutes later", now("2026-11-24T12:15:00Z"), "good"},
      {"a second more", now("2026-11-24T12:15:01Z"), "skewed"},
      {"15 minutes early", now("2026-11-24T11:45:00Z"), "good"},
      {"a second earlier", now("2026-11-24T11:44:59Z"), "skewed"},
      {"the host not signed", authorization("content-type;host;", "content-type;"), "unsigned_header"},
      {"the operation not signed", authorization("x-amz-date;x-amz-target", "x-amz-date"),
       "unsigned_header"},
      {"another header of AWS added", [](SigV4Vector& v) { v.head.headers.emplace_back("X-AMZ-Acl", "x"); },
       "unsigned_header"},
      {"a session token added", [](SigV4Vector& v) { v.head.headers.emplace_back("X-Amz-Security-Token", "x"); },
       "good"},
      {"a header of anybody's added", [](SigV4Vector& v) { v.head.headers.emplace_back("User-Agent", "x"); },
       "good"},
      {"a signed header that is not there", authorization("content-type;host", "content-type;digest;host"),
       "absent_header"},
      {"signed headers out of order", authorization("content-type;host", "host;content-type"),
       "malformed: signed_headers"},
      {"a signed header twice", authorization("content-type;host", "content-type;host;host"),
       "malformed: signed_headers"},
      {"a signed header in capitals", authorization("content-type;host", "Content-Type;host"),
       "malformed: signed_headers"},
      {"an empty signed header", authorization("content-type;host", "content-type;;host"), "malformed: signed_headers"},
      {"no signed headers", [](SigV4Vector& v) {
         auto& text = v.header("Authorization");
         const auto from = text.find("SignedHeaders=") + 14;
         text.erase(from, text.find(',', from) - from);
       }, "malformed: signed_headers"},
      {"the operation changed", [](SigV4Vector& v) { v.header("X-Amz-Target") = "AmazonSQS.DeleteQueue"; },
       "bad_proof"},
      {"the host changed", [](SigV4Vector& v) { v.header("Host") = "sns.eu.example.com"; }, "bad_proof"},
      {"a second host", [](SigV4Vector& v) { v.head.headers.emplace_back("host", "evil"); }, "malformed: host_count"},
      {"a second value of a signed header", [](SigV4Vector& v) { v.head.headers.emplace_back("content-type", "x"); },
       "bad_proof"},
      {"the method changed", [](SigV4Vector& v) { v.head.method = "PUT"; }, "bad_proof"},
      {"the path changed", [](SigV4Vector& v) { v.head.path = "/other"; }, "bad_proof"},
      {"a parameter added", [](SigV4Vector& v) { v.head.query = "a=1"; }, "bad_proof"},
      {"the body changed", [](SigV4Vector& v) { v.head.payload_sha256 = sha256_hex("x"); }, "bad_proof"},
      {"a body without a hash", [](SigV4Vector& v) { v.head.payload_sha256.clear(); }, "wrong_payload"},
      {"another hash said than the body's",
       [](SigV4Vector& v) {
         v.head.headers.emplace_back("X-Amz-Content-Sha256", kHex64);
         replace(v.header("Authorization"), "host;", "host;x-amz-content-sha256;");
       },
       "wrong_payload"},
      {"two hashes said",
       [](SigV4Vector& v) {
         for (int i = 0; i < 2; ++i)
           v.head.headers.emplace_back("X-Amz-Content-Sha256", v.head.payload_sha256);
         replace(v.header("Authorization"), "host;", "host;x-amz-content-sha256;");
       },
       "malformed: payload_hash_count"},
      {"an algorithm in the query too",
       [](SigV4Vector& v) { v.head.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256"; }, "malformed: two_signatures"},
      {"an unsigned body, which is S3's alone",
       [](SigV4Vector& v) {
         v.head.headers.emplace_back("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD");
         replace(v.header("Authorization"), "host;", "host;x-amz-content-sha256;");
       },
       "wrong_payload"},
      {"a path without a slash", [](SigV4Vector& v) { v.head.path = "queue"; }, "malformed: request_line"},
      {"no method", [](SigV4Vector& v) { v.head.method.clear(); }, "malformed: request_line"},
      {"half an escape", [](SigV4Vector& v) { v.head.query = "a=%2"; }, "malformed: query"},
      {"an escape of letters", [](SigV4Vector& v) { v.head.query = "a=%zz"; }, "malformed: query"},
      {"a header's name with a blank", [](SigV4Vector& v) { v.head.headers.emplace_back("a b", "x"); },
       "malformed: header_name"},
      {"a line end in a value", [](SigV4Vector& v) { v.head.headers.emplace_back("a", "x\ny:z"); },
       "malformed: header_value"},
      {"too many headers", [](SigV4Vector& v) { v.head.headers.resize(kMaxHeaders + 1, {"a", "b"}); },
       "malformed: head_size"},
      {"too many parameters",
       [](SigV4Vector& v) {
         for (std::size_t i = 0; i <= kMaxParameters; ++i)
           v.head.query += "a&";
       },
       "malformed: query"},
      {"too large a head", [](SigV4Vector& v) { v.head.path = "/" + std::string(kMaxHeadBytes, 'a'); },
       "malformed: head_size"},
  }));
  SigV4Vector vector = vector_of("body");
  row.change(vector);
  CAPTURE(row.what);
  CHECK(outcome(vector) == row.outcome);
}

TEST_CASE("signature: what is wrong with a presigned request is told apart", "[sigv4]") {
  struct Case {
    const char* what;
    const char* from;
    const char* to;
    const char* now;
    const char* outcome;
  };
  const char* kNoon = "2026-11-24T12:00:00Z";
  const auto row = GENERATE_COPY(values<Case>({
      {"nothing wrong", "", "", kNoon, "good"},
      {"its last second", "", "", "2026-12-01T12:00:00Z", "good"},
      {"a second more", "", "", "2026-12-01T12:00:01Z", "url_expired"},
      {"signed 15 minutes ahead", "", "", "2026-11-24T11:45:00Z", "good"},
      {"signed further ahead", "", "", "2026-11-24T11:44:59Z", "skewed"},
      {"longer than seven days", "X-Amz-Expires=604800", "X-Amz-Expires=604801", kNoon,
       "malformed: expires"},
      {"another time", "X-Amz-Expires=604800", "X-Amz-Expires=604799", kNoon, "bad_proof"},
      {"no time at all", "X-Amz-Expires=604800", "X-Amz-Expires=0", kNoon, "malformed: expires"},
      {"a time before", "X-Amz-Expires=604800", "X-Amz-Expires=-1", kNoon, "malformed: expires"},
      {"without a time", "X-Amz-Expires=604800&", "", kNoon, "bad_proof"},
      {"with an empty time", "X-Amz-Expires=604800", "X-Amz-Expires=", kNoon,
       "malformed: query_parameter"},
      {"a second time", "X-Amz-Expires=604800", "X-Amz-Expires=604800&X-Amz-Expires=1", kNoon,
       "malformed: query_parameter"},
      {"a second signature", "X-Amz-Signature=", "X-Amz-Signature=a&X-Amz-Signature=", kNoon,
       "malformed: query_parameter"},
      {"without its algorithm", "X-Amz-Algorithm=AWS4-HMAC-SHA256&", "", kNoon,
       "unknown_algorithm"},
      {"another algorithm", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512", kNoon, "unknown_algorithm"},
      {"another action", "Action=ReceiveMessage", "Action=DeleteQueue", kNoon, "bad_proof"},
      {"a parameter more", "Action=", "b=1&Action=", kNoon, "bad_proof"},
      {"the order of parameters alone", "Action=ReceiveMessage&a=b%20c",
       "a=b%20c&Action=ReceiveMessage", kNoon, "good"},
      {"another spelling of an escape", "b%20c", "%62%20c", kNoon, "good"},
      {"a plus for a space", "b%20c", "b+c", kNoon, "malformed: query"},
      {"the host not signed", "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=x", kNoon,
       "unsigned_header"},
      {"another region", "%2Feu%2F", "%2Fus%2F", kNoon, "wrong_scope"},
      {"a scope of another day", "%2F20261124%2F", "%2F20261123%2F", kNoon, "wrong_scope"},
  }));
  SigV4Vector vector = vector_of("presigned");
  if (*row.from != '\0') replace(vector.head.query, row.from, row.to);
  vector.facts["now"] = row.now;
  CAPTURE(row.what);
  CHECK(outcome(vector) == row.outcome);
}

TEST_CASE("signature: a presigned URL without a time is good for 15 minutes, except for S3",
          "[sigv4]") {
  SigV4Vector vector = vector_of("presigned-without-expiry");
  const auto [now, expected] = GENERATE(table<const char*, const char*>({
      {"2026-11-24T11:45:00Z", "good"},
      {"2026-11-24T12:15:00Z", "good"},
      {"2026-11-24T12:15:01Z", "url_expired"},
  }));
  vector.facts["now"] = now;
  CAPTURE(now);
  CHECK(outcome(vector) == expected);

  SigV4Vector s3 = vector_of("presigned-s3");
  replace(s3.head.query, "X-Amz-Expires=60&", "");
  CHECK(outcome(s3) == "malformed: expires");
}

TEST_CASE("signature: any region will do where none is asked for", "[sigv4]") {
  const SigV4Vector vector = vector_of("body");
  CHECK(read_evidence(vector.head, "sqs", ""));
  CHECK(read_evidence(vector.head, "sqs", "").operator->()->region == "eu");
}
