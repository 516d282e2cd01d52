#include "gateway/cli/error_words.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gateway::cli {
namespace {

// Members of requests and records, and the options that set them.
constexpr auto kOptions = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"account", "--account"},
    {"ack_v2", "--ack-v2"},
    {"action", "--action"},
    {"actor", "--actor"},
    {"allow_responses", "--allow-responses"},
    {"at", "--at"},
    {"by_public_key", "--by-public-key"},
    {"call", "--call"},
    {"certificate", "--cert"},
    {"connection_types", "--connection-types"},
    {"consumers", "--consumers"},
    {"description", "--description"},
    {"domain", "--domain"},
    {"everything", "--everything"},
    {"expires_at", "--expires"},
    {"fingerprint", "--fingerprint"},
    {"inbox", "--shared-inbox"},
    {"kv_read", "--kv-read"},
    {"kv_write", "--kv-write"},
    {"login", "--login"},
    {"manage", "--manage"},
    {"max_sessions", "--max-sessions"},
    {"name", "--name"},
    {"not_before", "--not-before"},
    {"object_read", "--object-read"},
    {"object_write", "--object-write"},
    {"overlap", "--overlap"},
    {"password", "--password-file"},
    {"permissions", "--allow-pub and --allow-sub"},
    {"permissions.publish.allow", "--allow-pub"},
    {"permissions.publish.deny", "--deny-pub"},
    {"permissions.responses.max", "--responses"},
    {"permissions.responses.ttl", "--responses"},
    {"permissions.subscribe.allow", "--allow-sub"},
    {"permissions.subscribe.deny", "--deny-sub"},
    {"public_key", "--public-key"},
    {"publish", "--publish"},
    {"reason", "--reason"},
    {"receive", "--receive"},
    {"regions", "--region"},
    {"request_id", "--request-id"},
    {"revision", "--revision"},
    {"revoke_reason", "--reason"},
    {"role", "--role"},
    {"roles", "--role"},
    {"serve", "--serve"},
    {"session_ttl", "--session-ttl"},
    {"signature", "--signature"},
    {"sigv4", "--sigv4"},
    {"sigv4_connect", "--sigv4-connect"},
    {"since", "--since"},
    {"source", "--source"},
    {"sources", "--sources"},
    {"streams", "--streams"},
    {"subjects", "--subjects"},
    {"subscribe", "--subscribe"},
    {"tags", "--tag"},
    {"times", "--times"},
    {"times_location", "--times-location"},
    {"type", "--type"},
    {"until", "--until"},
});

// Empty if no option sets it.
std::string_view option_of(std::string_view operation, std::string_view member) {
  for (const std::string_view prefix : {"credential.", "proof.", "role.", "set."}) {
    if (member.starts_with(prefix)) member.remove_prefix(prefix.size());
  }
  if (member == "name" && operation == "create") return "NAME";
  if ((member == "name" || member == "role") && operation.ends_with("_role")) return "ROLE";
  if (member == "tags" && operation == "list") return "--tag";
  const auto* const at =
      std::ranges::find(kOptions, member, [](const auto& pair) { return pair.first; });
  return at == kOptions.end() ? std::string_view{} : at->second;
}

// Each word in backticks that names a member.
std::string with_options(std::string_view operation, std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto begin = text.find('`');
    const auto end = begin == text.npos ? text.npos : text.find('`', begin + 1);
    if (end == text.npos) break;
    const std::string_view option = option_of(operation, text.substr(begin + 1, end - begin - 1));
    out += text.substr(0, option.empty() ? end + 1 : begin);
    out += option;
    text.remove_prefix(end + 1);
  }
  return out + std::string(text);
}

}  // namespace

std::string in_option_words(std::string_view operation, std::string_view message) {
  constexpr std::string_view kNothing = "capabilities: must include ";
  if (message.starts_with(kNothing)) {
    return "nothing is allowed yet: give --publish, --receive or --manage; or a bucket or service, "
           "as with --kv-read or --call; or --allow-responses, --allow-pub or --allow-sub";
  }
  const auto colon = message.find(": ");
  if (colon == message.npos) return with_options(operation, message);
  const std::string_view option = option_of(operation, message.substr(0, colon));
  const std::string_view field = option.empty() ? message.substr(0, colon) : option;
  return std::string(field) + with_options(operation, message.substr(colon));
}

}  // namespace gateway::cli
