#pragma once
// Reads all sessions of one server by CONNZ, page by page, without missing one that lasts.
// Source: nats-server `monitor.go` (Connz: sorted by cid, then cut to offset and limit).

#include <cstdint>
#include <optional>

#include "gateway/sessions/connz.h"

namespace gateway {

// Where to read on. A session that ends between two pages moves those after it to the front, so
// pages overlap: a page has sessions that the one before had as well, and the caller must drop
// them by their cid. Where more have ended than pages overlap, it goes back.
// A value: keep a copy, and a page whose handling has failed is asked for again. Not thread-safe.
class ConnzPager {
 public:
  enum class Next : std::uint8_t {
    end,        // this page was the last
    page,       // use this page, then ask for the one at offset()
    step_back,  // drop this page, as some before it were skipped, then ask for the one at offset()
    refuse,     // drop this page: the server has given more pages than any server has
  };
  // 16 million sessions. A server that never comes to an end would be read for ever.
  static constexpr std::uint64_t kMaxPages = 16'384;

  // Of the page to ask for.
  std::uint64_t offset() const { return offset_; }
  // Takes the page at offset().
  Next take(const Connz& page);

 private:
  std::uint64_t offset_ = 0;
  std::uint64_t pages_ = 0;
  std::optional<std::uint64_t> last_cid_;  // of the page before
};

}  // namespace gateway
