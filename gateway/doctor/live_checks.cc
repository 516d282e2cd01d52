#include "gateway/doctor/live_checks.h"

#include "gateway/doctor/doctor.h"

namespace gateway {

std::vector<Finding> judge_live(const LiveAnswers& answers, const SeenByGateway& seen_by_gateway) {
  std::vector<Finding> findings;
  const Place at{answers.url, 0};
  const auto error = [&](Check check_id, std::string what, std::string remedy) {
    findings.push_back({check_id, Severity::error, at, std::move(what), std::move(remedy)});
  };
  if (answers.ping_let_in || answers.nobody_let_in) {
    error(Check::anonymous_let_in,
          answers.nobody_let_in ? "A client without a credential was let in."
                                : "A client that sent PING without CONNECT was let in.",
          "Remove no_auth_user, and check that the configuration that this server was started with "
          "has auth_callout.");
  }
  if (answers.stranger.let_in) {
    error(Check::stranger_let_in,
          "A client with a credential id and a secret that do not exist was let in.",
          "Check that the configuration that this server was started with has auth_callout.");
  } else if (seen_by_gateway && answers.asks_about_stranger &&
             !seen_by_gateway(answers.stranger.login)) {
    error(Check::not_asked, "An unknown client was refused, but credgate was not asked.",
          "Check that credgate is connected to this server, in its callout account.");
  }
  for (const TriedLogin& user : answers.static_users) {
    if (!user.let_in || (seen_by_gateway && seen_by_gateway(user.login))) continue;
    findings.push_back({Check::static_user_let_in, Severity::warning, at,
                        "The user " + shown(user.login) + " was let in.",
                        "Unless a no_auth_user names it, import it (credgate import --nats-config "
                        "FILE). Remove it from auth_users and from nats-server's configuration."});
  }
  return findings;
}

}  // namespace gateway
