#include "auth/credential/service_rights.h"

#include <array>
#include <string_view>

#include "auth/credential/list_check.h"
#include "auth/credential/subject_template.h"
#include "auth/nats/subject.h"
#include "auth/nats/terms.h"

namespace auth {
namespace {

using List = std::vector<std::string>;

constexpr std::string_view kServiceNameHint =
    "must be the name of a service: 1 to 128 of A-Z, a-z, 0-9, `_` and `-`";
constexpr std::string_view kInboxHint =
    "must not begin with `_`: such subjects are inboxes and reply subjects of other clients";

constexpr auto kVerbs = std::to_array<std::string_view>({"INFO", "PING", "STATS"});

std::optional<std::string> error_of(std::string_view name) {
  if (has_braces(name)) return std::string{kNoTemplateHint};
  if (!restricted_term(name) || name.size() > kMaxNameBytes) return std::string{kServiceNameHint};
  return name.starts_with('_') ? std::optional{std::string{kInboxHint}} : std::nullopt;
}

std::optional<Invalid> check_names(std::string_view field, const List& names) {
  std::vector<ListEntry> entries;
  for (const auto& name : names)
    entries.push_back({name, error_of(name)});
  return check_entries(field, entries);
}

// Endpoints, and discovery of all services, of those with that name, and of one instance.
void add(List& list, const std::string& name) {
  list.push_back(name);
  list.push_back(name + ".>");
  for (const auto verb : kVerbs) {
    const std::string all = "$SRV." + std::string{verb};
    list.push_back(all);
    list.push_back(all + '.' + name);
    list.push_back(all + '.' + name + ".*");
  }
}

}  // namespace

std::optional<Invalid> validate(const ServiceRights& rights) {
  if (auto wrong = check_names("serve", rights.serve)) return wrong;
  return check_names("call", rights.call);
}

void allow(const ServiceRights& rights, Permissions& into) {
  for (const auto& name : rights.serve)
    add(into.subscribe.allow, name);
  for (const auto& name : rights.call)
    add(into.publish.allow, name);
  if (!rights.serve.empty() && !into.responses) into.responses = Responses{};
}

List unconfined(const ServiceRights& rights) {
  List sentences;
  for (const auto& name : rights.serve)
    sentences.push_back("serve " + name +
                        " answers on any reply subject that a caller chooses, those of the "
                        "JetStream API and of buckets included");
  for (const auto& name : rights.call)
    sentences.push_back("call " + name + " asks all services of the account who they are");
  return sentences;
}

}  // namespace auth
