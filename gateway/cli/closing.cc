#include "gateway/cli/closing.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "auth/base/text.h"
#include "gateway/admin/operations/closing.h"
#include "gateway/cli/daemons.h"
#include "gateway/cli/run_operation.h"
#include "gateway/sessions/session_query.h"

namespace gateway::cli {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

// Whoever waits for a command sees its end within ten seconds, whatever hangs.
constexpr auto kPatience = 5s;
// For a daemon that is about to connect again.
constexpr auto kPatienceUnconnected = 1s;
constexpr auto kPollInterval = 20ms;
// A daemon that runs answers within milliseconds.
constexpr auto kDaemonPatience = 1s;
constexpr SearchTime kSearchTime{.connecting = 2s, .searching = 4s};

// What the daemons say together.
struct Answers {
  bool any = false;        // a daemon runs
  ClosingReport report{};  // connected: one of them could close sessions now
  std::string problem{};   // of those that cannot be asked
};

SilentServer read_silent(const nlohmann::json& server) {
  return {.name = server.value("server", ""),
          .silent_for = std::chrono::seconds{server.value("seconds", std::int64_t{0})},
          .sessions = server.value("sessions", std::uint64_t{0})};
}

Answers ask_all(Local& local, const nlohmann::json& question) {
  const Daemons daemons = ask_daemons(local.config(), "", question, kDaemonPatience);
  Answers all{.any = !daemons.answers.empty() || !daemons.problems.empty(),
              .problem = daemons.not_permitted};
  if (!daemons.problems.empty()) all.problem = daemons.problems.front();
  all.report = join_closing_answers(daemons.answers);
  return all;
}

Answers await_answers(Local& local, const nlohmann::json& question) {
  const auto began = Clock::now();
  while (true) {
    Answers answers = ask_all(local, question);
    const auto patience = answers.report.connected ? kPatience
                          : answers.any            ? std::chrono::seconds{kPatienceUnconnected}
                                                   : 0s;
    if (answers.report.is.settled || Clock::now() - began >= patience) return answers;
    std::this_thread::sleep_for(kPollInterval);
  }
}

std::string why_not(const Answers& answers) {
  if (!answers.problem.empty()) return answers.problem;
  return answers.any ? "no daemon is connected to the system account"
                     : "no daemon runs on this machine";
}

// Of what sessions are closed: a credential's id, or auth::role_id().
bool is_role(const std::string& id) {
  return id.find('/') != std::string::npos;
}

// What servers say that were asked without a daemon. Nobody knows which others there are.
struct Counted {
  std::optional<std::uint64_t> open{};  // absent where not all of what they have is known
  std::vector<std::string> servers{};   // that answered
};

Counted count_open(Local& local, const std::string& credential) {
  const Keys* keys = local.all_keys();
  if (keys == nullptr || !keys->system) return {};
  if (is_role(credential)) return {};  // all who have it would have to be looked for
  Counted counted{.open = 0};
  try {
    const auto record = local.store().get(credential);
    const bool leafnodes = record && may_be_leafnode(*record);
    for (const auto& [id, servers] :
         find_sessions(local.config().system, *keys->system, {credential}, {}, kSearchTime)) {
      for (const ServerSessions& server : servers) {
        counted.servers.push_back(server.server_name);
        const bool whole = server.complete && (!leafnodes || server.names_leafnodes);
        if (!whole) counted.open.reset();
        if (counted.open) *counted.open += server.sessions.size();
      }
    }
  } catch (const std::exception&) {
    return {};
  }
  return counted;
}

std::string sessions_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " session" : " sessions");
}

Json ask_and_count(Local& local, const ClosingRequest& request) {
  const Answers answers = await_answers(
      local,
      {{"ask", "closing"}, {"credential", request.credential}, {"sequence", request.sequence}});
  // It counts better than this command could: it knows servers that do not answer.
  if (answers.report.is.done || answers.report.connected)
    return write_closing(request, answers.report);
  const Counted counted = count_open(local, request.credential);
  const std::uint64_t closed = request.repeated ? 0 : answers.report.is.closed;
  std::string why = why_not(answers);
  std::optional<std::uint64_t> open = counted.open;
  // A server that hangs may have one.
  if (open == 0) {
    open.reset();
    why += "; no session was open on the servers that answered: " + auth::join(counted.servers);
  }
  Json json = write_closing(closed, open, why);
  if (!counted.servers.empty()) json["servers"] = counted.servers;
  return json;
}

void add_numbers(const nlohmann::json& answer, Closing::Is& is) {
  is.closed = std::max(is.closed, answer.value("closed", std::uint64_t{0}));
  is.open = std::max(is.open, answer.value("open", std::uint64_t{0}));
}

void add_silent(const nlohmann::json& answer, Closing::Is& is) {
  for (const auto& server : answer.value("unanswered", nlohmann::json::array())) {
    const SilentServer silent = read_silent(server);
    const auto known = std::ranges::find(is.silent, silent.name, &SilentServer::name);
    if (known == is.silent.end()) {
      is.silent.push_back(silent);
    } else {
      known->sessions = std::max(known->sessions, silent.sessions);
    }
  }
}

}  // namespace

ClosingReport join_closing_answers(const std::vector<nlohmann::json>& answers) {
  ClosingReport all;
  bool all_done = true;
  bool all_settled = true;
  bool unconnected_done = false;
  for (const nlohmann::json& answer : answers) {
    if (!answer.value("system", false)) continue;
    const bool done = answer.value("done", false);
    add_numbers(answer, all.is);
    if (!answer.value("connected", false)) {
      unconnected_done = unconnected_done || done;
      continue;
    }
    all.connected = true;
    all_done = all_done && done;
    all_settled = all_settled && answer.value("settled", false);
    add_silent(answer, all.is);
  }
  all.is.done = all.connected ? all_done : unconnected_done;
  all.is.settled = all.connected ? all_settled : unconnected_done;
  return all;
}

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
  const std::string id = text_at(record, "id");
  const std::string sentence = is_role(id) ? "not all sessions of its members are closed yet: "
                                           : std::string("no gateway could close ") +
                                                 (closed > 0 ? "all of " : "") + "its sessions: ";
  problem_ =
      sentence +
      (open.is_number_unsigned()
           ? sessions_text(open.get<std::uint64_t>()) + (open == 1 ? " is" : " are") + " still open"
           : "how many are still open is not known") +
      " (" + closing.value("why", "the gateway is of an earlier version, and does not tell") +
      "). Look: " + (is_role(id) ? "credgate list --role " + id : "credgate sessions " + id);
}

void report_unclosed(const ClosingWords& words, bool required) {
  if (words.done()) return;
  if (required) throw OperationError(Code::sessions_open, words.problem());
  std::cerr << "warning: " << words.problem() << '\n';
}

}  // namespace gateway::cli
