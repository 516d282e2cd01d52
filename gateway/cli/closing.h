#pragma once
// How many sessions a change has closed. A daemon closes them, so a command asks the daemons, and
// where none has, the servers.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/admin/operations/context.h"
#include "gateway/cli/context.h"
#include "gateway/sessions/closing.h"

namespace gateway::cli {

// What the daemons say together, each in its answer to "closing": control_commands.h. Each closes
// the sessions of the whole cluster, but one that has just begun does not know of a server that
// hung before: it is done only where each that is connected has done it, and settled where each is.
ClosingReport join_closing_answers(const std::vector<nlohmann::json>& answers);

// As write_closing(). Waits for the daemons of this machine, some seconds at most. What cannot be
// learnt is said in `why`, never thrown: the change is made. Where no daemon could tell, `servers`
// are those that were asked in its place and answered: others there may be.
nlohmann::ordered_json await_closing(Local& local, const ClosingRequest& request);

// What a result's member `closing` says to people.
class ClosingWords {
 public:
  // `result`: of a change that closes sessions.
  explicit ClosingWords(const nlohmann::ordered_json& result);
  bool done() const { return problem_.empty(); }
  // "2 sessions closed"; empty where none was and it is not done.
  const std::string& closed() const { return closed_; }
  // Why it is not done, how many are open and what comes next; empty where it is done.
  const std::string& problem() const { return problem_; }

 private:
  std::string closed_;
  std::string problem_;
};

// Throws OperationError (sessions_open) where it is not done, or only warns of it: `required`.
void report_unclosed(const ClosingWords& words, bool required);

}  // namespace gateway::cli
