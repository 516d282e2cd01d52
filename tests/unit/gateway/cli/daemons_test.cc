#include "gateway/cli/daemons.h"

#include <latch>

#include <sys/stat.h>

#include "gateway/admin/operation_error.h"
#include "gateway/monitor/control_socket.h"
#include "tests/support/captured.h"
#include "tests/support/catch.h"
#include "tests/support/other_user.h"
#include "tests/support/temp_dir.h"

using namespace gateway;

namespace {

// What another user than the daemon's is told who asks.
std::string complaint_of_other(const std::filesystem::path& run_dir) {
  Config config;
  config.run_dir = run_dir;
  config.store.directory = run_dir;
  const ActingAs other{made::kOtherUser};  // root may open every socket
  made::Captured problems{STDERR_FILENO};
  try {
    cli::require_answers(cli::ask_daemons(config, "", {{"ask", "status"}}));
  } catch (const OperationError& error) {
    return problems.end() + error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("daemons: who may not ask the daemons is told that, not that there are none", "[cli]") {
  const TempDir dir;
  const auto run_dir = dir.path() / "run";
  const std::string others = geteuid() == 0 ? "" : " and " + user_name(geteuid());
  const std::string who = "; only root" + others + " may ask the daemons";
  REQUIRE(chmod(dir.path().c_str(), 0755) == 0);
  CHECK(complaint_of_other(run_dir).starts_with("no daemon answers in " + run_dir.string()));

  std::filesystem::create_directory(run_dir);
  REQUIRE(chmod(run_dir.c_str(), 0755) == 0);
  CHECK(complaint_of_other(run_dir).starts_with("no daemon answers in "));
  const auto socket = control_socket(run_dir, "one");
  const ControlSocket control{
      socket, [](const nlohmann::json&) { return nlohmann::ordered_json{{"instance", "one"}}; }};
  if (geteuid() == 0)
    CHECK(complaint_of_other(run_dir).starts_with(socket.string() + ": Permission denied" + who));

  REQUIRE(chmod(run_dir.c_str(), 0) == 0);
  CHECK(complaint_of_other(run_dir).starts_with(run_dir.string() + ": Permission denied" + who));
  REQUIRE(chmod(run_dir.c_str(), 0700) == 0);
}

TEST_CASE("daemons: all are asked at once, as several may hang", "[cli]") {
  const TempDir dir;
  Config config;
  config.run_dir = config.store.directory = dir.path();
  std::latch asked{2};
  const auto answer = [&asked](const nlohmann::json&) {
    asked.arrive_and_wait();
    return nlohmann::ordered_json::object();
  };
  const ControlSocket one{control_socket(dir.path(), "one"), answer};
  const ControlSocket two{control_socket(dir.path(), "two"), answer};
  const auto daemons = cli::ask_daemons(config, "", {{"ask", "status"}});
  CHECK(daemons.answers.size() == 2);
  CHECK(daemons.problems.empty());
}
