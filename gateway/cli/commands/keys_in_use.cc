#include "gateway/cli/commands/keys_in_use.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <iostream>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "gateway/cli/pages.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/fd.h"

namespace gateway::cli {
namespace {

std::uint64_t count_users(const Context& context, const std::string& key_id) {
  Local local{context};
  const auth::Time now = now_in_seconds();
  const auto needs_it = [&](const auth::Credential& c) {
    return c.status != auth::Status::revoked &&
           std::ranges::any_of(c.secrets, [&](const auth::StoredSecret& secret) {
             const bool over = secret.expires_at && *secret.expires_at <= now;
             return secret.key_id == key_id && !over;
           });
  };
  std::uint64_t count = 0;
  for_pages(local.store(), {}, [&](const std::vector<auth::Credential>& page) {
    count += static_cast<std::uint64_t>(std::ranges::count_if(page, needs_it));
  });
  // What was noted under the key must be noted under the first one: without the key, a store whose
  // note it has signed is refused.
  local.store().note_head();
  return count;
}

}  // namespace

std::uint64_t count_in_use(const Context& context, const std::string& key_id) {
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0)
    throw OperationError(Code::fault, std::string("pipe: ") + std::strerror(errno));
  const Fd from_child{ends[0]};
  Fd to_parent{ends[1]};
  const pid_t child = fork();
  if (child < 0) throw OperationError(Code::fault, std::string("fork: ") + std::strerror(errno));
  if (child == 0) {
    try {
      const std::uint64_t count = count_users(context, key_id);
      _exit(write(to_parent.get(), &count, sizeof count) == sizeof count ? 0 : 1);
    } catch (const std::exception& fault) {
      std::cerr << "credgate: " << fault.what() << std::endl;
      _exit(1);
    }
  }
  to_parent.reset();  // else the end of the child would not end the read
  std::uint64_t count = 0;
  const bool read_it = read(from_child.get(), &count, sizeof count) == sizeof count;
  int status = 0;
  waitpid(child, &status, 0);
  if (!read_it)
    throw OperationError(Code::fault,
                         "could not count the credentials stored under this key, or note the "
                         "store's head under the first one; nothing was changed");
  return count;
}

}  // namespace gateway::cli
