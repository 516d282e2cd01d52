#include "gateway/cli/nats_context.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "auth/base/json.h"
#include "auth/base/typo.h"
#include "auth/nats/subject.h"

namespace gateway::cli {
namespace {

enum class Holds { text, path, user, secret };

struct Member {
  const char* name;
  std::string NatsContext::* into;
  Holds holds;
};

// In the order in which the nats CLI writes them.
constexpr auto kMembers = std::to_array<Member>({
    {"description", &NatsContext::description, Holds::text},
    {"url", &NatsContext::url, Holds::text},
    {"token", &NatsContext::token, Holds::secret},
    {"user", &NatsContext::user, Holds::user},
    {"password", &NatsContext::password, Holds::secret},
    {"creds", &NatsContext::creds, Holds::path},
    {"nkey", &NatsContext::nkey, Holds::path},
    {"cert", &NatsContext::cert, Holds::path},
    {"key", &NatsContext::key, Holds::path},
    {"ca", &NatsContext::ca, Holds::path},
    {"inbox_prefix", &NatsContext::inbox_prefix, Holds::text},
});

constexpr const char* kTlsFirst = "tls_first";

// These say nothing about the connection.
constexpr auto kWithoutEffect = std::to_array<std::string_view>(
    {"color_scheme", "jetstream_api_prefix", "jetstream_domain", "jetstream_event_prefix", "name"});

constexpr const char* kForWindows = "it is for Windows; name files in `cert`, `key` and `ca`";

constexpr auto kUnsupported = std::to_array<std::pair<std::string_view, const char*>>({
    {"nsc", "run nsc generate creds, and name the file that it makes in `creds`"},
    {"socks_proxy", "give the url of a server that can be reached directly"},
    {"user_jwt", "put the JWT and its seed into a credentials file, and name that in `creds`"},
    {"user_seed", "put the JWT and its seed into a credentials file, and name that in `creds`"},
    {"windows_ca_certs_match", kForWindows},
    {"windows_cert_match", kForWindows},
    {"windows_cert_match_by", kForWindows},
    {"windows_cert_store", kForWindows},
});

// The nats CLI writes every member, also those that nobody gave.
bool says_nothing(const auth::Json& value) {
  if (value.is_boolean()) return !value.get<bool>();
  if (value.is_string()) return value.get_ref<const std::string&>().empty();
  return value.is_null() || (value.is_structured() && value.empty());
}

// Newer versions of the nats CLI take "op://vault/item" and the like for a place to read from.
bool is_reference(std::string_view text) {
  constexpr auto kSchemes =
      std::to_array<std::string_view>({"data:", "env://", "file://", "nsc://", "op://"});
  return std::ranges::any_of(kSchemes,
                             [text](std::string_view scheme) { return text.starts_with(scheme); });
}

// Empty, or what is wrong.
std::string wrong_with(const Member& member, std::string_view text) {
  const std::string named = "`" + std::string(member.name) + "` ";
  if (member.holds == Holds::path && is_reference(text)) {
    return named +
           "must be the path of a file; data:, env://, file://, nsc:// and op:// are not "
           "supported";
  }
  if (member.holds == Holds::secret && is_reference(text)) {
    return named + "must be the secret itself; data:, env:// and op:// are not supported";
  }
  if (member.holds == Holds::user && is_reference(text)) {
    return named + "must be the user name itself; data:, env:// and op:// are not supported";
  }
  const bool shown_only = member.into == &NatsContext::description;
  if (!shown_only && !auth::printable(text)) return named + "must be printable characters";
  return "";
}

std::string unknown(const std::string& name) {
  constexpr std::size_t kMaxShown = 64;
  if (name.size() > kMaxShown || !auth::printable(name)) {
    return "has a member that credgate does not know";
  }
  std::vector<std::string> known{kTlsFirst};
  for (const Member& member : kMembers)
    known.emplace_back(member.name);
  return "`" + name + "` is not a member that credgate knows" + auth::did_you_mean(name, known);
}

// Empty, or what is wrong.
std::string take(NatsContext& context, const std::string& name, const auth::Json& value) {
  if (says_nothing(value)) return "";
  if (name == kTlsFirst) {
    if (!value.is_boolean()) return "`tls_first` must be true or false";
    context.tls_first = value.get<bool>();
    return "";
  }
  if (const auto* member = std::ranges::find(kMembers, name, &Member::name);
      member != kMembers.end()) {
    if (!value.is_string()) return "`" + name + "` must be a string";
    const auto& text = value.get_ref<const std::string&>();
    std::string wrong = wrong_with(*member, text);
    if (wrong.empty()) context.*(member->into) = text;
    return wrong;
  }
  if (std::ranges::find(kWithoutEffect, name) != kWithoutEffect.end()) return "";
  for (const auto& [unsupported, instead] : kUnsupported) {
    if (unsupported == name) return "`" + name + "` is not supported: " + instead;
  }
  return unknown(name);
}

}  // namespace

auth::Result<NatsContext, std::string> read_nats_context(std::string_view text) {
  std::string twice;
  const auto json = auth::read_json_object(text, twice);
  if (!json) return std::string{"is not a JSON object"};
  if (!twice.empty()) return std::string{"has a member twice"};
  NatsContext context;
  for (const auto& [name, value] : json->items()) {
    if (std::string wrong = take(context, name, value); !wrong.empty()) return wrong;
  }
  return context;
}

std::string wrong_in(const NatsContext& context) {
  for (const Member& member : kMembers) {
    if (std::string wrong = wrong_with(member, context.*(member.into)); !wrong.empty())
      return wrong;
  }
  return "";
}

std::string write_nats_context(const NatsContext& context) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const Member& member : kMembers) {
    if (const std::string& text = context.*(member.into); !text.empty()) json[member.name] = text;
  }
  if (context.tls_first) json[kTlsFirst] = true;
  return json.dump(2) + "\n";
}

}  // namespace gateway::cli
