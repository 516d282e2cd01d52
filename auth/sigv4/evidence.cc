#include <algorithm>
#include <charconv>
#include <set>

#include "auth/base/text.h"
#include "auth/sigv4/canonical.h"
#include "auth/sigv4/signature.h"

namespace auth {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTermination = "aws4_request";
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";
constexpr std::size_t kMaxKeyBytes = 128;
constexpr std::chrono::seconds kMaxValid{7 * 24 * 3600};
// Of a presigned URL that does not say: Go's SDK, aws4 and aws4fetch leave the time out for all
// services except S3.
constexpr std::chrono::seconds kDefaultValid = std::chrono::minutes{15};

// The parts of a signature as either form carries them; all are texts of a stranger.
struct Parts {
  std::string credential;  // KEY/DATE/REGION/SERVICE/aws4_request
  std::string signed_headers;
  std::string signature;
  std::string date;
  std::string expires;
};

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> values_of(const HttpHead& head, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : head.headers) {
    if (lower_case(key) == name) values.emplace_back(value);
  }
  return values;
}

std::optional<unsigned> number_of(std::string_view digits, unsigned low, unsigned high) {
  unsigned number = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end || number < low || number > high) {
    return std::nullopt;
  }
  return number;
}

// "20150830T123600Z"
std::optional<Time> read_amz_date(std::string_view text) {
  constexpr std::size_t kLength = 16;
  constexpr std::string_view kDigits = "0123456789";
  if (text.size() != kLength || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  for (std::size_t i = 0; i + 1 < kLength; ++i) {
    if (i != 8 && kDigits.find(text[i]) == std::string_view::npos) return std::nullopt;
  }
  constexpr unsigned kFirstYear = 1970;
  const auto year = number_of(text.substr(0, 4), kFirstYear, 9999);
  const auto month = number_of(text.substr(4, 2), 1, 12);
  const auto day = number_of(text.substr(6, 2), 1, 31);
  const auto hour = number_of(text.substr(9, 2), 0, 23);
  const auto minute = number_of(text.substr(11, 2), 0, 59);
  const auto second = number_of(text.substr(13, 2), 0, 59);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                         std::chrono::month{*month}, std::chrono::day{*day}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second};
}

