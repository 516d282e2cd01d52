#include "gateway/sessions/admission.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kListenDelay = 2s;  // by then servers have answered the first question
// A client that tries again and again must not have the servers counting all the time.
constexpr auto kCountInterval = 2s;

}  // namespace

void Admission::on_connected(TimePoint now) {
  listening_from_ = now + kListenDelay;
}

Admission::Verdict Admission::admit(const Session& session, std::uint32_t max_sessions,
                                    const Now& now) {
  const bool listening = now.steady >= listening_from_.load();
  const auto from = listening ? settled(now, now.steady, timeout_) : auth::Instant::min();
  if (sessions_.admit(session, max_sessions, from)) return Verdict::admitted;
  if (!listening) return Verdict::refused;
  const auto counted = counted_.lock();
  std::erase_if(*counted,
                [&](const auto& last) { return now.steady - last.second > kCountInterval; });
  const bool due = counted->emplace(session.credential, now.steady).second;
  return due ? Verdict::refused_count : Verdict::refused;
}

}  // namespace gateway
