#pragma once
// An Enforcement with a clock, rules and servers that a test moves.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/sessions/enforcement.h"
#include "tests/support/connz_pages.h"

namespace gateway {

struct EnforcementWorld {
  static constexpr const char* kId = "CGAAAAAAAAAAAAAAAAAA";  // as connection() has it
  struct Asked {
    std::string subject;
    auth::Json body;
    std::uint64_t number = 0;
  };
  using Texts = std::vector<std::string>;

  static auth::SessionRules standing(bool good) {
    auth::SessionRules standing;
    standing.good = good;
    return standing;
  }

  SessionTable sessions;
  ServerTimeout timeout;
  // After the sessions of connz_pages.h began.
  Now now{.steady = Enforcement::TimePoint{std::chrono::hours{10}},
          .wall = auth::Instant{std::chrono::seconds{1'795'546'600}}};
  std::map<std::string, auth::SessionRules> rules{{kId, standing(true)}};
  bool faulty = false;
  Enforcement enforcement{sessions, timeout, members()};
  std::uint64_t kicked = 0;
  Texts noted;

  auth::Time today() const { return std::chrono::floor<std::chrono::seconds>(now.wall); }
  Enforcement::Rules lookup() {
    return [this](const std::string& id) -> std::optional<auth::SessionRules> {
      if (faulty) throw std::runtime_error{"the disk is gone"};
      const auto found = rules.find(id);
      return found == rules.end() ? std::nullopt : std::optional{found->second};
    };
  }
  RoleClosings::Members members() {
    return [this](const std::string& role_id, const std::string& after, std::size_t limit) {
      if (faulty) throw std::runtime_error{"the disk is gone"};
      Texts ids;
      for (auto each = rules.upper_bound(after); each != rules.end() && ids.size() < limit;
           ++each) {
        const auto& roles = each->second.roles;
        if (std::ranges::find(roles, role_id) != roles.end()) ids.push_back(each->first);
      }
      return ids;
    };
  }
  std::vector<Asked> step() {
    const auto actions = enforcement.step(now, lookup());
    kicked += actions.kicked;
    for (const Notice& notice : actions.notices) {
      std::string line{notice.event};
      for (const auto& field : {notice.server, notice.cid, notice.error}) {
        if (!field.empty()) line += " " + field;
      }
      noted.push_back(line);
    }
    std::vector<Asked> asked;
    for (const Question& question : actions.to_send)
      asked.push_back({question.subject, auth::Json::parse(question.body), question.number});
    return asked;
  }
  std::vector<Asked> step_after(std::chrono::milliseconds time) {
    now.steady += time;
    now.wall += time;
    return step();
  }
  // What is asked, shortly: "KICK N1 7", "CONNZ CGA…", "CONNZ N1", "CONNZ" for all of all.
  static Texts shown(const std::vector<Asked>& asked) {
    Texts list;
    for (const Asked& each : asked) {
      std::string server = each.subject.substr(sizeof "$SYS.REQ.SERVER." - 1);
      const auto dot = server.find('.');
      std::string line = server.substr(dot + 1);
      if (server.substr(0, dot) != "PING") line += " " + server.substr(0, dot);
      if (each.body.contains("cid")) line += " " + each.body.at("cid").dump();
      if (each.body.contains("user")) line += " " + each.body.at("user").get<std::string>();
      list.push_back(line);
    }
    return list;
  }

  void answer(const Asked& asked, const auth::Json& reply) {
    enforcement.on_message({.subject = "", .number = asked.number, .data = reply.dump()}, now,
                           lookup());
  }
  // One page of N1 with the sessions of these cids.
  void answer_page(const Asked& asked, const std::vector<std::uint64_t>& cids) {
    auth::Json list = auth::Json::array();
    for (const std::uint64_t cid : cids)
      list.push_back(connection(cid));
    answer(asked, connz(list));
  }
  void tell_kicked(std::uint64_t cid, const std::string& account = "APP") {
    tell("DISCONNECT", cid, "", "Kicked", account);
  }
  void tell(const std::string& event, std::uint64_t cid, const std::string& start = "",
            const std::string& reason = "", const std::string& account = "APP") {
    const auth::Json body = {{"server", {{"id", "N1"}, {"name", "srv"}}},
                             {"client",
                              {{"id", cid},
                               {"user", kId},
                               {"acc", account},
                               {"kind", "Client"},
                               {"start", start.empty() ? kStart : start}}},
                             {"reason", reason}};
    enforcement.on_message(
        {.subject = "$SYS.ACCOUNT.APP." + event, .number = 0, .data = body.dump()}, now, lookup());
  }
  // Connects, and lets N1 tell that it has these sessions.
  void begin_with(const std::vector<std::uint64_t>& cids) {
    enforcement.on_connected(now);
    for (const Asked& asked : step())
      answer_page(asked, cids);
    static_cast<void>(step_after(std::chrono::seconds{1}));  // nobody else answers
  }
  Session session(std::uint64_t cid, bool leafnode = false) const {
    return {"N1", cid, kId, now.wall, leafnode};
  }
  void close_all() { enforcement.close_all(kId, sessions.of(kId), now); }
  void review() { enforcement.review(kId, now, lookup()); }

  static constexpr const char* kStart = "2026-11-24T18:55:00.185483272Z";
};

}  // namespace gateway
