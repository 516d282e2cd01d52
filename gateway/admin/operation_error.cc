#include "gateway/admin/operation_error.h"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

struct Row {
  Code code;
  std::string_view word;
  int exit;
};
constexpr std::array<Row, 10> kRows = {{{Code::fault, "fault", 1},
                                        {Code::usage, "usage", 2},
                                        {Code::not_found, "not_found", 3},
                                        {Code::conflict, "conflict", 4},
                                        {Code::refused, "refused", 5},
                                        {Code::forbidden, "forbidden", 5},
                                        {Code::configuration, "configuration", 78},
                                        {Code::busy, "busy", 75},
                                        {Code::sessions_open, "sessions_open", 6},
                                        {Code::no_input, "no_input", 66}}};

const Row& row(Code code) {
  return kRows.at(static_cast<std::size_t>(code));
}

}  // namespace

std::string_view name(Code code) {
  return row(code).word;
}

Code read_code(std::string_view word) {
  const auto* found = std::ranges::find(kRows, word, &Row::word);
  return found == kRows.end() ? Code::fault : found->code;
}

int exit_code(Code code) {
  return row(code).exit;
}

void fail(const store::Refused& refused) {
  switch (refused.why) {
    case store::Refusal::not_found:
      throw OperationError(Code::not_found, refused.message);
    case store::Refusal::conflict:
      throw OperationError(Code::conflict, refused.message);
    case store::Refusal::invalid:
      throw OperationError(Code::usage, refused.message);
    case store::Refusal::revoked:
    case store::Refusal::over_budget:
      break;
  }
  throw OperationError(Code::refused, refused.message);
}

}  // namespace gateway
