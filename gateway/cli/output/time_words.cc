#include "gateway/cli/output/time_words.h"

#include <chrono>

#include "auth/base/time_format.h"

namespace gateway::cli {
namespace {

using namespace std::chrono_literals;

std::string span_text(std::chrono::seconds span) {
  if (span < 2min) return std::to_string(span / 1s) + " s";
  if (span < 2h) return std::to_string(span / 1min) + " min";
  if (span < 48h) return std::to_string(span / 1h) + " h";
  return std::to_string(span / 24h) + " d";
}

}  // namespace

std::string time_in_words(auth::Time at, auth::Time now) {
  if (at <= now && now - at < 1min) return "just now";
  return at > now ? "in " + span_text(at - now) : span_text(now - at) + " ago";
}

std::string time_in_words(std::string_view text, auth::Time now) {
  const auto at = auth::read_time(text);
  return at ? time_in_words(*at, now) : std::string(text);
}

}  // namespace gateway::cli
