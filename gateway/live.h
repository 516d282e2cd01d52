#pragma once
// The connections that were let in here, by credential: all that closing them at once needs.
// Without it each would first have to be looked for on every server of the cluster.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/responder.h"

namespace gateway {

// Thread-safe.
class Live {
 public:
  // Before the answer goes out: a change that is committed after it finds the connection here.
  void add(const Connected& connection);
  // It was closed.
  void remove(const Connected& connection);
  // The server went, and its connections with it.
  void remove_server(std::string_view server_id);

  std::vector<Connected> of(std::string_view credential) const;
  std::size_t size() const;

 private:
  struct At {
    std::uint32_t server = 0;  // an index into servers_: an id has 56 characters
    std::uint64_t cid = 0;
    auto operator<=>(const At&) const = default;
  };
  std::uint32_t server_index(std::string_view id);

  mutable std::mutex mutex_;
  std::vector<std::string> servers_;
  std::map<std::string, std::set<At>, std::less<>> by_credential_;
};

}  // namespace gateway
