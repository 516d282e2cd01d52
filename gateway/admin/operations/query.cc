// The operations that change nothing.

#include <algorithm>
#include <utility>

#include "auth/base/time_format.h"
#include "auth/credential/capabilities.h"
#include "auth/credential/credential_json.h"
#include "auth/credential/validity.h"
#include "gateway/admin/operations/cursor.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/admin/operations/paging.h"
#include "gateway/sessions/session_query.h"
#include "gateway/sessions/shared_search.h"

namespace gateway::operations {
namespace {

using auth::Credential;
using Json = nlohmann::json;

constexpr std::size_t kMaxTags = 64;  // each record is compared with all of them

[[noreturn]] void wrong_body(const std::string& message) {
  throw OperationError(Code::usage, message);
}

Credential find_only(const OperationContext& context, const Json& body) {
  std::string name;
  read_body(body, [&](auth::JsonObject& members) { members.string("credential", name); });
  return find_credential(context, name);
}

// "ops" is one of each account that has it.
void filter_by(const OperationContext& context, const std::string& role, store::Filter& filter) {
  const auto found = roles_named(context, role);
  if (found.empty()) {
    throw OperationError(Code::not_found,
                         "there is no role \"" + role + "\"; see: credgate role list");
  }
  filter.role = found.front().name;
  if (found.size() == 1) filter.account = found.front().account;
}

OrderedJson with_usage(const OperationContext& context, const Credential& credential) {
  OrderedJson json = write_record(context, credential);
  const auto usage = context.store.usage(credential.id);
  json["last_used_at"] = usage ? OrderedJson(auth::write_time(usage->last_used_at)) : nullptr;
  json["last_used_from"] = usage ? usage->last_used_from : "";
  json["uses"] = usage ? usage->uses : 0;
  return json;
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
  Credential found = find_only(context, body);
  store::Found seen = context.store.find_id(found.id);  // with its roles, of one moment
  if (seen.credential) found = std::move(*seen.credential);
  const auto& roles = seen.roles;
  OrderedJson json = with_usage(context, found);
  const bool scoped = has_scoped_key(context.config, found.account);
  const auto missing = auth::missing_role(found, roles);
  if (missing) json["missing_role"] = *missing;
  json["expanded"] =
      scoped ? OrderedJson(nullptr) : auth::write_json(auth::shown_permissions(found, roles));
  return json;
}

OrderedJson list(const OperationContext& context, Json body) {
  store::Filter filter{.account = context.account, .region = {}, .status = {}, .tags = {}};
  std::string region;
  std::string role;
  std::optional<std::string_view> status;
  std::optional<std::chrono::seconds> unused;
  std::string after;
  std::optional<std::uint64_t> limit;
  read_body(body, [&](auth::JsonObject& members) {
    members.string("region", region);
    members.string("status", auth::kValidityRule, status, auth::read_validity);
    members.strings("tags", filter.tags);
    members.string("role", role);
    members.seconds("unused", unused);
    members.string("after", after);
    members.number("limit", limit);
  });
  if (unused) filter.unused_since = context.now - *unused;
  if (!region.empty()) filter.region = region;
  if (!role.empty()) filter_by(context, role, filter);
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
  if (credentials.empty() && damaged.empty() && after.empty()) require_account(context);
  return {{"credentials", std::move(credentials)},
          {"damaged", std::move(damaged)},
          {"after", write_cursor(context, "list", after)}};
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
