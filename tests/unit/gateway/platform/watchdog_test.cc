#include "gateway/platform/watchdog.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include <unistd.h>

#include "tests/support/catch.h"
#include "tests/support/notify_listener.h"
#include "tests/support/temp_dir.h"

using namespace gateway;
using namespace std::chrono_literals;
using made::NotifyListener;

namespace {

constexpr const char* kUsec = "30000";  // fed every 10 ms

bool fed_within(const NotifyListener& listener, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    if (listener.next() == "WATCHDOG=1") return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

}  // namespace

TEST_CASE("watchdog: the watchdog is fed while all is well, and only then", "[platform]") {
  const TempDir dir;
  const std::string path = dir.path() / "notify";
  const NotifyListener listener{path};
  const SdNotify notify{path.c_str()};
  std::atomic<bool> well = true;
  std::atomic<int> looks = 0;
  const Watchdog watchdog{kUsec, std::to_string(getpid()).c_str(), notify, [&] {
                            ++looks;
                            return well ? std::nullopt : std::optional<std::string>{"stuck"};
                          }};
  REQUIRE(fed_within(listener, 10s));
  well = false;
  const int then = looks;
  while (looks < then + 2)  // the look that was going on is over
    std::this_thread::sleep_for(1ms);
  while (listener.next() != "nothing") {
  }
  while (looks < then + 5)
    std::this_thread::sleep_for(1ms);
  CHECK(listener.next() == "nothing");
  well = true;
  CHECK(fed_within(listener, 10s));
}

TEST_CASE("watchdog: without a watchdog of its own the daemon feeds none", "[platform]") {
  const TempDir dir;
  const std::string path = dir.path() / "notify";
  const NotifyListener listener{path};
  const SdNotify notify{path.c_str()};
  const auto looked = [&](const char* usec, const char* pid) {
    std::atomic<bool> looks = false;
    const Watchdog watchdog{usec, pid, notify, [&]() -> std::optional<std::string> {
                              looks = true;
                              return "stuck";
                            }};
    // Long enough for the one that is to look.
    const auto end = std::chrono::steady_clock::now() + 200ms;
    while (!looks && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(1ms);
    return looks.load();
  };
  CHECK(looked(kUsec, nullptr));
  CHECK_FALSE(looked(nullptr, nullptr));
  CHECK_FALSE(looked("", nullptr));
  CHECK_FALSE(looked("0", nullptr));
  CHECK_FALSE(looked("-5", nullptr));
  CHECK_FALSE(looked("3s", nullptr));
  CHECK_FALSE(looked(kUsec, "1"));
  CHECK(listener.next() == "nothing");
}
