#include "gateway/cli/closing.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <thread>

#include "gateway/admin/operations/closing.h"
#include "gateway/cli/daemons.h"
#include "gateway/cli/run_operation.h"
#include "gateway/sessions/session_query.h"

namespace gateway::cli {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr auto kPatience = 5s;
// For a daemon that is about to connect again.
constexpr auto kPatienceUnconnected = 1s;
constexpr auto kPollInterval = 20ms;

// What the daemons say together. Each closes the sessions of the whole cluster, so it is done where
// one has done it.
struct Answers {
  bool any = false;        // a daemon runs
  bool connected = false;  // and could close sessions now
  bool done = false;
  std::uint64_t closed = 0;
  std::uint64_t open = 0;
  std::string problem{};  // of those that cannot be asked
};

Answers ask_all(Local& local, const nlohmann::json& question) {
  const Daemons daemons = ask_daemons(local.config(), "", question);
  Answers all{.any = !daemons.answers.empty() || !daemons.problems.empty(),
              .problem = daemons.not_permitted};
  if (!daemons.problems.empty()) all.problem = daemons.problems.front();
  for (const nlohmann::json& answer : daemons.answers) {
    if (!answer.value("system", false)) continue;
    all.connected = all.connected || answer.value("connected", false);
    all.done = all.done || answer.value("done", false);
    all.closed = std::max(all.closed, answer.value("closed", std::uint64_t{0}));
    all.open = std::max(all.open, answer.value("open", std::uint64_t{0}));
  }
  return all;
}

Answers await_answers(Local& local, const nlohmann::json& question) {
  const auto began = Clock::now();
  while (true) {
    Answers answers = ask_all(local, question);
    const auto patience = answers.connected ? kPatience
                          : answers.any     ? std::chrono::seconds{kPatienceUnconnected}
                                            : 0s;
    if (answers.done || Clock::now() - began >= patience) return answers;
    std::this_thread::sleep_for(kPollInterval);
  }
}

std::string why_not(const Answers& answers) {
  if (answers.connected) return "not every server has answered yet";
  if (!answers.problem.empty()) return answers.problem;
  return answers.any ? "no daemon is connected to the system account"
                     : "no daemon runs on this machine";
}

// Absent where the servers cannot be asked, or not all of what they have is known.
std::optional<std::uint64_t> count_open(Local& local, const std::string& credential) {
  const Keys* keys = local.all_keys();
  if (keys == nullptr || !keys->system) return std::nullopt;
  try {
    std::uint64_t count = 0;
    const auto record = local.store().get(credential);
    const bool leafnodes = record && may_be_leafnode(*record);
    for (const auto& [id, servers] :
         find_sessions(local.config().system, *keys->system, {credential}, {})) {
      for (const ServerSessions& server : servers) {
        if (!server.complete || (leafnodes && !server.names_leafnodes)) return std::nullopt;
        count += server.sessions.size();
      }
    }
    return count;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string sessions_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " session" : " sessions");
}

Json ask_and_count(Local& local, const ClosingRequest& request) {
  const Answers answers = await_answers(
      local,
      {{"ask", "closing"}, {"credential", request.credential}, {"sequence", request.sequence}});
  if (answers.done) return write_closing(answers.closed, 0, "");
  auto open = count_open(local, request.credential);
  // A server that hangs is missing in what the others tell: one that a daemon waits for may be it.
  if (open && *open == 0 && !answers.connected) return write_closing(answers.closed, 0, "");
  if (answers.connected && open.value_or(0) < answers.open) open = answers.open;
  if (answers.connected && open && *open == 0) open.reset();
  return write_closing(answers.closed, open, why_not(answers));
}

}  // namespace

Json await_closing(Local& local, const ClosingRequest& request) {
  try {
    return ask_and_count(local, request);
  } catch (const std::exception& fault) {
    return write_closing(0, std::nullopt, fault.what());
  }
}

ClosingWords::ClosingWords(const Json& result) {
  const Json closing = result.value("closing", Json::object());
  const Json& record = result.contains("credential") ? result.at("credential") : result;
  const auto closed = closing.value("closed", std::uint64_t{0});
  if (closing.value("done", false)) {
    closed_ = closed == 0 ? "no session was open" : sessions_text(closed) + " closed";
    return;
  }
  if (closed > 0) closed_ = sessions_text(closed) + " closed";
  const Json open = closing.value("open", Json(nullptr));
  problem_ =
      "no gateway could close " + std::string(closed > 0 ? "all of its sessions" : "its sessions") +
      ": " +
      (open.is_number_unsigned()
           ? sessions_text(open.get<std::uint64_t>()) + (open == 1 ? " is" : " are") + " still open"
           : "how many are still open is not known") +
      " (" + closing.value("why", "the gateway is of an earlier version, and does not tell") +
      "). Look: credgate sessions " + text_at(record, "id");
}

void report_unclosed(const ClosingWords& words, bool required) {
  if (words.done()) return;
  if (required) throw OperationError(Code::sessions_open, words.problem());
  std::cerr << "warning: " << words.problem() << '\n';
}

}  // namespace gateway::cli
