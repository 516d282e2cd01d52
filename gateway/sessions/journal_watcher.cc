#include "gateway/sessions/journal_watcher.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <filesystem>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxEntries = 256;
// LMDB shows a commit to readers shortly after it has written the page that inotify tells of. So it
// is looked for again soon, and then at leisure.
constexpr std::array<std::chrono::microseconds, 8> kRetryDelays = {100us, 200us, 500us, 1ms,
                                                                   2ms,   5ms,   20ms,  100ms};
constexpr std::chrono::microseconds kPollInterval = 1s;

void empty(int fd) {
  alignas(inotify_event) std::array<char, 4096> bytes;
  while (read(fd, bytes.data(), bytes.size()) > 0) {
  }
}

Fd opened(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return Fd{fd};
}

}  // namespace

JournalWatcher::JournalWatcher(const store::Store& store, const std::filesystem::path& directory,
                               OnEntry on_entry, Earlier earlier)
    : store_(store),
      on_entry_(std::move(on_entry)),
      earlier_(std::move(earlier)),
      events_(opened(inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify")),
      wake_(opened(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")),
      txn_(store.last_txn()),
      sequence_(store.totals().sequence) {
  const auto file = directory / "data.mdb";
  if (inotify_add_watch(events_.get(), file.c_str(), IN_MODIFY) < 0) {
    throw std::system_error(errno, std::generic_category(), "inotify: " + file.string());
  }
  if (earlier_.on_entry) earlier_before_ = sequence_ + 1;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

JournalWatcher::~JournalWatcher() {
  thread_.request_stop();
  const std::uint64_t one = 1;
  // An eventfd takes a first one always.
  [[maybe_unused]] const auto written = write(wake_.get(), &one, sizeof one);
}

bool JournalWatcher::wait(std::chrono::microseconds patience) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
  const timespec limit{.tv_sec = seconds.count(),
                       .tv_nsec = std::chrono::nanoseconds{patience - seconds}.count()};
  std::array<pollfd, 2> both = {pollfd{events_.get(), POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0}};
  const bool told = ppoll(both.data(), both.size(), &limit, nullptr) > 0;
  empty(events_.get());
  return told;
}

void JournalWatcher::tell(const OnEntry& on_entry, const store::Entry& entry) {
  try {
    on_entry(entry);
  } catch (const std::exception& fault) {
    log(Level::error, "fault", {{"error", fault.what()}});
  }
}

// A page. Writers note the time before they wait for each other, so only a whole page that is older
// is the end.
void JournalWatcher::read_earlier() {
  const std::uint64_t after = earlier_before_ > kMaxEntries ? earlier_before_ - kMaxEntries - 1 : 0;
  auto entries = store_.history(after, earlier_before_ - after - 1, {});
  // The oldest are removed in time.
  std::erase_if(entries, [&](const auto& entry) { return entry.sequence >= earlier_before_; });
  const bool end =
      std::ranges::none_of(entries, [&](const auto& entry) { return entry.at >= earlier_.since; });
  earlier_before_ = end || after == 0 ? 0 : after + 1;
  if (end) return;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
    tell(earlier_.on_entry, *entry);
}

bool JournalWatcher::read_on() {
  const std::uint64_t txn = store_.last_txn();
  if (txn == txn_) return false;
  while (true) {
    const auto entries = store_.history(sequence_, kMaxEntries, {});
    for (const store::Entry& entry : entries) {
      sequence_ = entry.sequence;
      tell(on_entry_, entry);
    }
    if (entries.size() < kMaxEntries) break;
  }
  txn_ = txn;
  return true;
}

void JournalWatcher::run(const std::stop_token& stop) {
  std::size_t pause = 0;
  while (!stop.stop_requested()) {
    const bool soon = pause < kRetryDelays.size();
    const bool told = wait(soon ? kRetryDelays.at(pause) : kPollInterval);
    try {
      const bool earlier = earlier_before_ > 0;
      const bool more = read_on();
      if (earlier) read_earlier();
      if (more || told || earlier) {
        pause = 0;
      } else if (soon) {
        ++pause;
      }
    } catch (const std::exception& fault) {
      log(Level::error, "fault", {{"error", fault.what()}});
      pause = kRetryDelays.size();
    }
  }
}

}  // namespace gateway
