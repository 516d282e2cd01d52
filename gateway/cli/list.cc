#include <iostream>
#include <memory>
#include <string>

#include "auth/credential_json.h"
#include "auth/permissions.h"
#include "auth/time_text.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/pages.h"
#include "gateway/cli/table.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using Json = nlohmann::ordered_json;

struct ListOptions {
  std::string account;
  std::string region;
  std::string status;
  std::vector<std::string> tags;
  bool quiet = false;
};

store::Filter read_filter(const ListOptions& options) {
  store::Filter filter;
  if (!options.account.empty()) filter.account = options.account;
  if (!options.region.empty()) filter.region = options.region;
  if (!options.status.empty()) {
    filter.status = auth::read_status(options.status);
    if (!filter.status)
      throw Failure(Code::usage, "--status: must be active, suspended or revoked");
  }
  filter.tags = options.tags;
  return filter;
}

std::string capabilities(const Credential& c) {
  std::string text;
  for (const auto& [has, word] :
       {std::pair{c.publish, "publish"}, {c.receive, "receive"}, {c.manage, "manage"}}) {
    if (has) text += (text.empty() ? "" : ",") + std::string(word);
  }
  return text.empty() ? "-" : text;
}

std::vector<std::string> row(const Credential& c) {
  return {c.id,
          c.name,
          std::string(auth::name(c.kind)),
          c.account,
          std::string(auth::name(c.status)),
          capabilities(c),
          c.expires_at ? auth::write_time(*c.expires_at) : "never"};
}

void list(const Context& context, const ListOptions& options) {
  Local local{context};
  const store::Filter filter = read_filter(options);
  bool any = false;
  if (context.json) std::cout << "[";
  for_pages(local.store(), filter, [&](const std::vector<Credential>& page) {
    Table table{{"ID", "NAME", "KIND", "ACCOUNT", "STATUS", "MAY", "EXPIRES"}, 1};
    for (const Credential& c : page) {
      if (context.json) std::cout << (any ? ",\n" : "\n") << auth::write_json(c).dump();
      const bool named = c.status != auth::Status::revoked || !options.status.empty();
      if (options.quiet && !context.json && named) std::cout << c.name << '\n';
      table.add(row(c));
      any = true;
    }
    if (!context.json && !options.quiet) std::cout << table.text(4);
  });
  if (context.json) std::cout << "\n]\n";
  if (!any && !context.json && !options.quiet) {
    std::cerr << "no credential; make one with: credgate create --help\n";
  }
}

std::string plain(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return value.get<std::string>().empty() ? "-" : value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& item : value) {
    text += (text.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : item.dump());
  }
  return text.empty() ? "-" : text;
}

void print_lists(const char* verb, const Json& lists) {
  for (const char* side : {"allow", "deny"}) {
    for (const Json& subject : lists[side]) {
      std::cout << "  " << verb << " " << side << "  " << subject.get<std::string>() << '\n';
    }
  }
}

bool scoped(const Config& config, const Credential& c) {
  const auto account = config.account_keys.find(c.account);
  return account != config.account_keys.end() && account->second.scoped;
}

void print_credential(const Config& config, const Credential& c) {
  const Json fields = auth::write_json(c);
  for (const auto& [field, value] : fields.items()) {
    if (field == "permissions" || plain(value) == "-" || plain(value) == "false") continue;
    const std::string text = field == "status" ? coloured_status(plain(value), 0) : plain(value);
    std::cout << field << std::string(field.size() < 18 ? 18 - field.size() : 1, ' ') << text
              << '\n';
  }
  if (scoped(config, c)) {
    std::cout
        << "its account has a scoped signing key: the template in the account's JWT says what it "
           "may do\n";
    return;
  }
  const Json expanded = auth::write_json(auth::expand(c));
  std::cout << "what it comes to in nats-server\n";
  print_lists("publish  ", expanded["publish"]);
  print_lists("subscribe", expanded["subscribe"]);
  if (!expanded["responses"].is_null()) {
    std::cout << "  responses        up to " << expanded["responses"]["max"] << " within "
              << expanded["responses"]["ttl"] << " s of each message\n";
  }
}

void show(const Context& context, const std::string& id_or_name) {
  Local local{context};
  const std::string id = local.resolve(id_or_name);
  const auto credential = local.store().get(id);
  if (!credential) throw Failure(Code::not_found, "there is no credential " + id);
  if (!context.json) return print_credential(local.config(), *credential);
  Json json = auth::write_json(*credential);
  json["expanded"] = scoped(local.config(), *credential)
                         ? Json(nullptr)
                         : auth::write_json(auth::expand(*credential));
  print_json(json);
}

}  // namespace

void add_list(App& app, const Context& context) {
  Command all = app.add("list", "List credentials");
  const auto options = std::make_shared<ListOptions>();
  all.text("--account", "ACCOUNT", "only of this account", options->account);
  all.text("--region", "REGION", "only those valid in this region", options->region);
  all.text("--status", "STATUS", "only active, suspended or revoked ones", options->status);
  all.on_texts("--tag", "TAG", "only with this tag: key, or key=value (repeatable)",
               [options](const auto& given) { options->tags = given; });
  all.flag("-q,--quiet", "names alone, one a line; without the revoked, whose names are free",
           options->quiet);
  all.run([&context, options] { list(context, *options); });

  Command one = app.add("show", "Show one credential, and what it comes to in nats-server");
  const auto named = std::make_shared<std::string>();
  one.word("CREDENTIAL", "its id or its name", *named);
  one.run([&context, named] { show(context, *named); });
}

}  // namespace gateway::cli
