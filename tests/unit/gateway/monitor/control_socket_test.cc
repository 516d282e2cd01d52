#include "gateway/monitor/control_socket.h"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/stat.h>

#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace gateway;
using OrderedJson = nlohmann::ordered_json;

namespace {

ControlSocket::Answer echo() {
  return [](const nlohmann::json& question) {
    if (question.at("ask") == "odd") throw std::runtime_error("no such question");
    return OrderedJson{{"asked", question.at("ask")}, {"text", "two\nlines"}};
  };
}

template <class Try>
std::string complaint(const Try& attempt) {
  try {
    attempt();
  } catch (const std::runtime_error& fault) {
    return fault.what();
  }
  return "none";
}

std::string complaint_of(const std::filesystem::path& path, const std::string& question) {
  return complaint([&] { static_cast<void>(ask_control(path, {{"ask", question}})); });
}

std::string complaint_of_another(const std::filesystem::path& path) {
  return complaint([&] { const ControlSocket control{path, echo()}; });
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("control_socket: who asks the control socket is answered, one after the other",
          "[monitor]") {
  const TempDir dir;
  const auto path = control_socket(dir.path(), "one");
  {
    const ControlSocket control{path, echo()};
    CHECK(ask_control(path, {{"ask", "status"}}).at("asked") == "status");
    CHECK(ask_control(path, {{"ask", "status"}}).at("text") == "two\nlines");
    CHECK(contains(complaint_of(path, "odd"), "no such question"));
    struct stat is{};
    REQUIRE(stat(path.c_str(), &is) == 0);
    CHECK((is.st_mode & 0777) == 0600);
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(contains(complaint_of(path, "status"), path.string()));
}

TEST_CASE("control_socket: a socket of one that died is replaced, of one that lives is not",
          "[monitor]") {
  const TempDir dir;
  const auto path = control_socket(dir.path(), "one");
  {
    const ControlSocket control{path, echo()};
    CHECK(contains(complaint_of_another(path), "another daemon"));
    // As after kill -9: the file stays, and nobody listens.
    std::filesystem::rename(path, dir.path() / "kept");
  }
  std::filesystem::rename(dir.path() / "kept", path);
  const ControlSocket control{path, echo()};
  CHECK(ask_control(path, {{"ask", "status"}}).at("asked") == "status");
}

TEST_CASE("control_socket: a control socket that cannot be made says where and why", "[monitor]") {
  const TempDir dir;
  CHECK(contains(complaint_of_another(control_socket(dir.path() / "none", "one")), "run_dir"));
  const auto far = control_socket(dir.path() / std::string(120, 'x'), "one");
  CHECK(contains(complaint_of_another(far), "107 bytes"));
}
