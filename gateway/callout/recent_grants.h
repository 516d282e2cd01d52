#pragma once
// Whom this daemon let in lately, to tell which grants nats-server refuses.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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
    if (ring->grants.size() < kMax) {
      ring->grants.resize(ring->grants.size() + 1);
    } else {
      ring->forget(ring->next);
    }
    Grant& grant = ring->grants.at(ring->next);
    grant.server_id = session.server_id;
    grant.cid = session.cid;
    grant.credential = session.credential;
    grant.probed = probed;
    ring->by_cid.emplace(session.cid, ring->next);
    ring->next = (ring->next + 1) % kMax;
  }
  std::optional<Grant> find(std::string_view server_id, std::uint64_t cid) const {
    const auto ring = ring_.lock();
    const auto found = ring->find(server_id, cid);
    return found ? std::optional{ring->grants.at(*found)} : std::nullopt;
  }
  // The grant, once: servers may tell of one refusal twice.
  std::optional<Grant> take(std::string_view server_id, std::uint64_t cid) {
    const auto ring = ring_.lock();
    const auto found = ring->find(server_id, cid);
    if (!found) return std::nullopt;
    ring->forget(*found);
    return ring->grants.at(*found);
  }

 private:
  struct Ring {
    std::vector<Grant> grants;
    std::size_t next = 0;
    // Workers wait for the lock: nobody looks through all of them. Servers count their clients by
    // themselves, so some have the same number.
    std::unordered_multimap<std::uint64_t, std::size_t> by_cid;

    std::optional<std::size_t> find(std::string_view server_id, std::uint64_t cid) const {
      const auto [first, last] = by_cid.equal_range(cid);
      const auto found = std::find_if(
          first, last, [&](const auto& at) { return grants.at(at.second).server_id == server_id; });
      return found == last ? std::nullopt : std::optional{found->second};
    }
    void forget(std::size_t at) {
      const auto [first, last] = by_cid.equal_range(grants.at(at).cid);
      const auto found =
          std::find_if(first, last, [&](const auto& entry) { return entry.second == at; });
      if (found != last) by_cid.erase(found);
    }
  };

  Locked<Ring> ring_;
};

}  // namespace gateway
