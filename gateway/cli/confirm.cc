#include "gateway/cli/confirm.h"

#include <iostream>

#include <unistd.h>

#include "gateway/admin/operation_error.h"

namespace gateway::cli {

void confirm(const std::string& what, const std::function<void()>& show) {
  if (isatty(STDIN_FILENO) != 1) {
    throw OperationError(Code::usage, what + " is irreversible; pass --yes when not on a terminal");
  }
  if (show) show();
  std::cerr << static_cast<char>(what.front() - 'a' + 'A') << what.substr(1)
            << " is irreversible. Type yes to continue: ";
  std::string answer;
  if (!std::getline(std::cin, answer) || answer != "yes") {
    throw OperationError(Code::refused, "nothing was changed");
  }
}

}  // namespace gateway::cli
