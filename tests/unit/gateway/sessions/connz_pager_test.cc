#include "gateway/sessions/connz_pager.h"

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

#include "tests/support/catch.h"

using namespace gateway;
using Next = ConnzPager::Next;

namespace {

using Cids = std::vector<std::uint64_t>;

Cids cids_from(std::uint64_t from, std::uint64_t to) {
  Cids cids;
  for (; from < to; ++from)
    cids.push_back(from);
  return cids;
}

Connz page_of(const Cids& cids) {
  Connz page;
  page.more = cids.size() >= kConnzPage;
  if (!cids.empty()) {
    page.first_cid = cids.front();
    page.last_cid = cids.back();
  }
  return page;
}

// As monitor.go cuts its list.
Cids cut(const Cids& all, std::uint64_t offset) {
  const auto from = std::min<std::uint64_t>(offset, all.size());
  const auto to = std::min<std::uint64_t>(from + kConnzPage, all.size());
  return {all.begin() + static_cast<std::ptrdiff_t>(from),
          all.begin() + static_cast<std::ptrdiff_t>(to)};
}

void end_sessions(Cids& all, std::uint64_t from, std::uint64_t to) {
  std::erase_if(all, [&](std::uint64_t cid) { return cid >= from && cid < to; });
}

// Reads a server to the end. `between` changes its sessions after each page.
template <class Between>
std::set<std::uint64_t> read_all(Cids all, Between between) {
  ConnzPager pager;
  std::set<std::uint64_t> seen;
  for (int pages = 0; pages < 1000; ++pages) {
    const Cids cids = cut(all, pager.offset());
    const Next next = pager.take(page_of(cids));
    REQUIRE(next != Next::refuse);
    if (next != Next::step_back) seen.insert(cids.begin(), cids.end());
    if (next == Next::end) return seen;
    between(all, pages);
  }
  FAIL("it does not end");
  return {};
}

std::set<std::uint64_t> set_of(const Cids& cids) {
  return {cids.begin(), cids.end()};
}

}  // namespace

TEST_CASE("connz_pager: the last page is one that is not full", "[sessions]") {
  for (const std::uint64_t count : {0ULL, 1ULL, 1023ULL}) {
    ConnzPager pager;
    CHECK(pager.take(page_of(cids_from(0, count))) == Next::end);
  }
}

TEST_CASE("connz_pager: pages overlap by 64 sessions", "[sessions]") {
  ConnzPager pager;
  CHECK(pager.offset() == 0);
  CHECK(pager.take(page_of(cids_from(0, 1024))) == Next::page);
  CHECK(pager.offset() == 960);
  CHECK(pager.take(page_of(cids_from(960, 1984))) == Next::page);
  CHECK(pager.offset() == 1920);
  CHECK(pager.take(page_of(cids_from(1920, 1984))) == Next::end);
}

TEST_CASE("connz_pager: a server whose sessions fill pages exactly is read to its end",
          "[sessions]") {
  for (const std::uint64_t count : {1024ULL, 1984ULL, 2944ULL, 5000ULL}) {
    CAPTURE(count);
    CHECK(read_all(cids_from(0, count), [](Cids&, int) {}).size() == count);
  }
}

TEST_CASE("connz_pager: sessions that end within the overlap hide none", "[sessions]") {
  const auto seen = read_all(cids_from(0, 3000), [](Cids& all, int page) {
    if (page == 0) end_sessions(all, 0, 63);
    if (page == 1) end_sessions(all, 1000, 1060);
  });
  CHECK(seen == set_of(cids_from(0, 3000)));
}

TEST_CASE("connz_pager: where more have ended than pages overlap, it goes back", "[sessions]") {
  for (const std::uint64_t ended : {64ULL, 65ULL, 500ULL, 1024ULL, 1500ULL}) {
    CAPTURE(ended);
    const auto seen = read_all(cids_from(0, 4000), [ended](Cids& all, int page) {
      if (page == 1) end_sessions(all, 0, ended);
    });
    for (const std::uint64_t cid : cids_from(ended, 4000))
      CHECK(seen.contains(cid));
  }
}

TEST_CASE("connz_pager: sessions that go on ending are followed to the front", "[sessions]") {
  // Each page finds as many gone before it as would hide the next.
  const auto seen = read_all(cids_from(0, 6000), [](Cids& all, int page) {
    if (page < 20) end_sessions(all, 0, static_cast<std::uint64_t>(page) * 200);
  });
  for (const std::uint64_t cid : cids_from(3800, 6000))
    CHECK(seen.contains(cid));
}

TEST_CASE("connz_pager: an empty page after a full one is not taken for the end", "[sessions]") {
  ConnzPager pager;
  CHECK(pager.take(page_of(cids_from(0, 1024))) == Next::page);
  CHECK(pager.take(page_of({})) == Next::step_back);
  CHECK(pager.offset() == 0);
  CHECK(pager.take(page_of({})) == Next::end);  // all have ended
}

TEST_CASE("connz_pager: sessions that come while it reads are at the end, and are read",
          "[sessions]") {
  const auto seen = read_all(cids_from(0, 1500), [](Cids& all, int page) {
    if (page == 0) all.push_back(2000);
  });
  CHECK(seen.contains(2000));
}

TEST_CASE("connz_pager: a copy is not moved by what the other takes", "[sessions]") {
  ConnzPager pager;
  const ConnzPager before = pager;
  CHECK(pager.take(page_of(cids_from(0, 1024))) == Next::page);
  CHECK(before.offset() == 0);
}

TEST_CASE("connz_pager: a server that never comes to an end is refused", "[sessions]") {
  const bool same = GENERATE(true, false);
  ConnzPager pager;
  std::uint64_t pages = 0;
  // The same page again and again, or in turn with one that skips: back and forth.
  while (pages <= ConnzPager::kMaxPages) {
    Connz page = page_of(cids_from(0, 1024));
    if (!same && pages % 2 == 1) page.first_cid = page.last_cid = ~std::uint64_t{0};
    if (pager.take(page) == Next::refuse) break;
    ++pages;
  }
  CHECK(pages == ConnzPager::kMaxPages);
  CHECK(pager.take(page_of({})) == Next::refuse);
}

TEST_CASE("connz_pager: absurd pages do not move it out of range", "[sessions]") {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  Connz page;
  page.more = true;  // full, and yet without a cid that can be read
  ConnzPager pager;
  CHECK(pager.take(page) == Next::page);
  CHECK(pager.offset() == 960);
  page.first_cid = kMax;
  page.last_cid = 0;  // in no order
  CHECK(pager.take(page) == Next::page);
  CHECK(pager.take(page) == Next::step_back);
  CHECK(pager.offset() == 896);
  CHECK(pager.take(page) == Next::step_back);
  CHECK(pager.offset() == 0);
  page.more = false;
  CHECK(pager.take(page) == Next::end);
}
