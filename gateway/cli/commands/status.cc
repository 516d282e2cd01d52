#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "auth/base/text.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/daemons.h"
#include "gateway/cli/output/table.h"
#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"

namespace gateway::cli {
namespace {

using Status = nlohmann::json;

constexpr std::size_t kDenialsShown = 10;

std::string size_text(std::uint64_t bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; bytes >= 10240 && unit + 1 < kUnits.size(); ++unit)
    bytes /= 1024;
  return std::to_string(bytes) + " " + kUnits.at(unit);
}

std::string counts_text(const Status& by_reason) {
  std::uint64_t sum = 0;
  std::vector<std::string> parts;
  for (const auto& [reason, count] : by_reason.items()) {
    sum += count.get<std::uint64_t>();
    parts.push_back(reason + " " + count.dump());
  }
  return std::to_string(sum) + (parts.empty() ? "" : " (" + auth::join(parts) + ")");
}

std::string link_text(const Status& link) {
  if (link.at("up") == true) {
    return "connected to " + link.at("server").get<std::string>() + " since " +
           link.at("since").get<std::string>();
  }
  const Status& since = link.at("since");
  return "not connected" + (since.is_string() ? " since " + since.get<std::string>() : "");
}

// The servers of the cluster that it has no link to. A daemon of another version knows of none.
std::vector<std::string> links_down(const Status& connection) {
  std::vector<std::string> down;
  for (const Status& link : connection.value("links", Status::array())) {
    if (link.at("up") == true) continue;
    const Status& since = link.at("since");
    down.push_back("NO LINK to " + link.at("url").get<std::string>() +
                   (since.is_string() ? " since " + since.get<std::string>() : "") + ": " +
                   link.value("error", "being connected"));
  }
  return down;
}

std::string store_text(const Status& store) {
  const std::string dir = store.at("dir").get<std::string>();
  if (store.contains("error")) return dir + ": " + store.at("error").get<std::string>();
  return dir + ": " + store.at("active").dump() + " active, " + store.at("suspended").dump() +
         " suspended, " + store.at("revoked").dump() + " revoked; journal at " +
         store.at("sequence").dump() + "; " +
         size_text(store.at("used_bytes").get<std::uint64_t>()) + " of " +
         size_text(store.at("map_bytes").get<std::uint64_t>()) + ", " + store.at("readers").dump() +
         " readers";
}

void print_denials(const Status& denied) {
  if (denied.empty()) return;
  Table table{{{"DENIED AT", Fit::whole},
               {"REASON"},
               {"ID", Fit::shorten},
               {"NAME"},
               {"SOURCE"},
               {"CLIENT", Fit::wrap, true},
               {"SERVER", Fit::wrap, true}}};
  const std::size_t first = denied.size() - std::min(denied.size(), kDenialsShown);
  for (std::size_t i = first; i < denied.size(); ++i) {
    std::vector<std::string> row;
    for (const char* member : {"at", "reason", "id", "name", "source", "client", "server"}) {
      auto text = denied.at(i).at(member).get<std::string>();
      const bool reason = member == std::string_view{"reason"};
      const std::string detail = reason ? denied.at(i).value("detail", "") : "";
      if (!detail.empty()) text += " (" + detail + ")";
      row.push_back(text.empty() ? "-" : text);
    }
    table.add(std::move(row));
  }
  std::cout << '\n' << table.text();
}

// What is as it should be is not shown. A daemon of another version may not know of all.
template <class Line>
void print_news(const Status& status, const Line& line) {
  if (const auto reload = status.value("reload", ""); !reload.empty()) line("config", reload);
  if (const auto lost = status.value("log_lines_lost", std::uint64_t{0}); lost != 0)
    line("log", std::to_string(lost) + " lines lost: nobody read them (event log_lost)");
}

void print_status(const Status& status) {
  const auto line = [](const char* head, const std::string& text) {
    std::cout << paragraph(
        "  " + std::string(head) + std::string(11 - std::string_view{head}.size(), ' '), 13,
        without_controls(text), output_width());
  };
  const Status& decisions = status.at("decisions");
  const Status& waiting = status.at("waiting");
  std::cout << status.at("instance").get<std::string>() << ": credgate "
            << status.at("version").get<std::string>() << ", pid " << status.at("pid").dump()
            << ", since " << status.at("started_at").get<std::string>() << '\n';
  line("ready", status.at("ready") == true
                    ? status.at("probes") == true
                          ? "yes, as its self-probes confirm"
                          : "yes, connected (no self-probes: `metrics.listen` is off)"
                    : "NO: " + status.at("not_ready").get<std::string>());
  print_news(status, line);
  for (const auto& [name, link] : status.at("connections").items()) {
    line(name.c_str(), link_text(link));
    for (const std::string& down : links_down(link))
      line("", down);
  }
  line("decisions", decisions.at("granted").dump() + " granted, " +
                        counts_text(decisions.at("denied")) + " denied, " +
                        counts_text(decisions.at("dropped")) + " dropped, " +
                        decisions.at("faults").dump() + " faults, " + decisions.at("late").dump() +
                        " late; " + decisions.at("kicked").dump() + " kicked");
  const auto drops = decisions.value("overload_drops", std::uint64_t{0});
  const Status accounts = status.value("refused_accounts", Status::object());
  for (const auto& [account, why] : accounts.items())
    line("refused", "account " + account + ": " + why.get<std::string>());
  if (const Status& refused = decisions.at("server_refused"); !refused.empty())
    line("refused", counts_text(refused) + " by nats-server itself (log: server_refused)");
  line("waiting", waiting.at("requests").dump() + " requests, " + waiting.at("passwords").dump() +
                      " passwords" +
                      (drops == 0 ? "" : "; " + std::to_string(drops) + " dropped, too many came"));
  const Status& throttled = status.at("throttled");
  if (throttled.at("sources") != 0 || throttled.at("logins") != 0) {
    line("throttled", throttled.at("sources").dump() + " sources, " +
                          throttled.at("logins").dump() + " logins (credgate throttle list)");
  }
  line("sessions", status.at("sessions").dump());
  line("store", store_text(status.at("store")));
  if (status.at("store").contains("read_only")) {
    line("warning",
         "the store takes no change: " + status.at("store").at("read_only").get<std::string>());
  }
  if (const auto head = status.at("store").find("head_not_noted");
      head != status.at("store").end()) {
    line("head", "NOT NOTED since " + head->at("since").get<std::string>() + ": " +
                     head->at("error").get<std::string>());
  }
  print_denials(status.at("recent").at("denied"));
}

void show_status(const Context& context, const std::string& instance) {
  const Daemons asked = ask_daemons(load_config(context.config), instance, {{"ask", "status"}});
  if (context.json) {
    print_json(asked.answers);
  } else {
    for (const Status& status : asked.answers)
      print_status(status);
  }
  require_answers(asked);
  for (const Status& status : asked.answers) {
    if (status.at("ready") == true) continue;
    throw OperationError(Code::fault, status.at("instance").get<std::string>() + " is not ready: " +
                                          status.at("not_ready").get<std::string>());
  }
}

}  // namespace

void add_status(App& app, const Context& context) {
  Command command =
      app.add("status", "Show the state of the daemons on this machine and their recent denials");
  const auto instance = std::make_shared<std::string>();
  command.text("--instance", "NAME", "only this daemon (default: all that are running)", *instance);
  command.footer(
      "Asks each daemon over its control socket in `run_dir`; run it as root or as the daemon's "
      "user. Exit code 1: no daemon answers, or one is not ready.\n"
      "Example:\n"
      "  credgate status");
  command.run([&context, instance] { show_status(context, *instance); });
}

}  // namespace gateway::cli
