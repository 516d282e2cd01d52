#include "gateway/cli/output/doctor_report.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string wrapped(const std::string& head, std::size_t indent, std::string_view text) {
  return paragraph(head, indent, text, output_width());
}

std::string place_text(const Place& at) {
  if (at.file.empty()) return "";
  return at.file + (at.line == 0 ? "" : ":" + std::to_string(at.line)) + ": ";
}

std::string mode_word(const DoctorReport& report) {
  return report.operator_mode ? "operator" : "config";
}

std::string findings_counted(const Diagnosis& diagnosis) {
  const auto errors = std::ranges::count(diagnosis.findings, Severity::error, &Finding::severity);
  const auto all = static_cast<std::ptrdiff_t>(diagnosis.findings.size());
  const auto count = [](std::ptrdiff_t n, const char* what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  if (all == 0) return "no problem found\n";
  return count(errors, "error") + ", " + count(all - errors, "warning") + '\n';
}

const char* verdict(bool let_in) {
  return let_in ? "let in" : "refused";
}

Json live_json(const LiveAnswers& live) {
  Json users = Json::array();
  for (const TriedLogin& user : live.static_users)
    users.push_back(Json::object({{"user", user.login}, {"let_in", user.let_in}}));
  return Json::object({{"url", live.url},
                       {"anonymous_let_in", live.ping_let_in || live.nobody_let_in},
                       {"stranger_let_in", live.stranger.let_in},
                       {"static_users", std::move(users)}});
}

std::string live_text(const LiveAnswers& live) {
  std::string text = live.url + ": without a credential " +
                     verdict(live.ping_let_in || live.nobody_let_in) + ", a stranger " +
                     verdict(live.stranger.let_in);
  for (const TriedLogin& user : live.static_users)
    text += ", " + shown(user.login) + " " + verdict(user.let_in);
  return wrapped("asked   ", 8, text);
}

}  // namespace

Json json_of(const DoctorReport& report) {
  Json findings = Json::array();
  for (const Finding& finding : report.diagnosis.findings) {
    findings.push_back({{"check", word(finding.check_id)},
                        {"severity", name(finding.severity)},
                        {"file", finding.at.file.empty() ? Json() : Json(finding.at.file)},
                        {"line", finding.at.line == 0 ? Json() : Json(finding.at.line)},
                        {"what", finding.what},
                        {"why", why(finding.check_id)},
                        {"remedy", finding.remedy}});
  }
  Json checked = {
      {"nats_server_config", report.file},
      {"config", report.config},
      {"mode", mode_word(report)},
      {"server_version", report.version ? Json(write_server_version(*report.version)) : Json()},
      {"unseen", report.diagnosis.unseen},
      {"live", report.live ? live_json(*report.live) : Json()}};
  return {{"checked", std::move(checked)}, {"findings", std::move(findings)}};
}

std::string text_of(const DoctorReport& report) {
  std::string text = wrapped(
      "checked ", 8,
      report.file + " against " + report.config + ", " + mode_word(report) + " mode, " +
          (report.version
               ? "nats-server " + write_server_version(*report.version)
               : std::string("any version of nats-server; give yours with --server-version")));
  if (report.live) text += live_text(*report.live);
  for (const Finding& finding : report.diagnosis.findings) {
    text += '\n' + std::string(name(finding.severity)) + "  " +
            std::string(word(finding.check_id)) + '\n';
    text += wrapped("  ", 2, place_text(finding.at) + finding.what);
    text += wrapped("  why  ", 7, why(finding.check_id));
    text += wrapped("  do   ", 7, finding.remedy);
  }
  if (!report.diagnosis.findings.empty()) text += '\n';
  for (const std::string& unseen : report.diagnosis.unseen)
    text += wrapped("not seen  ", 10, unseen);
  return text + findings_counted(report.diagnosis);
}

}  // namespace gateway::cli
