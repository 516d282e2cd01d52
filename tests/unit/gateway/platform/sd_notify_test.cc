#include "gateway/platform/sd_notify.h"

#include <string>

#include <unistd.h>

#include "tests/support/catch.h"
#include "tests/support/notify_listener.h"
#include "tests/support/temp_dir.h"

using gateway::SdNotify;
using made::NotifyListener;

namespace {

void check_told(const NotifyListener& listener, const std::string& name) {
  SdNotify notify{name.c_str()};
  notify.ready();
  CHECK(listener.next() == "READY=1");
  notify.status("two\nlines");
  CHECK(listener.next() == "STATUS=two lines");
  notify.status("two\nlines");
  CHECK(listener.next() == "nothing");
  notify.reloading();
  CHECK(listener.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  notify.stopping();
  CHECK(listener.next() == "STOPPING=1");
  notify.alive();
  CHECK(listener.next() == "WATCHDOG=1");
}

}  // namespace

TEST_CASE("sd_notify: systemd is told over a socket with a path, and over an abstract one",
          "[platform]") {
  const TempDir dir;
  const std::string path = dir.path() / "notify";
  check_told(NotifyListener{path}, path);
  const std::string abstract = "@credgate-notify-" + std::to_string(getpid());
  check_told(NotifyListener{abstract}, abstract);
}

TEST_CASE("sd_notify: nobody is told where nobody listens", "[platform]") {
  const std::string long_name = "/" + std::string(200, 'x');
  for (const char* name :
       {static_cast<const char*>(nullptr), "", "vsock:2:1", "/nowhere/at/all", long_name.c_str()}) {
    SdNotify notify{name};
    CHECK_NOTHROW(notify.ready());
    CHECK_NOTHROW(notify.status("x"));
  }
}
