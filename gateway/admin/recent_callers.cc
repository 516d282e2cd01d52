#include "gateway/admin/recent_callers.h"

#include <algorithm>

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kGood = 1s;
// A client's name is in it.
constexpr std::size_t kMaxHeaderBytes = std::size_t{16} << 10;

// In a JSON text each quote of a string has a backslash before it: nothing that a client chooses
// is taken for the member.
std::string without_time(std::string_view header) {
  constexpr std::string_view kTime = "\"rtt\":";
  const auto at = header.find(kTime);
  if (at == header.npos) return std::string(header);
  const auto end = std::min(header.find_first_of(",}", at), header.size());
  return std::string(header.substr(0, at)).append(header.substr(end));
}

}  // namespace

std::optional<AdminReply> RecentCallers::find(std::string_view header,
                                              Clock::time_point now) const {
  const std::string key = without_time(header);
  const auto found = found_.lock();
  const auto at = found->find(key);
  if (at == found->end() || now - at->second.at > kGood) return std::nullopt;
  return at->second.reply;
}

void RecentCallers::remember(std::string_view header, const AdminReply& reply,
                             Clock::time_point now) {
  if (header.size() > kMaxHeaderBytes) return;
  auto found = found_.lock();
  if (found->size() >= kMax) found->clear();
  found->insert_or_assign(without_time(header), Found{reply, now});
}

}  // namespace gateway
