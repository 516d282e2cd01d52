#include <algorithm>
#include <charconv>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "auth/base/base64.h"
#include "auth/base/text.h"
#include "auth/base/time_format.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/commands/history_prune.h"
#include "gateway/cli/output/change_text.h"
#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"
#include "gateway/cli/output/value_text.h"
#include "gateway/cli/run_operation.h"
#include "gateway/platform/clock.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxEntriesAtOnce = 1000;

struct HistoryOptions {
  std::string credential;
  std::string account;
  std::string actor;
  std::string action;
  std::string since;
  std::string until;
  bool follow = false;
  bool verify = false;
  std::string from;
  std::string prune;
  bool yes = false;
};

constexpr std::chrono::milliseconds kFollowPause{500};

std::string write_head(const store::Head& head) {
  return std::to_string(head.sequence) + ":" + auth::write_base64url(head.hash);
}

store::Head read_head(const std::string& text) {
  const auto colon = text.find(':');
  store::Head head;
  if (colon != std::string::npos) {
    const char* end = text.data() + colon;
    const auto [read, error] = std::from_chars(text.data(), end, head.sequence);
    const auto hash = auth::read_base64url(text.substr(colon + 1));
    if (error == std::errc{} && read == end && hash && hash->size() == head.hash.size()) {
      std::ranges::copy(*hash, head.hash.begin());
      return head;
    }
  }
  throw OperationError(Code::usage, "--from: must be SEQ:HASH, as --verify and the log print it");
}

void verify(const Context& context, const HistoryOptions& options) {
  if (context.remote.given()) {
    throw OperationError(Code::usage,
                         "--verify reads the journal itself: run it on the gateway's machine");
  }
  std::optional<store::Head> noted;
  if (!options.from.empty()) noted = read_head(options.from);
  Local local{context};
  const auto head = local.store().head();
  const std::vector<std::string> faults = local.store().verify(noted);
  const std::string text = head ? write_head(*head) : "";
  if (context.json) {
    print_json({{"head", text}, {"faults", faults}});
  } else {
    for (const std::string& fault : faults)
      std::cout << "fault  " << fault << '\n';
    std::cout << "head   " << (text.empty() ? "none: the journal is empty" : text) << '\n';
  }
  if (!faults.empty()) {
    throw OperationError(Code::fault,
                         "the journal was altered or damaged; leave the store unchanged and "
                         "compare it with a backup");
  }
}

nlohmann::json body_of(const HistoryOptions& options) {
  nlohmann::json body = {{"limit", kMaxEntriesAtOnce}};
  if (!options.credential.empty()) body["credential"] = options.credential;
  if (!options.actor.empty()) body["actor"] = options.actor;
  if (!options.action.empty()) body["action"] = options.action;
  if (!options.since.empty()) body["since"] = auth::write_time(read_past("--since", options.since));
  if (!options.until.empty()) body["until"] = auth::write_time(read_past("--until", options.until));
  return body;
}

// "shop (CG…)"; only the id where the name is not told.
std::string named(const std::string& name, const std::string& id) {
  return name.empty() ? without_controls(id) : without_controls(name) + " (" + id + ")";
}

// One line about the change, and below it what it changed and why.
void print_entry(const Json& entry) {
  constexpr std::size_t kIndent = 4;
  const auto say = [](const std::string& text) {
    if (!text.empty())
      std::cout << paragraph(std::string(kIndent, ' '), kIndent, text, output_width());
  };
  const Json& sequence = entry.at("sequence");
  const std::string parts[] = {
      sequence.is_null() ? "-" : sequence.dump(),  // who answers for one account is not told it
      text_at(entry, "at"), named(text_at(entry, "actor_name"), text_at(entry, "actor")),
      text_at(entry, "action"), named(text_at(entry, "name"), text_at(entry, "id"))};
  const std::string line = auth::join(parts, "  ");
  std::cout << (columns(line) <= output_width() ? line + '\n'
                                                : paragraph("", kIndent, line, output_width()));
  const std::string reason = text_at(entry, "reason");
  const std::string revision =
      entry.at("revision") == 0 ? "" : "revision " + entry.at("revision").dump();
  say(revision + (revision.empty() || reason.empty() ? "" : "; ") +
      (reason.empty() ? "" : "reason: " + without_controls(reason)));
  const Json& fields = entry.at("fields");
  if (text_at(entry, "action") == "create") return say(creation_text(fields));
  for (const auto& [field, change] : fields.items())
    say(change_text(field, change));
}

