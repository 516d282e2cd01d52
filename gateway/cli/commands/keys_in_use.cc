#include "gateway/cli/commands/keys_in_use.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <iostream>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "auth/base/json.h"
#include "gateway/cli/daemons.h"
#include "gateway/cli/pages.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/fd.h"

namespace gateway::cli {
namespace {

struct KeyUse {
  std::uint64_t credentials = 0;  // not counted where there are `daemons`
  std::string daemons;            // that must be restarted first, in words
};

// Those whose status `is_current` is false for, and those that do not answer.
template <class IsCurrent>
std::string daemons_behind(const Config& config, IsCurrent is_current) {
  const Daemons asked = ask_daemons(config, "", {{"ask", "status"}});
  std::string all;
  const auto add = [&](const std::string& one) { all += (all.empty() ? "" : ", ") + one; };
  for (const auto& status : asked.answers) {
    if (is_current(status)) continue;
    add(status.value("instance", "") + " (pid " + status.value("pid", nlohmann::json{}).dump() +
        ")");
  }
  for (const std::string& problem : asked.problems)
    add(problem + " (remove the socket if its daemon no longer runs)");
  return all;
}

std::uint64_t count_users(Local& local, const std::string& key_id) {
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
  return count;
}

// One of an earlier version does not say it, here and below.
KeyUse find_use(const Context& context, const std::string& key_id) {
  Local local{context};
  const std::string first = local.keys().current().key_id();
  KeyUse use{.daemons = daemons_behind(local.config(), [&](const nlohmann::json& status) {
               return status.value("master_key", "") == first;
             })};
  if (!use.daemons.empty()) return use;
  use.credentials = count_users(local, key_id);
  // What was noted under the key must be noted under the first one: without the key, a store whose
  // note it has signed is refused.
  local.store().note_head();
  return use;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = read(fd, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  return text;
}

KeyUse find_lacking(const Context& context, const std::string& key_id) {
  return {.daemons = daemons_behind(load_config(context.config), [&](const auto& status) {
            const auto held = status.value("master_keys", nlohmann::json::array());
            return std::ranges::find(held, nlohmann::json(key_id)) != held.end();
          })};
}

template <class Find>
KeyUse in_child(Find find) {
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0)
    throw OperationError(Code::fault, std::string("pipe: ") + std::strerror(errno));
  const Fd from_child{ends[0]};
  Fd to_parent{ends[1]};
  const pid_t child = fork();
  if (child < 0) throw OperationError(Code::fault, std::string("fork: ") + std::strerror(errno));
  if (child == 0) {
    try {
      const KeyUse use = find();
      const nlohmann::json answer = {{"credentials", use.credentials}, {"daemons", use.daemons}};
      _exit(write_all(to_parent.get(), auth::write_line(answer)) ? 0 : 1);
    } catch (const std::exception& fault) {
      std::cerr << "credgate: " << fault.what() << std::endl;
      _exit(1);
    }
  }
  to_parent.reset();  // else the end of the child would not end the read
  const auto answer = auth::read_json_object(read_all(from_child.get()));
  int status = 0;
  waitpid(child, &status, 0);
  if (!answer || status != 0)
    throw OperationError(Code::fault,
                         "could not ask the daemons, count the credentials stored under this key, "
                         "or note the store's head under the first one; nothing was changed");
  return {answer->at("credentials").get<std::uint64_t>(), answer->at("daemons").get<std::string>()};
}

}  // namespace

void require_held(const Context& context, const std::string& key_id) {
  const KeyUse use = in_child([&] { return find_lacking(context, key_id); });
  if (use.daemons.empty()) return;
  throw OperationError(Code::refused,
                       "not restarted since this master key was added, and so refusing whatever is "
                       "stored under it; restart: " +
                           use.daemons);
}

void require_unused(const Context& context, const std::string& key_id) {
  const KeyUse use = in_child([&] { return find_use(context, key_id); });
  if (!use.daemons.empty()) {
    throw OperationError(Code::refused,
                         "not restarted since another master key was promoted, and so storing "
                         "under the old one; restart: " +
                             use.daemons);
  }
  if (use.credentials == 0) return;
  throw OperationError(Code::refused,
                       std::to_string(use.credentials) +
                           " credentials are still stored under this key, and would be refused for "
                           "ever; they move to the first key when they are used, or rotate them");
}

}  // namespace gateway::cli
