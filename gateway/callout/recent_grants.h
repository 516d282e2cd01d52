#pragma once
// Whom this daemon let in lately, to tell which grants nats-server refuses.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/nats/session.h"
#include "gateway/platform/locked.h"

namespace gateway {

// The newest kMax; a refusal follows its grant within milliseconds. Thread-safe.
class RecentGrants {
 public:
  static constexpr std::size_t kMax = 4096;

  struct Grant {
    std::string server_id;
    std::uint64_t cid = 0;
    std::string credential;
    std::string probed;  // of a probe: its account
  };

  // To be called before the answer goes out.
  void add(const Session& session, const std::string& probed) {
    const auto ring = ring_.lock();
    if (ring->grants.size() < kMax) ring->grants.resize(ring->grants.size() + 1);
    Grant& grant = ring->grants.at(ring->next);
    grant.server_id = session.server_id;
    grant.cid = session.cid;
    grant.credential = session.credential;
    grant.probed = probed;
    ring->next = (ring->next + 1) % kMax;
  }
  std::optional<Grant> find(std::string_view server_id, std::uint64_t cid) const {
    const auto ring = ring_.lock();
    const auto found = find_in(ring->grants, server_id, cid);
    return found == ring->grants.end() ? std::nullopt : std::optional{*found};
  }
  // The grant, once: servers may tell of one refusal twice.
  std::optional<Grant> take(std::string_view server_id, std::uint64_t cid) {
    const auto ring = ring_.lock();
    const auto found = find_in(ring->grants, server_id, cid);
    if (found == ring->grants.end()) return std::nullopt;
    Grant grant = *found;
    found->server_id.clear();
    return grant;
  }

 private:
  struct Ring {
    std::vector<Grant> grants;
    std::size_t next = 0;
  };
  template <class Grants>
  static std::ranges::iterator_t<Grants> find_in(Grants& grants, std::string_view server_id,
                                                 std::uint64_t cid) {
    return std::ranges::find_if(grants, [&](const Grant& grant) {
      return grant.cid == cid && grant.server_id == server_id;
    });
  }

  Locked<Ring> ring_;
};

}  // namespace gateway
