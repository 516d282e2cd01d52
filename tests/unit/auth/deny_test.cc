#include "auth/deny.h"

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/support/catch.h"

using namespace auth;

TEST_CASE("deny: each detail of a malformed proof has a word of its own, which doc/log.md explains",
          "[auth]") {
  std::ifstream file{CREDGATE_SOURCE_DIR "/doc/log.md"};
  const std::string page{std::istreambuf_iterator<char>{file}, {}};
  std::set<std::string_view> words;
  for (std::size_t i = 1; i < kDetails; ++i) {
    const std::string_view word = name(static_cast<Detail>(i));
    CAPTURE(i, word);
    CHECK(words.insert(word).second);
    CHECK(page.find("| `" + std::string{word} + "` | ") != std::string::npos);
  }
  CHECK(name(Detail::none).empty());
}
