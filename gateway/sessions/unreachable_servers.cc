#include "gateway/sessions/unreachable_servers.h"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kRetryUnreachable = 30s;
constexpr auto kForgetUnreachable = 1h;
// Whoever asks for a closing does so at once: as session_enforcer.cc keeps it.
constexpr auto kKeepWaiting = 5min;

}  // namespace

void UnreachableServers::wait(const std::string& server_id, Server& server,
                              const std::string& credential, const ClosingPart& closing,
                              TimePoint now) {
  const auto [begin, end] = server.waiting.equal_range(credential);
  const auto is_there = [&](const auto& entry) {
    return entry.second.closing.closing() == closing.closing();
  };
  if (std::any_of(begin, end, is_there)) return;
  closing->silent(server_id, server.name, server.since);
  closing->given_up(server_id);
  server.waiting.emplace(credential, Waiting{closing, now});
}

void UnreachableServers::look_soon(TimePoint now) {
  next_ = std::min(next_, now + kRetryUnreachable);
}

void UnreachableServers::give_up(const std::string& server_id, const std::string& name,
                                 TimePoint since, ClosingParts waiting, TimePoint now) {
  Server& server = servers_[server_id];
  server = {.name = name, .since = since, .until = now + kForgetUnreachable};
  for (const auto& [credential, closing] : waiting)
    wait(server_id, server, credential, closing, now);
  look_soon(now);
}

void UnreachableServers::give_up_dead(const std::string& server_id, const ClosingParts& waiting,
                                      TimePoint now) {
  for (const auto& [credential, closing] : waiting)
    closing->server_gone(server_id);
  servers_.insert_or_assign(server_id, Server{.until = now + kForgetUnreachable, .dead = true});
  look_soon(now);
}

void UnreachableServers::add(const std::string& credential, const ClosingPart& closing,
                             TimePoint now) {
  for (auto& [id, server] : servers_) {
    if (!server.dead) wait(id, server, credential, closing, now);
  }
}

ClosingParts UnreachableServers::take(const std::string& server_id) {
  const auto found = servers_.find(server_id);
  if (found == servers_.end()) return {};
  ClosingParts waiting;
  for (auto& [credential, one] : found->second.waiting)
    waiting.emplace(credential, std::move(one.closing));
  servers_.erase(found);
  return waiting;
}

void UnreachableServers::observe_new(const std::string& name) {
  for (auto& [id, server] : servers_) {
    if (name.empty() || server.name != name) continue;
    for (const auto& [credential, one] : server.waiting)
      one.closing->server_gone(id);
    server.waiting.clear();
    server.dead = true;
  }
}

void UnreachableServers::look_now(TimePoint now) {
  if (!servers_.empty()) next_ = now;
}

bool UnreachableServers::due(TimePoint now) {
  if (now < next_) return false;
  std::erase_if(servers_, [now](const auto& server) { return server.second.until <= now; });
  for (auto& [id, server] : servers_) {
    std::erase_if(server.waiting,
                  [now](const auto& one) { return one.second.added + kKeepWaiting <= now; });
  }
  next_ = servers_.empty() ? TimePoint::max() : now + kRetryUnreachable;
  return !servers_.empty();
}

}  // namespace gateway
