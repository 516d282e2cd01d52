#include "gateway/config/metrics_address.h"

#include <charconv>

#include "gateway/platform/listen_address.h"

namespace gateway {
namespace {

constexpr const char* kHint = "must be \"ADDRESS:PORT\", \"127.0.0.1:8422\", or \"off\"";
constexpr unsigned kBasePort = 8420;
constexpr unsigned kMaxNumber = 999;

// Empty: it is off.
std::optional<std::string> read_listen(const std::string& text) {
  if (text == "off") return "";
  return read_listen_address(text).port != 0 ? std::optional{text} : std::nullopt;
}

std::string default_address(const std::string& instance) {
  unsigned number = 0;
  const char* end = instance.data() + instance.size();
  const auto read = std::from_chars(instance.data(), end, number);
  const bool numbered = read.ec == std::errc{} && read.ptr == end && number <= kMaxNumber;
  return "127.0.0.1:" + std::to_string(kBasePort + (numbered ? number : 2));
}

}  // namespace

void read_metrics(auth::JsonObject section, Config& config) {
  section.take("listen", kHint, [&](const nlohmann::json& value) {
    if (value.is_object()) {
      auth::JsonObject instances = section.child("listen", value);
      for (const std::string& name : instances.names())
        instances.string(name, kHint, config.metrics[name], read_listen);
      return true;
    }
    const auto address = value.is_string() ? read_listen(value.get<std::string>()) : std::nullopt;
    if (address) config.metrics[""] = *address;
    return address.has_value();
  });
  section.finish();
}

std::optional<std::string> metrics_address(const Config& config, const std::string& instance) {
  if (config.metrics.empty()) return default_address(instance);
  for (const std::string& name : {instance, std::string{}}) {
    if (const auto at = config.metrics.find(name); at != config.metrics.end()) return at->second;
  }
  return std::nullopt;
}

}  // namespace gateway
