#include "gateway/cli/credential_options.h"

#include <charconv>
#include <chrono>
#include <utility>

#include "auth/base/ip_range.h"
#include "auth/base/time_format.h"
#include "auth/base/typo.h"
#include "auth/credential/credential.h"
#include "auth/credential/credential_json.h"
#include "gateway/cli/context.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/time_zone.h"

namespace gateway::cli {
namespace {

using Member = nlohmann::json;

[[noreturn]] void wrong(const char* option, const std::string& message) {
  throw OperationError(Code::usage, std::string(option) + ": " + message);
}

// "30d" from now, a moment, or "never".
Member read_moment(const char* option, const std::string& word) {
  if (word == "never") return nullptr;
  if (const auto span = auth::read_duration(word))
    return auth::write_time(now_in_seconds() + *span);
  if (const auto at = auth::read_time(word)) return auth::write_time(*at);
  wrong(option, "\"" + word + "\" is not a timestamp; write 2027-01-31, " +
                    "2027-01-31T18:00:00Z, a duration from now (30d, 12h), or never");
}

Member read_source(const std::string& word) {
  if (auth::read_cidr(word)) return word;
  wrong("--sources", "\"" + word +
                         "\" is not an address range; write it as 10.0.0.0/8, 2001:db8::/32 or " +
                         "192.0.2.7, with no bits set after the prefix");
}

Member read_type(const std::string& word) {
  if (auth::read_connection_type(word)) return word;
  wrong("--connection-types",
        "\"" + word +
            "\" is not one of STANDARD, WEBSOCKET, LEAFNODE, MQTT "
            "(nats-server does not distinguish " +
            "MQTT_WS from MQTT, nor LEAFNODE_WS from LEAFNODE)" +
            auth::did_you_mean(word, {"STANDARD", "WEBSOCKET", "MQTT", "LEAFNODE"}));
}

Member read_range(const std::string& word) {
  if (auth::read_time_range(word)) return word;
  wrong("--times", "\"" + word + "\" is not a time range; write it as 08:00-18:00");
}

// Each of them read.
template <class Read>
auto each(Read read) {
  return [read](const std::vector<std::string>& words) {
    Member list = Member::array();
    for (const std::string& word : words)
      list.push_back(read(word));
    return list;
  };
}

Member read_ttl(const std::string& word) {
  if (word == "never") return nullptr;
  if (const auto ttl = auth::read_duration(word)) return static_cast<std::uint64_t>(ttl->count());
  wrong("--session-ttl", "must be a duration (90s, 12h), or never");
}

Member read_count(const std::string& word) {
  std::uint32_t n = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), n);
  if (word == "unlimited") return 0;
  if (error == std::errc{} && end == word.data() + word.size()) return n;
  wrong("--max-sessions", "must be a number, or unlimited");
}

Member read_zone(const std::string& word) {
  if (word.empty() || zone_offset(word, now_in_seconds())) return word;
  wrong("--times-location", "\"" + word + "\" is not a time zone known on this machine");
}

}  // namespace

void FieldOptions::add_inbox() {
  command().on_flag(
      "shared-inbox", use() == Use::updating,
      "receive replies on _INBOX.>, which other clients can read (default: a private inbox)",
      [this](bool on) { put("/inbox", on ? "shared" : "private"); });
}

void FieldOptions::add_roles() {
  list("--role", "ROLE", "/roles",
       "also what this role of its account lets it do; see: credgate role --help (repeatable)");
}

void FieldOptions::add_sigv4() {
  flag("sigv4", "/sigv4",
       "the secret also signs requests to SQS/SNS-compatible proxies (AWS Signature Version 4); "
       "only for kind key; credgate then stores the secret, sealed");
  flag("sigv4-connect", "/sigv4_connect",
       "a proxy may open a NATS connection with such a request, once, for at most 15 minutes");
}

void FieldOptions::add_restrictions() {
  list("--region", "REGION", "/regions", "only at gateways of this region (repeatable)");
  words("--sources", "CIDR", "/sources", "only from these addresses: 10.0.0.0/8,2001:db8::/32",
        each(read_source));
  words("--connection-types", "TYPES", "/connection_types",
        "only over these connection types: STANDARD,WEBSOCKET,MQTT,LEAFNODE (default: all but "
        "LEAFNODE, whose publishing nats-server does not fully check)",
        each(read_type));
  words("--times", "RANGES", "/times", "only at these times of day: 08:00-12:00,13:00-18:00",
        each(read_range));
  command().offer("--connection-types", {"STANDARD", "WEBSOCKET", "MQTT", "LEAFNODE"});
  word("--times-location", "ZONE", "/times_location",
       "the time zone of --times, such as Europe/Paris (default UTC)", read_zone);
}

void FieldOptions::add_lifetime() {
  word("--expires", "WHEN", "/expires_at", "when the credential expires: 30d, 2027-01-31, never",
       [](const std::string& given) { return read_moment("--expires", given); });
  word("--not-before", "WHEN", "/not_before",
       "not valid before this time: 2026-12-01T08:00:00Z, never",
       [](const std::string& given) { return read_moment("--not-before", given); });
  word("--session-ttl", "DURATION", "/session_ttl",
       "close each connection after this time: 12h, never", read_ttl);
  word("--max-sessions", "N", "/max_sessions",
       "at most this many connections at a time: 5, unlimited", read_count);
  list("--tag", "TAG", "/tags", "key=value, a label to filter by (repeatable)");
}

void FieldOptions::add(Command& command, Use use) {
  add_rights(command, use);
  command.group("What it may do");
  add_inbox();
  if (use == Use::creating) add_roles();
  command.group("For AWS clients");
  add_sigv4();
  command.group("From where and when");
  add_restrictions();
  command.group("Lifetime");
  add_lifetime();
}

}  // namespace gateway::cli