void print(const Context& context, const Json& entries, bool& any) {
  for (const Json& entry : entries) {
    if (context.json) {
      std::cout << (any ? ",\n" : "\n") << entry.dump();
    } else {
      print_entry(entry);
    }
    any = true;
  }
}

// Every page up to the newest; `body` then says where to go on. Gives where the journal begins.
template <class Print>
std::uint64_t read_pages(const Context& context, const HistoryOptions& options,
                         nlohmann::json& body, Print print_page) {
  bool more = true;
  std::uint64_t oldest = 1;
  while (more) {
    const Json page = ask(context, "history", options.account, body);
    print_page(page.at("entries"));
    // A gateway of an earlier version does not say so.
    more =
        page.contains("more") ? page.at("more").get<bool>() : page.at("after") < page.at("newest");
    body["after"] = page.at("after");
    // Null for whoever is confined to an account; a gateway of an earlier version does not say so.
    if (page.contains("oldest") && page.at("oldest").is_number()) oldest = page.at("oldest");
  }
  return oldest;
}

// Until it is interrupted, or nobody reads any more. For programs an object a line.
void follow(const Context& context, const HistoryOptions& options) {
  nlohmann::json body = body_of(options);
  while (std::cout) {
    read_pages(context, options, body, [&](const Json& entries) {
      for (const Json& entry : entries) {
        if (context.json) {
          std::cout << entry.dump() << '\n';
        } else {
          print_entry(entry);
        }
      }
      std::cout.flush();
    });
    std::this_thread::sleep_for(kFollowPause);
  }
}

// With what restricts the output it would look as if it removed no more than that.
void prune(const Context& context, const HistoryOptions& options) {
  const bool others = options.verify || options.follow;
  for (const std::string* given :
       {&options.credential, &options.account, &options.actor, &options.action, &options.since,
        &options.until, &options.from}) {
    if (!others && given->empty()) continue;
    throw OperationError(Code::usage,
                         "--prune removes the entries of all credentials, and takes no other "
                         "option but --yes");
  }
  prune_history(context, options.prune, options.yes);
}

void history(const Context& context, const HistoryOptions& options) {
  if (!options.prune.empty()) return prune(context, options);
  if (options.yes) throw OperationError(Code::usage, "--yes is only for --prune");
  if (options.verify) return verify(context, options);
  if (!options.from.empty()) throw OperationError(Code::usage, "--from is only for --verify");
  if (options.follow) return follow(context, options);
  nlohmann::json body = body_of(options);
  bool any = false;
  if (context.json) std::cout << "[";
  const std::uint64_t oldest = read_pages(
      context, options, body, [&](const Json& entries) { print(context, entries, any); });
  if (context.json) std::cout << "\n]\n";
  if (!context.json && oldest > 1) {
    std::cerr << "note: the journal begins at " << oldest << "; older entries were removed\n";
  }
}

std::vector<std::string> actions() {
  std::vector<std::string> names;
  for (int n = 1; n <= static_cast<int>(store::kLastAction); ++n)
    names.emplace_back(store::name(store::Action{static_cast<std::uint8_t>(n)}));
  return names;
}

}  // namespace

void add_history(App& app, const Context& context) {
  Command command = app.add("history", "Show what was changed, by whom and when");
  const auto options = std::make_shared<HistoryOptions>();
  command.optional_word("CREDENTIAL", "only changes of this credential: its id or name",
                        options->credential);
  add_account(command, options->account);
  command.text("--actor", "WHO", "only changes by this actor: local:alice, or nats:CG…",
               options->actor);
  command.choice("--action", "ACTION", "only this action: create, update, suspend, …", actions(),
                 options->action);
  command.text("--since", "WHEN", "only changes since: 30d (before now), or a timestamp",
               options->since);
  command.text("--until", "WHEN", "only changes before", options->until);
  command.flag("-f,--follow", "keep printing new changes; with --json one object per line",
               options->follow);
  command.flag("--verify", "verify the whole journal instead, and print its head, SEQ:HASH",
               options->verify);
  command.text("--from", "SEQ:HASH",
               "with --verify: a head noted earlier, which must still be in the journal",
               options->from);
  command.text("--prune", "BEFORE",
               "remove the entries before instead: 90d (before now), or a timestamp",
               options->prune);
  command.flag("-y,--yes", "with --prune: do not ask for confirmation", options->yes);
  command.footer(
      "Examples:\n"
      "  credgate history shop\n"
      "  credgate history --action revoke --since 7d\n"
      "  credgate history --verify");
  command.run([&context, options] { history(context, *options); });
}

}  // namespace gateway::cli
