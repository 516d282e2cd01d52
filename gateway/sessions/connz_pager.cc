#include "gateway/sessions/connz_pager.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::uint64_t kOverlap = 64;
constexpr std::uint64_t kStep = kConnzPage - kOverlap;

}  // namespace

ConnzPager::Next ConnzPager::take(const Connz& page) {
  if (++pages_ > kMaxPages) return Next::refuse;
  // The overlap is gone, and what stood after it may be. An empty page shows no overlap either.
  if (last_cid_ && (!page.first_cid || *page.first_cid > *last_cid_)) {
    offset_ -= std::min(offset_, kConnzPage);
    if (offset_ == 0) last_cid_.reset();
    return Next::step_back;
  }
  if (!page.more) return Next::end;
  offset_ += kStep;
  last_cid_ = page.last_cid;
  return Next::page;
}

}  // namespace gateway
