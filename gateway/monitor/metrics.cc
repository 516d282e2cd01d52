#include "gateway/monitor/metrics.h"

#include <array>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include <nats/nats.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>

#include "gateway/monitor/health.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

class Page {
 public:
  MetricFamily& family(const char* name, MetricType type, const char* help) {
    families_.push_back({name, help, type, {}});
    return families_.back();
  }
  void counter(const char* name, const char* help, std::uint64_t value) {
    add(family(name, MetricType::Counter, help), {}, static_cast<double>(value));
  }
  void gauge(const char* name, const char* help, double value) {
    add(family(name, MetricType::Gauge, help), {}, value);
  }
  static void add(MetricFamily& to, Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    if (to.type == MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    to.metric.push_back(std::move(metric));
  }
  std::string text() const { return prometheus::TextSerializer{}.Serialize(families_); }

 private:
  std::vector<MetricFamily> families_;
};

std::string kind_label(std::size_t index) {
  return index == 0 ? "none" : std::string(name(static_cast<auth::Kind>(index)));
}

double number(std::uint64_t value) {
  return static_cast<double>(value);
}

void add_decisions(Page& page, const Counters& counters) {
  MetricFamily& decisions =
      page.family("credgate_decisions_total", MetricType::Counter,
                  "Callout decisions, by result, reason and kind of credential.");
  const auto add = [&](const char* result, std::string_view reason, std::size_t kind,
                       std::uint64_t n) {
    Page::add(decisions,
              {{"result", result}, {"reason", std::string(reason)}, {"kind", kind_label(kind)}},
              number(n));
  };
  // These are there from the beginning, so that the first of each is seen as one.
  for (std::size_t kind = 1; kind < counters.granted_of.size(); ++kind)
    add("granted", "", kind, counters.granted_of.at(kind));
  for (std::size_t reason = 0; reason < counters.denied_for.size(); ++reason) {
    const CountByKind& counts = counters.denied_for.at(reason);
    for (std::size_t kind = 0; kind < counts.size(); ++kind) {
      const std::uint64_t n = counts.at(kind);
      if (n != 0) add("denied", name(static_cast<auth::Deny>(reason)), kind, n);
    }
  }
  MetricFamily& dropped =
      page.family("credgate_dropped_requests_total", MetricType::Counter,
                  "Callout messages dropped without an answer: no configured server sent them.");
  for (std::size_t i = 0; i < counters.dropped.size(); ++i) {
    Page::add(dropped, {{"reason", std::string(name(static_cast<auth::Drop>(i)))}},
              number(counters.dropped.at(i)));
  }
  MetricFamily& refused = page.family(
      "credgate_server_refusals_total", MetricType::Counter,
      "Logins that nats-server refused by itself: what this daemon granted, or for want of an "
      "answer (timeout).");
  for (std::size_t i = 0; i < counters.server_refused.size(); ++i) {
    Page::add(refused, {{"reason", std::string(name(static_cast<auth::ServerRefusal>(i)))}},
              number(counters.server_refused.at(i)));
  }
}

void add_histogram(MetricFamily& to, Labels labels, const Durations& durations) {
  ClientMetric metric;
  metric.label = std::move(labels);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < Durations::kBounds.size(); ++i) {
    count += durations.count(i);
    metric.histogram.bucket.push_back({count, Durations::kBounds.at(i)});
  }
  metric.histogram.sample_count = count + durations.count(Durations::kBounds.size());
  metric.histogram.sample_sum = durations.seconds();
  to.metric.push_back(std::move(metric));
}

