#include "gateway/sessions/role_closings.h"

#include <algorithm>
#include <iterator>

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMembersAtOnce = 256;
constexpr auto kReadMembersAgain = 1s;
constexpr auto kBetweenPaced = 1ms;
constexpr auto kKickAgain = 30s;
constexpr auto kRememberRoles = 1h;

}  // namespace

// However often a role is closed, one walk over its members is under way, and one waits.
void RoleClosings::close(const std::string& role_id, const Now& changed,
                         const ClosingPart& closing) {
  auto walk = std::ranges::find_if(
      walks_, [&](const Walk& each) { return each.role_id == role_id && !each.begun; });
  if (walk == walks_.end()) {
    walks_.push_back({.role_id = role_id, .changed = changed, .due = changed.steady});
    walk = std::prev(walks_.end());
  }
  walk->changed.steady = std::max(walk->changed.steady, changed.steady);
  walk->changed.wall = std::max(walk->changed.wall, changed.wall);
  const auto same = [&](const ClosingPart& part) { return part.closing() == closing.closing(); };
  if (closing && std::ranges::none_of(walk->closings, same)) walk->closings.push_back(closing);
}

void RoleClosings::begin(Walk& walk) {
  if (std::exchange(walk.begun, true)) return;
  std::erase_if(roles_, [&](const auto& old) {
    return old.second.until < walk.changed.wall - kRememberRoles;
  });
  Role& role = roles_[walk.role_id];
  role.until = std::max(role.until, walk.changed.wall);
  std::erase_if(role.closings, [](const auto& closing) { return closing->done(); });
  for (const ClosingPart& part : walk.closings) {
    if (std::ranges::find(role.closings, part.closing()) != role.closings.end()) continue;
    role.closings.push_back(part.closing());
    role.kicks.clear();  // none of them was for this one
  }
  if (walk.closings.empty()) sweeps_.add(walk.changed.steady);
  for (const ClosingPart& part : walk.closings)
    sweeps_.add(walk.changed.steady, part);
  // Again, of who was just being let in. No closing waits for that.
  sweeps_.add(walk.changed.steady + timeout_.longest() + kClockMargin);
}

void RoleClosings::step(const Now& now) {
  const auto walk =
      std::ranges::find_if(walks_, [&](const Walk& each) { return each.due <= now.steady; });
  if (walk == walks_.end()) return;
  std::vector<std::string> ids;
  try {
    ids = members_(walk->role_id, walk->after, kMembersAtOnce);
  } catch (...) {
    begin(*walk);  // somebody may have it
    walk->due = now.steady + kReadMembersAgain;
    throw;
  }
  if (!ids.empty()) begin(*walk);
  for (const std::string& id : ids) {
    // By our own clock: the server's may be ahead.
    for (const Session& session : sessions_.of(id, walk->changed.wall))
      kick(session, {&roles_[walk->role_id]}, now.steady);
  }
  if (ids.size() < kMembersAtOnce) {
    walks_.erase(walk);
  } else {
    walk->after = std::move(ids.back());
    walk->due = now.steady;
  }
}

void RoleClosings::on_session(const Session& session, const std::vector<std::string>& role_ids,
                              TimePoint now) {
  std::vector<Role*> matching;
  for (const std::string& id : role_ids) {
    const auto found = roles_.find(id);
    if (found != roles_.end() && session.began <= found->second.until)
      matching.push_back(&found->second);
  }
  kick(session, matching, now);
}

// Once for each role, unless it is still there long after.
void RoleClosings::kick(const Session& session, const std::vector<Role*>& roles, TimePoint now) {
  const std::pair key{session.server_id, session.cid};
  std::vector<Role*> wanting;
  for (Role* role : roles) {
    const auto known = role->kicks.find(key);
    if (known == role->kicks.end() || now >= known->second + kKickAgain) wanting.push_back(role);
  }
  if (wanting.empty()) return;
  // One that waits for another role takes no turn of its own.
  TimePoint at{};
  for (const auto& [id, role] : roles_) {
    const auto known = role.kicks.find(key);
    if (known != role.kicks.end()) at = std::max(at, known->second);
  }
  if (at <= now) at = last_paced_ = std::max(now, last_paced_ + kBetweenPaced);
  std::vector<ClosingPart> of;
  for (Role* role : wanting) {
    role->kicks[key] = at;
    for (const auto& closing : role->closings) {
      if (!closing->done()) of.emplace_back(closing);
    }
  }
  queries_.kick(session, at, unknown_until(session, now, timeout_), std::move(of));
}

void RoleClosings::forget_server(std::string_view server_id) {
  for (auto& [id, role] : roles_)
    std::erase_if(role.kicks, [&](const auto& kick) { return kick.first.first == server_id; });
}

RoleClosings::TimePoint RoleClosings::next_due() const {
  auto due = TimePoint::max();
  for (const Walk& walk : walks_)
    due = std::min(due, walk.due);
  return due;
}

}  // namespace gateway
