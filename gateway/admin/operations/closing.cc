#include "gateway/admin/operations/closing.h"

#include <algorithm>

#include "auth/base/text.h"

namespace gateway {
namespace {

std::uint64_t known_sessions(const std::vector<SilentServer>& silent) {
  std::uint64_t count = 0;
  for (const SilentServer& server : silent)
    count += server.sessions;
  return count;
}

std::string time_text(std::chrono::seconds time) {
  constexpr std::chrono::seconds kInSeconds{120};
  if (time < kInSeconds) return std::to_string(time.count()) + " s";
  return std::to_string(std::chrono::floor<std::chrono::minutes>(time).count()) + " min";
}

std::string silent_text(const std::vector<SilentServer>& silent) {
  const bool one = silent.size() == 1;
  // What was known of a server that was given up is forgotten: 0 would say too much.
  const std::uint64_t known = known_sessions(silent);
  const auto longest = std::ranges::max(silent, {}, &SilentServer::silent_for).silent_for;
  return (one ? "server " : "servers ") + auth::join(silent, ", ", &SilentServer::name) +
         (one ? " has" : " have") + " not answered for " + time_text(longest) + "; if " +
         (one ? "it still runs, its" : "they still run, their") + " sessions" +
         (known > 0 ? " (" + std::to_string(known) + " known)" : "") + " are closed once " +
         (one ? "it answers" : "they answer");
}

}  // namespace

OrderedJson write_closing(std::uint64_t closed, std::optional<std::uint64_t> open,
                          const std::string& why) {
  OrderedJson json = {{"done", why.empty()},
                      {"closed", closed},
                      {"open", open ? OrderedJson(*open) : OrderedJson(nullptr)}};
  if (!why.empty()) json["why"] = why;
  return json;
}

OrderedJson write_unanswered(const std::vector<SilentServer>& silent) {
  OrderedJson list = OrderedJson::array();
  for (const SilentServer& server : silent) {
    list.push_back({{"server", server.name},
                    {"seconds", server.silent_for.count()},
                    {"sessions", server.sessions}});
  }
  return list;
}

OrderedJson write_closing(const ClosingReport& report) {
  const Closing::Is& is = report.is;
  if (is.done) return write_closing(is.closed, 0, "");
  // Without a connection it is what was open when that was lost.
  if (!report.connected)
    return write_closing(is.closed, is.open + known_sessions(is.silent),
                         "the gateway is not connected to the system account");
  if (!is.silent.empty()) {
    OrderedJson json = write_closing(is.closed, std::nullopt, silent_text(is.silent));
    json["unanswered"] = write_unanswered(is.silent);
    return json;
  }
  if (is.open == 0)
    return write_closing(is.closed, std::nullopt, "not every server has answered yet");
  return write_closing(is.closed, is.open,
                       "they are being closed, or their servers have not answered yet");
}

OrderedJson write_closing(const ClosingRequest& request, ClosingReport report) {
  if (request.repeated) report.is.closed = 0;
  return write_closing(report);
}

}  // namespace gateway
