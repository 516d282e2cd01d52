#include "gateway/nats/server_links.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kMaxDrain = 3s;
constexpr auto kMaxFlush = 2s;

}  // namespace

ServerLinks::ServerLinks(LinkTable& table, Deps deps) : table_(table), deps_(std::move(deps)) {
  start_keepers();
}

ServerLinks::~ServerLinks() {
  request_stop();
  Keepers ending;  // without the lock, which they take
  ending.swap(*keepers_.lock());
}

void ServerLinks::start_keepers() {
  const auto wanted = table_.wanted();
  const auto stopped = stopped_.lock();
  if (*stopped) return;
  const auto keepers = keepers_.lock();
  keepers->remove_if([](const Keeper& keeper) { return keeper.ended; });
  for (const std::string& url : wanted) {
    const auto is_its = [&](const Keeper& keeper) { return keeper.url == url; };
    if (std::ranges::any_of(*keepers, is_its)) continue;
    Keeper& keeper = keepers->emplace_back();
    keeper.url = url;
    keeper.thread =
        std::jthread{[this, &keeper](const std::stop_token& stop) { keep(stop, keeper); }};
  }
}

void ServerLinks::set_idle(Keeper& keeper, bool idle) {
  const auto keepers = keepers_.lock();
  keeper.idle = idle;
  changed_.notify_all();
}

void ServerLinks::keep(const std::stop_token& stop, Keeper& keeper) {
  auto delay = deps_.timing.min_delay;
  while (!stop.stop_requested() && table_.wants(keeper.url)) {
    if (table_.stands_by(keeper.url)) {
      keeper.pause.wait(stop, deps_.timing.poll);
      continue;
    }
    const auto began = Clock::now();
    const bool made = make_link(stop, keeper);
    if (made && Clock::now() - began >= deps_.timing.max_delay) {
      delay = deps_.timing.min_delay;
      continue;
    }
    // Also where a server lets in and closes at once.
    keeper.pause.wait(stop, delay);
    delay = std::min(delay * 2, deps_.timing.max_delay);
  }
  const auto keepers = keepers_.lock();
  keeper.idle = keeper.ended = true;
  changed_.notify_all();
}

void ServerLinks::note_failure(const std::string& url, const std::string& error) {
  if (!table_.set_down(url, error, now_in_seconds())) return;
  const Level level = table_.another_up(url) ? Level::warning : Level::error;
  log(level, deps_.events.failed, {{"url", url}, {"error", error}});
}

bool ServerLinks::make_link(const std::stop_token& stop, Keeper& keeper) {
  try {
    LameDuckSignal& lame_duck = deps_.lame_ducks.of(keeper.url);
    const std::uint64_t before = lame_duck.count();
    const auto link = deps_.dial(keeper.url, lame_duck);
    if (!table_.claim(keeper.url, link->server_id())) return true;
    set_idle(keeper, false);
    const std::string why_lost =
        serve(stop, keeper, *link, [&] { return lame_duck.count() != before; });
    const bool drained = why_lost.empty() && link->drain();
    if (drained && stop.stop_requested()) drained_.lock()->push_back(link);
    table_.set_down(keeper.url, why_lost, now_in_seconds());
    deps_.on_change();
  } catch (const std::exception& fault) {
    note_failure(keeper.url, fault.what());
    set_idle(keeper, true);
    return false;
  }
  set_idle(keeper, true);
  return true;
}

std::string ServerLinks::serve(const std::stop_token& stop, Keeper& keeper, ServerLink& link,
                               const std::function<bool()>& lame_duck) {
  keeper.next_question = Clock::now() + deps_.timing.ask_every;
  bool serves = false;
  while (!stop.stop_requested() && table_.wants(keeper.url)) {
    if (const std::string why = why_lost(keeper, link); !why.empty()) return why;
    // Whoever is let in by another server meanwhile loses nothing.
    if (lame_duck() && table_.another_up(keeper.url)) {
      log(Level::info, "lame_duck", {{"url", keeper.url}});
      return "";
    }
    table_.discovered(keeper.url, link.discovered());
    start_keepers();
    link.serve(table_.several());
    if (!std::exchange(serves, true)) {
      table_.set_up(keeper.url, now_in_seconds());
      deps_.on_change();
      log(Level::info, deps_.events.up, {{"url", keeper.url}});
    }
    keeper.pause.wait(stop, deps_.timing.poll);
  }
  return "";
}

std::string ServerLinks::why_lost(Keeper& keeper, const ServerLink& link) {
  const bool others = table_.another_up(keeper.url);
  if (!link.alive()) {
    log(others ? Level::warning : Level::error, deps_.events.lost, {{"url", keeper.url}});
    return "the connection was lost";
  }
  if (!others || Clock::now() < keeper.next_question || !hangs(keeper, link)) return "";
  log(Level::warning, "server_hangs", {{"url", keeper.url}});
  return "the server did not answer";
}

// Where none of the others answers either, this machine may be too busy to see it.
bool ServerLinks::hangs(Keeper& keeper, const ServerLink& link) {
  const auto asked = Clock::now();
  if (!link.answers(deps_.timing.patience)) return table_.another_answered(keeper.url, asked);
  table_.answered(keeper.url, asked);
  keeper.next_question = Clock::now() + deps_.timing.ask_every;
  return false;
}

void ServerLinks::request_stop() {
  *stopped_.lock() = true;
  for (Keeper& keeper : *keepers_.lock())
    keeper.thread.request_stop();
}

void ServerLinks::flush() {
  for (const auto& link : *drained_.lock())
    static_cast<void>(link->answers(kMaxFlush));
}

void ServerLinks::drain() {
  request_stop();
  auto keepers = keepers_.lock();
  keepers.wait_until(changed_, {}, Clock::now() + kMaxDrain,
                     [&] { return std::ranges::all_of(*keepers, &Keeper::idle); });
}

}  // namespace gateway
