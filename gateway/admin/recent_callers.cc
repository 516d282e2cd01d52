#include "gateway/admin/recent_callers.h"

#include <algorithm>

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kGood = 1s;
// A client's name is in it.
constexpr std::size_t kMaxHeaderBytes = std::size_t{16} << 10;

template <class Map>
void make_place(Map& map) {
  if (map.size() >= RecentCallers::kMax) map.clear();
}

}  // namespace

std::optional<AdminReply> RecentCallers::find(const std::string& header,
                                              Clock::time_point now) const {
  const auto found = found_.lock();
  const auto at = found->find(header);
  if (at == found->end() || now - at->second.at > kGood) return std::nullopt;
  return at->second.reply;
}

void RecentCallers::remember(const std::string& header, const AdminReply& reply,
                             Clock::time_point now) {
  if (header.size() > kMaxHeaderBytes) return;
  auto found = found_.lock();
  make_place(*found);
  found->insert_or_assign(header, Found{reply, now});
}

bool RecentCallers::may_answer(const std::string& actor, Clock::time_point now) {
  auto answers = answers_.lock();
  auto at = answers->find(actor);
  if (at == answers->end()) {
    make_place(*answers);
    at = answers->emplace(actor, Answers{.at = now}).first;
  }
  auto& [left, since] = at->second;
  const std::chrono::duration<double> passed = now - since;
  left = std::min(kAnswersAtOnce, left + passed.count() * kAnswersPerSecond);
  since = now;
  if (left < 1) return false;
  left -= 1;
  return true;
}

}  // namespace gateway
