// What the journal says of changes.

#include <algorithm>
#include <charconv>
#include <utility>

#include "auth/base/json.h"
#include "auth/base/time_format.h"
#include "gateway/admin/operations/cursor.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/admin/operations/paging.h"

namespace gateway::operations {
namespace {

using Json = nlohmann::json;

Json parsed(const std::string& text) {
  return Json::parse(text, nullptr, false);
}

OrderedJson describe_field(const store::FieldChange& change) {
  const Json before = parsed(change.before);
  const Json after = parsed(change.after);
  if (before.is_object() && before.contains("removed") && after.is_object() &&
      after.contains("added")) {
    return {{"added", after.at("added")}, {"removed", before.at("removed")}};
  }
  return {{"before", before}, {"after", after}};
}

// Empty for what was withdrawn, is damaged, or is of another account.
std::string name_of(const OperationContext& context, const std::string& id) {
  if (const auto slash = id.find('/'); slash != std::string::npos) return id.substr(slash + 1);
  try {
    const auto credential = get_credential(context, id);
    return credential ? credential->name : "";
  } catch (const store::Damaged&) {
    return "";
  }
}

std::string actor_name(const OperationContext& context, std::string_view actor) {
  constexpr std::string_view kNats = "nats:";
  if (!actor.starts_with(kNats)) return "";
  return name_of(context, std::string(actor.substr(kNats.size())));
}

// An entry's number counts those of other accounts before it.
OrderedJson describe_entry(const OperationContext& context, const store::Entry& entry) {
  OrderedJson fields = OrderedJson::object();
  for (const auto& change : entry.fields)
    fields[change.field] = describe_field(change);
  return {{"sequence", context.confined() ? OrderedJson(nullptr) : OrderedJson(entry.sequence)},
          {"at", auth::write_time(entry.at)},
          {"actor", entry.actor},
          {"actor_name", actor_name(context, entry.actor)},
          {"action", store::name(entry.action)},
          {"id", entry.id},
          {"name", name_of(context, entry.id)},
          {"revision", entry.revision},
          {"reason", entry.reason},
          {"fields", fields}};
}

// As many digits as the largest number has: a cursor's length tells nothing.
OrderedJson write_position(const OperationContext& context, std::uint64_t at) {
  if (!context.confined()) return at;
  const std::string digits = std::to_string(at);
  return write_cursor(context, "history", std::string(20 - digits.size(), '0') + digits);
}

bool read_position(const OperationContext& context, const Json& value, std::uint64_t& at) {
  if (!context.confined()) {
    if (value.is_number_unsigned()) at = value.get<std::uint64_t>();
    return value.is_number_unsigned();
  }
  if (!value.is_string()) return false;
  const std::string text = read_cursor(context, "history", value.get_ref<const std::string&>());
  return std::from_chars(text.data(), text.data() + text.size(), at).ec == std::errc{};
}

// What was withdrawn is in no account, nor is what is of neither a credential nor a role.
bool in_account(const OperationContext& context, const std::string& id) {
  if (!context.account || id.starts_with(*context.account + "/")) return true;
  return get_credential(context, id).has_value();
}

// The role's, which may be deleted by now.
std::string role_id_of(const OperationContext& context, const std::string& text) {
  if (context.account && text.find('/') == std::string::npos)
    return auth::role_id(*context.account, text);
  if (!context.account && text.find('/') != std::string::npos) return text;
  const FoundRole found = find_role(context, text);
  return auth::role_id(found.account, found.name);
}

}  // namespace

OrderedJson history(const OperationContext& context, Json body) {
  std::string credential;
  std::string role;
  store::JournalFilter filter;
  std::uint64_t at = 0;
  std::optional<std::uint64_t> limit;
  read_body(body, [&](auth::JsonObject& members) {
    members.string("credential", credential);
    members.string("role", role);
    members.string("actor", filter.actor);
    members.string("action", "is not an action; see: credgate history --help", filter.action,
                   store::read_action);
    members.timestamp("since", filter.since);
    members.timestamp("until", filter.until);
    members.take("after", "must be the `after` of the page before",
                 [&](const Json& value) { return read_position(context, value, at); });
    members.number("limit", limit);
  });
  if (!credential.empty()) filter.id = find_credential(context, credential).id;
  if (!credential.empty() && !role.empty())
    throw OperationError(Code::usage, "credential, role: only one can be given");
  if (!role.empty()) filter.id = role_id_of(context, role);
  const store::Totals totals = context.store.totals();
  const std::uint64_t newest = totals.sequence;
  const std::size_t size = page_size(limit);
  const std::uint64_t removed = totals.oldest == 0 ? 0 : totals.oldest - 1;
  at = std::max(at, removed);
  OrderedJson entries = OrderedJson::array();
  std::size_t bytes = 0;
  const auto full = [&] { return entries.size() == size || bytes >= kPageBytes; };
  // Whoever gets an empty page takes it for the end, so that is looked for longer.
  for (std::size_t looks = 0;
       at < newest && !full() && looks < (entries.empty() ? kLooksForFirst : kLooks);) {
    const std::size_t wanted = std::min<std::uint64_t>(kChunk, newest - at);
    looks += wanted;
    std::uint64_t last = at + wanted;
    for (const store::Entry& entry : context.store.history(at, wanted, filter)) {
      last = std::max(last, entry.sequence);  // beyond that, where entries were removed meanwhile
      if (!in_account(context, entry.id)) continue;
      entries.push_back(describe_entry(context, entry));
      bytes += bytes_of(entries.back());
      if (!full()) continue;
      last = entry.sequence;  // the next page begins with those of this chunk that are left
      break;
    }
    at = std::min(last, newest);
  }
  if (entries.empty() && at >= newest) require_account(context);
  return {{"entries", std::move(entries)},
          {"after", write_position(context, at)},
          {"newest", context.confined() ? OrderedJson(nullptr) : OrderedJson(newest)},
          {"oldest", context.confined() ? OrderedJson(nullptr) : OrderedJson(totals.oldest)},
          {"more", at < newest}};
}

}  // namespace gateway::operations