std::optional<std::array<std::uint8_t, 32>> read_hex32(std::string_view text) {
  std::array<std::uint8_t, 32> bytes{};
  if (text.size() != 2 * bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* at = text.data() + 2 * i;
    const bool lower = std::all_of(
        at, at + 2, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (!lower) return std::nullopt;
    std::from_chars(at, at + 2, bytes.at(i), 16);
  }
  return bytes;
}

// "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…", in any order, each once.
Result<Parts, Denial> read_header(std::string_view text, const HttpHead& head) {
  const std::string_view algorithm = text.substr(0, text.find(' '));
  if (algorithm != kAlgorithm) return Denial{Deny::unknown_algorithm};
  text.remove_prefix(std::min(text.size(), algorithm.size() + 1));
  Parts parts;
  const std::pair<std::string_view, std::string*> known[] = {
      {"Credential=", &parts.credential},
      {"SignedHeaders=", &parts.signed_headers},
      {"Signature=", &parts.signature}};
  for (const std::string_view raw : split(text, ',')) {
    const std::string one = folded(raw);
    const auto* part = std::ranges::find_if(
        known, [&one](const auto& entry) { return one.starts_with(entry.first); });
    if (part == std::end(known) || !part->second->empty()) {
      return malformed(Detail::authorization);
    }
    *part->second = one.substr(part->first.size());
  }
  auto dates = values_of(head, "x-amz-date");
  if (dates.size() != 1) return malformed(Detail::date_count);
  parts.date = folded(dates.front());
  return parts;
}

Result<Parts, Denial> read_query(const Parameters& parameters) {
  Parts parts;
  std::string algorithm;
  const std::pair<std::string_view, std::string*> known[] = {
      {"X-Amz-Algorithm", &algorithm},
      {"X-Amz-Credential", &parts.credential},
      {"X-Amz-SignedHeaders", &parts.signed_headers},
      {"X-Amz-Signature", &parts.signature},
      {"X-Amz-Date", &parts.date},
      {"X-Amz-Expires", &parts.expires}};
  for (const auto& parameter : parameters) {
    const auto* part = std::ranges::find_if(
        known, [&](const auto& entry) { return entry.first == parameter.first; });
    if (part == std::end(known)) continue;
    if (!part->second->empty() || parameter.second.empty()) {
      return malformed(Detail::query_parameter);
    }
    *part->second = parameter.second;
  }
  if (algorithm != kAlgorithm) return Denial{Deny::unknown_algorithm};
  return parts;
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view kToken = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
  return !name.empty() && name.find_first_not_of(kToken) == std::string_view::npos;
}

std::optional<Denial> read_signed_headers(std::string_view text, SigEvidence& evidence) {
  for (const std::string_view name : split(text, ';')) {
    const bool in_order = evidence.signed_headers.empty() || name > evidence.signed_headers.back();
    if (!is_header_name(name) || !in_order || evidence.signed_headers.size() == kMaxHeaders) {
      return malformed(Detail::signed_headers);
    }
    evidence.signed_headers.emplace_back(name);
  }
  return std::nullopt;
}

std::optional<Denial> read_scope(std::string_view text, SigEvidence& evidence) {
  const auto parts = split(text, '/');
  if (parts.size() != 5) return malformed(Detail::scope);
  if (parts[0].empty() || parts[0].size() > kMaxKeyBytes) return malformed(Detail::access_key);
  evidence.access_key = parts[0];
  evidence.scope_date = parts[1];
  evidence.region = parts[2];
  evidence.service = parts[3];
  if (parts[4] != kTermination) return Deny::wrong_scope;
  // Else a signature of one day could be brought on another.
  if (evidence.scope_date != std::string_view{evidence.at_text}.substr(0, 8))
    return Deny::wrong_scope;
  return std::nullopt;
}

std::optional<Denial> read_expiry(const std::string& text, SigEvidence& evidence) {
  if (!evidence.presigned) return std::nullopt;
  if (text.empty() && evidence.service != "s3") {
    evidence.valid_for = kDefaultValid;
    return std::nullopt;
  }
  const auto seconds = number_of(text, 1, static_cast<unsigned>(kMaxValid.count()));
  if (!seconds) return malformed(Detail::expires);
  evidence.valid_for = std::chrono::seconds{*seconds};
  return std::nullopt;
}

std::optional<Denial> read_parts(const Parts& parts, SigEvidence& evidence) {
  if (parts.date.empty()) return malformed(Detail::date_count);
  const auto at = read_amz_date(parts.date);
  if (!at) return malformed(Detail::date);
  const auto signature = read_hex32(parts.signature);
  if (!signature) return malformed(Detail::signature);
  evidence.at = *at;
  evidence.at_text = parts.date;
  evidence.signature = *signature;
  if (const auto fault = read_scope(parts.credential, evidence)) return fault;
  if (const auto fault = read_expiry(parts.expires, evidence)) return fault;
  return read_signed_headers(parts.signed_headers, evidence);
}

bool is_signed(const SigEvidence& evidence, std::string_view name) {
  return std::ranges::binary_search(evidence.signed_headers, name, std::less<>{});
}

// What is not signed can be changed on the way: x-amz-target names the very operation. The session
// token of temporary keys, which there are none of here, may be added after signing.
std::optional<Denial> check_headers(const HttpHead& head, const SigEvidence& evidence) {
  std::set<std::string> there;
  for (const auto& [key, value] : head.headers) {
    const std::string name = lower_case(key);
    if (!is_header_name(name)) return malformed(Detail::header_name);
    if (value.find_first_of("\r\n\0", 0, 3) != std::string::npos) {
      return malformed(Detail::header_value);
    }
    there.insert(name);
    const bool matters = name.starts_with("x-amz-") && name != "x-amz-security-token";
    if (matters && !is_signed(evidence, name)) return Deny::unsigned_header;
  }
  if (!is_signed(evidence, "host")) return Deny::unsigned_header;
  for (const std::string& name : evidence.signed_headers) {
    if (!there.contains(name)) return Deny::absent_header;
  }
  // Two hosts are two opinions of where the request went.
  if (values_of(head, "host").size() != 1) return malformed(Detail::host_count);
  return std::nullopt;
}

// What the client says its body hashes to, which is what it signed.
std::optional<Denial> check_payload(const HttpHead& head, const SigEvidence& evidence) {
  if (!read_hex32(head.payload_sha256)) return Deny::wrong_payload;
  const auto said = values_of(head, "x-amz-content-sha256");
  if (said.empty()) return std::nullopt;
  if (said.size() != 1) return malformed(Detail::payload_hash_count);
  const std::string one = folded(said.front());
  const bool right = one == kUnsigned ? evidence.service == "s3" : one == head.payload_sha256;
  if (!right) return Deny::wrong_payload;
  return std::nullopt;
}

bool is_too_large(const HttpHead& head) {
  std::size_t size = head.method.size() + head.path.size() + head.query.size();
  for (const auto& [key, value] : head.headers)
    size += key.size() + value.size();
  return size > kMaxHeadBytes || head.headers.size() > kMaxHeaders;
}

Result<Parts, Denial> find_parts(const HttpHead& head, SigEvidence& evidence) {
  const auto authorization = values_of(head, "authorization");
  const auto parameters = read_parameters(head.query);
  if (!parameters) return malformed(Detail::query);
  evidence.presigned = std::ranges::any_of(*parameters, [](const auto& parameter) {
    return parameter.first == "X-Amz-Signature" || parameter.first == "X-Amz-Algorithm";
  });
  // Whoever signs twice means one of two things.
  if (authorization.size() + (evidence.presigned ? 1 : 0) > 1) {
    return malformed(Detail::two_signatures);
  }
  if (evidence.presigned) return read_query(*parameters);
  if (authorization.empty()) return Denial{Deny::no_proof};
  return read_header(authorization.front(), head);
}

}  // namespace

Result<SigEvidence, Denial> read_evidence(const HttpHead& head, std::string_view service,
                                          std::string_view region) {
  if (is_too_large(head)) return malformed(Detail::head_size);
  if (!head.path.starts_with('/') || head.method.empty()) return malformed(Detail::request_line);
  SigEvidence evidence;
  const auto parts = find_parts(head, evidence);
  if (!parts) return parts.error();
  if (const auto fault = read_parts(*parts, evidence)) return *fault;
  if (evidence.service != service) return Denial{Deny::wrong_scope};
  if (!region.empty() && evidence.region != region) return Denial{Deny::wrong_scope};
  if (const auto fault = check_headers(head, evidence)) return *fault;
  if (const auto fault = check_payload(head, evidence)) return *fault;
  return evidence;
}

}  // namespace auth