void add_work(Page& page, const DaemonView& view) {
  const Counters& counters = view.counters;
  MetricFamily& durations =
      page.family("credgate_decision_duration_seconds", MetricType::Histogram,
                  "Time to answer a callout request, by the queue it waited in.");
  add_histogram(durations, {{"queue", "requests"}}, counters.decided);
  add_histogram(durations, {{"queue", "passwords"}}, counters.decided_password);
  page.counter("credgate_late_decisions_total",
               "Requests decided after nats-server had stopped waiting for the answer.",
               counters.late);
  MetricFamily& drops =
      page.family("credgate_overload_drops_total", MetricType::Counter,
                  "Callout requests dropped undecided because too many came, by reason.");
  Page::add(drops, {{"reason", "expired"}}, number(counters.expired));
  Page::add(drops, {{"reason", "displaced"}}, number(counters.displaced));
  Page::add(drops, {{"reason", "unread"}}, number(counters.unread));
  page.counter("credgate_unsent_refusals_total",
               "Refusals never sent because too many were waiting to be sent.", counters.unsent);
  page.counter("credgate_faults_total",
               "Decisions that failed because of an internal fault; the client was refused.",
               counters.faults);
  page.gauge("credgate_requests_waiting", "Callout requests that wait for a worker.",
             static_cast<double>(counters.requests_waiting));
  page.gauge("credgate_longest_decision_seconds",
             "Age of the oldest decision in progress, passwords excluded.",
             std::chrono::duration<double>(view.stalls.workers.longest()).count());
  page.gauge("credgate_passwords_waiting", "Logins in the password queue.",
             static_cast<double>(counters.passwords_waiting));
  page.gauge("credgate_password_wait_seconds", "Age of the oldest login in the password queue.",
             std::chrono::duration<double>(counters.oldest_password_waits()).count());
  const Throttle::Refused throttled = view.throttle.refused();
  MetricFamily& refused = page.family("credgate_throttled", MetricType::Gauge,
                                      "Sources and logins currently throttled.");
  Page::add(refused, {{"by", "source"}}, number(throttled.sources));
  Page::add(refused, {{"by", "login"}}, number(throttled.logins));
  page.gauge("credgate_sessions", "Live connections of credentials, in the whole cluster.",
             number(view.sessions.size()));
  page.counter("credgate_kicked_sessions_total", "Live connections that credgate closed.",
               counters.kicked);
  page.counter("credgate_usage_write_failures_total",
               "Failed writes of when credentials were last used.", counters.usage_lost);
  page.counter("credgate_events_lost_total",
               "Decision events not published, because of their rate limit or a full queue.",
               counters.events_lost);
  page.counter("credgate_log_lines_lost_total",
               "Log lines lost because standard error was not read, or could not be written.",
               log_lines_lost());
  MetricFamily& admin = page.family("credgate_admin_operations_total", MetricType::Counter,
                                    "Admin operations over NATS, by result.");
  Page::add(admin, {{"result", "done"}}, number(counters.admin_done));
  Page::add(admin, {{"result", "refused"}}, number(counters.admin_refused));
}

void add_sigv4(Page& page, const Counters& counters) {
  MetricFamily& verified =
      page.family("credgate_sigv4_verifications_total", MetricType::Counter,
                  "Signed requests that a proxy asked to verify, by result and reason.");
  Page::add(verified, {{"result", "allowed"}, {"reason", ""}}, number(counters.sigv4_allowed));
  for (std::size_t reason = 0; reason < counters.sigv4_denied.size(); ++reason) {
    const std::uint64_t n = counters.sigv4_denied.at(reason);
    if (n == 0) continue;
    Page::add(
        verified,
        {{"result", "denied"}, {"reason", std::string(name(static_cast<auth::Deny>(reason)))}},
        number(n));
  }
  add_histogram(page.family("credgate_sigv4_verification_duration_seconds", MetricType::Histogram,
                            "Time to answer a SigV4 verification request."),
                {}, counters.sigv4);
}

void add_links(Page& page, const DaemonView& view, bool has_system) {
  MetricFamily& links =
      page.family("credgate_link_up", MetricType::Gauge,
                  "1 while the link to this server of the cluster is up, by connection and url.");
  const auto add = [&](const char* name, const LinkTable& table) {
    for (const LinkState& link : table.states())
      Page::add(links, {{"connection", name}, {"url", link.url}}, link.up ? 1 : 0);
  };
  add("callout", view.connections.callout_links);
  if (has_system) add("system", view.connections.system_links);
}

