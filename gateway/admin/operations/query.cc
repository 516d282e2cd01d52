// The operations that change nothing.

#include <algorithm>
#include <charconv>
#include <utility>

#include "auth/base/json.h"
#include "auth/base/time_format.h"
#include "auth/credential/capabilities.h"
#include "auth/credential/credential_json.h"
#include "auth/credential/validity.h"
#include "gateway/admin/operations/cursor.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/sessions/session_query.h"
#include "gateway/sessions/shared_search.h"

namespace gateway::operations {
namespace {

using auth::Credential;
using Json = nlohmann::json;

constexpr std::uint64_t kDefaultPage = 100;
constexpr std::uint64_t kMaxPage = 1000;
constexpr std::size_t kMaxTags = 64;  // each record is compared with all of them
// Records that are looked at for one page, and at once: a filter that nothing fits must not hold a
// snapshot.
constexpr std::size_t kLooks = 1000;
constexpr std::size_t kLooksForFirst = 50'000;
constexpr std::size_t kChunk = 100;
// A page that is larger has no more: a server takes 1 MiB at once, where nobody set more.
constexpr std::size_t kPageBytes = std::size_t{512} << 10;

[[noreturn]] void wrong_body(const std::string& message) {
  throw OperationError(Code::usage, message);
}

Credential find_only(const OperationContext& context, const Json& body) {
  std::string name;
  read_body(body, [&](auth::JsonObject& members) { members.string("credential", name); });
  return find_credential(context, name);
}

std::size_t page_size(const std::optional<std::uint64_t>& limit) {
  const std::uint64_t size = limit.value_or(kDefaultPage);
  if (size < 1 || size > kMaxPage) wrong_body("limit: must be from 1 to 1000");
  return size;
}

std::size_t bytes_of(const OrderedJson& json) {
  return auth::write_line(json).size();
}

OrderedJson with_usage(const OperationContext& context, const Credential& credential) {
  OrderedJson json = write_record(context, credential);
  const auto usage = context.store.usage(credential.id);
  json["last_used_at"] = usage ? OrderedJson(auth::write_time(usage->last_used_at)) : nullptr;
  json["last_used_from"] = usage ? usage->last_used_from : "";
  json["uses"] = usage ? usage->uses : 0;
  return json;
}

// ------------------------------------------------------------------------------------- history

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

// An entry's number counts those of other accounts before it.
OrderedJson describe_entry(const OperationContext& context, const store::Entry& entry) {
  OrderedJson fields = OrderedJson::object();
  for (const auto& change : entry.fields)
    fields[change.field] = describe_field(change);
  return {{"sequence", context.confined() ? OrderedJson(nullptr) : OrderedJson(entry.sequence)},
          {"at", auth::write_time(entry.at)},
          {"actor", entry.actor},
          {"action", store::name(entry.action)},
          {"id", entry.id},
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

// What was withdrawn is in no account, nor is what is of no credential.
bool in_account(const OperationContext& context, const std::string& id) {
  return !context.account || get_credential(context, id);
}

// ------------------------------------------------------------------------------------ sessions

OrderedJson write_session(const std::string& server, const std::string& account,
                          const ConnzEntry& session) {
  const auto began =
      session.began
          ? OrderedJson(auth::write_time(std::chrono::floor<std::chrono::seconds>(*session.began)))
          : OrderedJson(nullptr);
  return {{"server", server},
          {"cid", session.cid},
          {"account", account},  // the server may know it by its key alone
          {"address", session.address},
          {"type", session.type},
          {"client", session.name},
          {"language", session.language},
          {"version", session.version},
          {"since", began},
          {"subscriptions", session.subscriptions},
          {"in_messages", session.in_messages},
          {"in_bytes", session.in_bytes},
          {"out_messages", session.out_messages},
          {"out_bytes", session.out_bytes}};
}

}  // namespace

OrderedJson get(const OperationContext& context, Json body) {
  const Credential found = find_only(context, body);
  OrderedJson json = with_usage(context, found);
  const bool scoped = has_scoped_key(context.config, found.account);
  json["expanded"] = scoped ? OrderedJson(nullptr) : auth::write_json(auth::expand(found));
  return json;
}

OrderedJson list(const OperationContext& context, Json body) {
  store::Filter filter{.account = context.account, .region = {}, .status = {}, .tags = {}};
  std::string region;
  std::optional<std::string_view> status;
  std::optional<std::chrono::seconds> unused;
  std::string after;
  std::optional<std::uint64_t> limit;
  read_body(body, [&](auth::JsonObject& members) {
    members.string("region", region);
    members.string("status", auth::kValidityRule, status, auth::read_validity);
    members.strings("tags", filter.tags);
    members.seconds("unused", unused);
    members.string("after", after);
    members.number("limit", limit);
  });
  if (unused) filter.unused_since = context.now - *unused;
  if (!region.empty()) filter.region = region;
  // What has expired, or is not yet valid, is active in its record.
  if (status) filter.status = auth::read_status(*status).value_or(auth::Status::active);
  const std::size_t size = page_size(limit);
  if (filter.tags.size() > kMaxTags) wrong_body("tags: must be at most 64");
  after = read_cursor(context, "list", after);
  OrderedJson credentials = OrderedJson::array();
  OrderedJson damaged = OrderedJson::array();
  std::size_t bytes = 0;
  for (std::size_t looks = 0; looks < kLooks && credentials.size() < size && bytes < kPageBytes;) {
    const std::size_t wanted = std::min(kChunk, size - credentials.size());
    const store::Page page = context.store.list(filter, after, wanted);
    looks += wanted;
    for (const Credential& credential : page.credentials) {
      if (status && auth::validity(credential, context.now) != *status) continue;
      credentials.push_back(with_usage(context, credential));
      bytes += bytes_of(credentials.back());
    }
    // Which account they were in can't be told: they are for whoever is responsible for all.
    if (!context.account) {
      for (const std::string& id : page.damaged)
        damaged.push_back(id);
    }
    after = page.last;
    if (after.empty()) break;
  }
  return {{"credentials", std::move(credentials)},
          {"damaged", std::move(damaged)},
          {"after", write_cursor(context, "list", after)}};
}

OrderedJson history(const OperationContext& context, Json body) {
  std::string credential;
  store::JournalFilter filter;
  std::uint64_t at = 0;
  std::optional<std::uint64_t> limit;
  read_body(body, [&](auth::JsonObject& members) {
    members.string("credential", credential);
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
  return {{"entries", std::move(entries)},
          {"after", write_position(context, at)},
          {"newest", context.confined() ? OrderedJson(nullptr) : OrderedJson(newest)},
          {"oldest", context.confined() ? OrderedJson(nullptr) : OrderedJson(totals.oldest)},
          {"more", at < newest}};
}

OrderedJson sessions(const OperationContext& context, Json body) {
  const Credential found = find_only(context, body);
  if (context.keys == nullptr || !context.keys->system) {
    throw OperationError(Code::refused,
                         "live connections are unknown without `system` in the configuration; see "
                         "doc/configuration.md");
  }
  const auto search = [&] {
    try {
      if (context.sessions != nullptr) return context.sessions->find(found.id);
      return find_sessions(context.config.system, *context.keys->system, {found.id}, {})
          .at(found.id);
    } catch (const SearchStopped&) {
      throw OperationError(Code::busy, "the gateway stops; nothing was done: ask again");
    }
  };
  OrderedJson list = OrderedJson::array();
  OrderedJson servers = OrderedJson::array();
  OrderedJson incomplete = OrderedJson::array();
  OrderedJson unreported = OrderedJson::array();
  const bool leafnodes = may_be_leafnode(found);
  for (const ServerSessions& server : search()) {
    servers.push_back(server.server_name);
    if (!server.complete) incomplete.push_back(server.server_name);
    if (leafnodes && !server.names_leafnodes) unreported.push_back(server.server_name);
    for (const ConnzEntry& session : server.sessions)
      list.push_back(write_session(server.server_name, found.account, session));
  }
  return {{"id", found.id},
          {"sessions", std::move(list)},
          {"servers", std::move(servers)},
          {"incomplete", std::move(incomplete)},
          {"leafnodes_unreported", std::move(unreported)}};
}

}  // namespace gateway::operations
