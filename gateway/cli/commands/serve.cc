#include <iostream>
#include <memory>
#include <optional>

#include "gateway/admin/operations/server_warnings.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/output/progress.h"
#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"
#include "gateway/config/keys.h"
#include "gateway/daemon/daemon.h"
#include "gateway/platform/listen_address.h"
#include "store/integrity_check.h"
#include "store/leafnode_credentials.h"
#include "store/page_check.h"

namespace gateway::cli {
namespace {

std::vector<std::string> scoped_accounts(const Config& config) {
  std::vector<std::string> names;
  for (const auto& [name, account] : config.account_keys) {
    if (account.scoped) names.push_back(name);
  }
  return names;
}

constexpr std::size_t kNamedLeafnodes = 5;

nlohmann::ordered_json json_of(const store::LeafnodeCredentials& found) {
  auto first = nlohmann::ordered_json::array();
  for (const auth::Credential& c : found.first)
    first.push_back({{"id", c.id}, {"name", c.name}, {"account", c.account}});
  return {{"count", found.count}, {"first", std::move(first)}};
}

void print_line(const std::string& label, const std::string& text) {
  constexpr std::size_t kIndent = 15;
  std::cout << paragraph(label + std::string(kIndent - label.size(), ' '), kIndent, text,
                         output_width());
}

void print(const store::LeafnodeCredentials& found) {
  if (found.count == 0) return;
  std::string text = std::to_string(found.count) +
                     (found.count == 1 ? " credential lists" : " credentials list") + " LEAFNODE:";
  for (const auth::Credential& c : found.first)
    text += " " + c.id + " \"" + c.name + "\"";
  print_line("leafnodes", text + (found.count > found.first.size() ? " and more" : ""));
  print_line("warning", operations::kLeafnodeWarning);
}

// `progress` is made once it is known how much there is.
store::CheckProgress show(const char* what, std::optional<Progress>& progress) {
  return {.tell = [what, &progress](std::uint64_t done, std::uint64_t all) {
    if (!progress) progress.emplace(what, all);
    progress->at(done);
  }};
}

constexpr const char* kDamaged = "the store is damaged; restore it from a backup";

// Where a page is damaged nothing is read through LMDB, which would crash.
store::PageCheck check_pages(const Context& context, const store::Place& place) {
  std::optional<Progress> shown;
  store::PageCheck pages = store::check_pages(place, show("checking the pages", shown));
  shown.reset();
  if (pages.faults.empty()) return pages;
  if (context.json) {
    print_json({{"store", place.directory.string()}, {"faults", pages.faults}});
  } else {
    for (const std::string& fault : pages.faults)
      print_line("fault", fault);
  }
  throw OperationError(Code::fault, pages.faults.front() + "; no table was read; " + kDamaged);
}

void check(const Context& context, bool deep) {
  const Config config = load_config(context.config);
  const Keys keys = load_keys(config);
  store::PageCheck pages;
  Local local{context, false, [&](const store::Place& place) {
                if (deep) pages = check_pages(context, place);
              }};
  const store::Totals totals = local.store().totals();
  std::vector<std::string> faults;
  if (deep) {
    std::optional<Progress> shown;
    faults = store::deep_check(local.store(), show("checking the entries", shown));
  }
  const auto leafnodes = store::find_leafnode_credentials(local.store(), kNamedLeafnodes);
  if (context.json) {
    print_json({{"config", config.file.string()},
                {"store", config.store.directory.string()},
                {"store_id", totals.store_id},
                {"active", totals.active},
                {"suspended", totals.suspended},
                {"revoked", totals.revoked},
                {"journal", totals.sequence},
                {"scoped", scoped_accounts(config)},
                {"can_close_connections", config.has_system},
                {"leafnodes", json_of(leafnodes)},
                {"lost_pages", pages.lost},
                {"faults", faults}});
  } else {
    print_line("configuration", config.file.string() + ": good");
    print_line("keys", "issuer " + public_keys(keys.issuers) + ", xkey " +
                           (keys.xkeys.empty() ? "none" : public_keys(keys.xkeys)));
    print_line("store", config.store.directory.string() + ": " + std::to_string(totals.active) +
                            " active, " + std::to_string(totals.suspended) + " suspended, " +
                            std::to_string(totals.revoked) + " revoked; journal at " +
                            std::to_string(totals.sequence) + (deep ? ", all read" : ""));
    for (const auto& [name, account] : config.account_keys) {
      if (!account.scoped) continue;
      print_line("scoped", name +
                               ": its signing key is scoped, so the template in the account's JWT "
                               "defines what its users may do, and their credentials have no "
                               "permissions");
    }
    if (!config.has_system) {
      print_line("warning", "no `system` in the configuration: live connections cannot be closed");
    }
    print(leafnodes);
    if (pages.lost != 0) {
      print_line("note", std::to_string(pages.lost) +
                             " pages of the store are neither used nor free; they only take room");
    }
    for (const std::string& fault : faults)
      print_line("fault", fault);
  }
  if (const auto& back = local.store().went_back(); back && !deep) throw store::WentBack(*back);
  if (!faults.empty()) {
    throw OperationError(Code::fault, kDamaged);
  }
}

void check_options(const ServeOptions& options) {
  constexpr std::size_t kMaxInstance = 64;
  const bool good = !options.instance.empty() && options.instance.size() <= kMaxInstance &&
                    options.instance.find_first_of("/ ") == std::string::npos &&
                    options.instance.front() != '.';
  if (!good)
    throw OperationError(Code::usage, "--instance: must be a name without slashes and spaces");
  const std::string& metrics = options.metrics_listen;
  if (!metrics.empty() && metrics != "off" && read_listen_address(metrics).port == 0) {
    throw OperationError(Code::usage, "--metrics: must be ADDRESS:PORT, 127.0.0.1:8422, or off");
  }
}

}  // namespace

void add_serve(App& app, const Context& context) {
  Command serving =
      app.add("serve", "Run the daemon: answer nats-server's auth callouts until SIGTERM");
  serving.footer(
      "SIGTERM: accept no new requests, answer those in progress, stop.\n"
      "SIGHUP: reload `accounts`, `region`, `sigv4_hosts`, `throttle` and `callout.leeway`; all "
      "other settings need a restart.\n"
      "Exit code 78: the configuration, a key or the store is wrong; a restart would not help.\n"
      "Examples:\n"
      "  credgate serve --config /etc/credgate/credgate.conf\n"
      "  credgate serve --instance second --metrics 127.0.0.1:8423");
  const auto options = std::make_shared<ServeOptions>();
  serving.text("--instance", "NAME",
               "name of this daemon and of its control socket, NAME.sock (default credgate)",
               options->instance);
  serving.text("--metrics", "ADDRESS:PORT", "serve metrics here, instead of at `metrics.listen`",
               options->metrics_listen);
  serving.run([&context, options] {
    check_options(*options);
    options->config_file = context.config;
    if (serve(*options) != 0) throw OperationError(Code::fault, "stopped: the store is lost");
  });

  Command checking = app.add(
      "check", "Check the configuration, the keys and the store, as `serve` does at its start");
  const auto deep = std::make_shared<bool>(false);
  checking.flag("--deep", "also read every page, record, index and journal entry of the store",
                *deep);
  checking.footer("Examples:\n  credgate check\n  credgate check --deep");
  checking.run([&context, deep] { check(context, *deep); });
}

}  // namespace gateway::cli