void add_state(Page& page, const DaemonView& view) {
  MetricFamily& connected = page.family("credgate_connected", MetricType::Gauge,
                                        "1 while the connection to nats-server is up.");
  const auto add = [&](const char* name, const ConnectionState& link) {
    Page::add(connected, {{"connection", name}}, link.get().up ? 1 : 0);
  };
  add("callout", view.connections.callout);
  const auto config = view.config.load();
  if (config->has_system) add("system", view.connections.system);
  if (!config->admin_account.empty()) add("admin", view.connections.admin);
  add_links(page, view, config->has_system);
  if (view.readiness != nullptr) {
    MetricFamily& probes =
        page.family("credgate_probes_total", MetricType::Counter,
                    "Self-probes: logins of the daemon itself through nats-server, by result.");
    Page::add(probes, {{"result", "succeeded"}}, number(view.readiness->good()));
    Page::add(probes, {{"result", "failed"}}, number(view.readiness->bad()));
  }
  page.gauge("credgate_config_last_reload_successful",
             "0 while the configuration file is wrong, and the one before it is in use.",
             view.reload.get().error.empty() ? 1 : 0);
  page.gauge("credgate_ready", "1 while clients can be let in, as /readyz reports.",
             why_not_ready(view) ? 0 : 1);
}

void add_store(Page& page, const DaemonView& view) {
  bool readable = true;
  try {
    const store::Totals totals = view.store.totals();
    MetricFamily& credentials =
        page.family("credgate_credentials", MetricType::Gauge, "Stored credentials, by status.");
    Page::add(credentials, {{"status", "active"}}, number(totals.active));
    Page::add(credentials, {{"status", "suspended"}}, number(totals.suspended));
    Page::add(credentials, {{"status", "revoked"}}, number(totals.revoked));
    page.gauge("credgate_roles", "Stored roles.", number(view.store.count_roles()));
    page.gauge("credgate_journal_sequence", "Sequence number of the newest journal entry.",
               number(totals.sequence));
    const auto space = view.store.space();
    page.gauge("credgate_store_map_bytes",
               "Size in bytes that the store may grow to (store.map_size).",
               number(space.map_bytes));
    page.gauge("credgate_store_used_bytes", "Bytes of the map in use, free pages included.",
               number(space.used_bytes));
    page.gauge("credgate_store_left_bytes",
               "Bytes of the map that other changes than suspend and revoke may still take.",
               number(space.left_bytes));
    page.gauge("credgate_store_readers", "LMDB reader slots in use.", space.readers);
    page.gauge("credgate_store_readers_limit", "LMDB reader slots.", space.max_readers);
  } catch (const store::Fault&) {
    readable = false;
  }
  page.gauge("credgate_store_readable", "1 if the store could be read for this scrape.",
             readable ? 1 : 0);
  page.gauge("credgate_store_read_only",
             "1 if no change is taken, as the store's file system was read-only at the start.",
             view.store.why_read_only().empty() ? 0 : 1);
  page.gauge("credgate_store_head_noted",
             "1 while the newest head is noted in store.head_dir, 0 after it could not be.",
             view.head.get().error.empty() ? 1 : 0);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void add_process(Page& page, const DaemonView& view) {
  MetricFamily& build = page.family("credgate_build_info", MetricType::Gauge,
                                    "Always 1; the labels are the versions in use.");
  Page::add(build, {{"version", CREDGATE_VERSION}, {"nats_c", nats_GetVersion()}}, 1);
  page.gauge("process_start_time_seconds",
             "Start time of the daemon, in seconds since the Unix epoch.",
             static_cast<double>(view.started.time_since_epoch().count()));
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return;
  MetricFamily& cpu = page.family("process_cpu_seconds_total", MetricType::Counter,
                                  "User and system CPU time used, in seconds.");
  Page::add(cpu, {}, seconds(usage.ru_utime) + seconds(usage.ru_stime));
  constexpr double kKilobyte = 1024;
  page.gauge("process_resident_memory_max_bytes", "Peak resident memory in bytes.",
             static_cast<double>(usage.ru_maxrss) * kKilobyte);
}

}  // namespace

std::string write_metrics(const DaemonView& view) {
  Page page;
  add_decisions(page, view.counters);
  add_work(page, view);
  add_sigv4(page, view.counters);
  add_state(page, view);
  add_store(page, view);
  add_process(page, view);
  return page.text();
}

}  // namespace gateway
