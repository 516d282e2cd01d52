#include "gateway/platform/watchdog.h"

#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "gateway/platform/log.h"
#include "gateway/platform/pause.h"

namespace gateway {
namespace {

std::optional<std::int64_t> whole_number(const char* text) {
  if (text == nullptr) return std::nullopt;
  std::int64_t number = 0;
  const char* end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, number);
  return read.ec == std::errc{} && read.ptr == end ? std::optional{number} : std::nullopt;
}

}  // namespace

Watchdog::Watchdog(const char* usec, const char* pid, const SdNotify& notify, Look look)
    : notify_(notify), look_(std::move(look)) {
  const auto limit = whole_number(usec);
  if (!limit || *limit <= 0) return;
  // The variables may have been handed down from another service.
  if (pid != nullptr && whole_number(pid) != std::int64_t{getpid()}) return;
  interval_ = std::chrono::microseconds{*limit} / 3;
  thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void Watchdog::run(const std::stop_token& stop) const {
  Pause pause;
  bool was_well = true;
  while (!stop.stop_requested()) {
    const auto problem = look_();
    if (!problem) notify_.alive();
    // Once, and before it is too late to say anything.
    if (problem && was_well) log(Level::error, "stuck", {{"error", *problem}});
    was_well = !problem;
    pause.wait(stop, interval_);
  }
}

}  // namespace gateway
