#include "gateway/admin/operations/warnings.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "auth/credential/capabilities.h"
#include "auth/credential/permission_check.h"
#include "auth/nats/subject.h"
#include "gateway/admin/operations/reach_warnings.h"
#include "gateway/admin/operations/server_warnings.h"

namespace gateway::operations {
namespace {

// NIST SP 800-63B: the least for a password that people choose.
constexpr std::size_t kMinPasswordCharacters = 8;

// Eight spaces, or characters of no width, are as soon guessed as none.
std::size_t seen_characters(std::string_view text) {
  std::size_t seen = 0;
  while (!text.empty()) {
    std::size_t bytes = 1;
    while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80)
      ++bytes;
    const auto character = text.substr(0, bytes);
    seen += character != " " && auth::visible(character) ? 1U : 0U;
    text.remove_prefix(bytes);
  }
  return seen;
}

void add_validity(const Config& config, const auth::Credential& c, auth::Time now,
                  OrderedJson& list) {
  if (c.expires_at && *c.expires_at <= now) {
    list.push_back("expires_at: is in the past, so the credential lets nobody in; set a later one");
  }
  const bool served =
      c.regions.empty() || std::ranges::find(c.regions, config.region) != c.regions.end();
  if (!served) {
    list.push_back("regions: the credential lets nobody in here, because this gateway " +
                   (config.region.empty() ? "has no `region` in its configuration"
                                          : "is in the region " + config.region));
  }
}

void add_sigv4(const Config& config, const auth::Credential& c, OrderedJson& list) {
  const bool kept = std::ranges::any_of(
      c.secrets, [](const auth::StoredSecret& secret) { return !secret.sealed.empty(); });
  if (c.sigv4 && !kept) {
    list.push_back(
        "sigv4: the secret was not stored, so it cannot verify requests; create a new one: "
        "credgate rotate CREDENTIAL");
  }
  if (c.sigv4_connect && config.sigv4_hosts.empty()) {
    list.push_back(
        "sigv4_connect: no request can open a connection until sigv4_hosts in the configuration "
        "names the hosts that requests are signed for");
  }
}

void add_inboxes(const auth::Credential& c, const auth::Permissions& all, OrderedJson& list) {
  if (auth::reaches_private_inboxes(auth::subscribable(all.subscribe), c)) {
    list.push_back(
        "subscribe: the credential can read private inboxes (_CG.>) of other clients: their "
        "replies "
        "and pulled messages");
  }
  if (auth::reaches_private_inboxes(all.publish, c)) {
    list.push_back(
        "publish: the credential can forge replies to other clients in their private inboxes; "
        "unless it has to answer them, deny _CG.>");
  }
  if (c.inbox == auth::Inbox::old_private) {
    list.push_back(
        "inbox: replies on its old prefix, _INBOX_ and its id, can be forged by whoever may "
        "publish "
        "any subject; set the prefix of its clients to _CG. and its id, then run credgate update "
        "CREDENTIAL --no-shared-inbox");
  }
}

template <class T>
void append(std::vector<T>& list, const std::vector<T>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

// Adds what add_power() looks at. The rest may not be mixed: see expand().
void add(auth::Rights& all, const auth::Rights& more) {
  all.everything = all.everything || more.everything;
  all.manage = all.manage || more.manage;
  all.allow_responses = all.allow_responses || more.allow_responses;
  append(all.buckets.kv_read, more.buckets.kv_read);
  append(all.buckets.kv_write, more.buckets.kv_write);
  append(all.buckets.object_read, more.buckets.object_read);
  append(all.buckets.object_write, more.buckets.object_write);
  append(all.services.serve, more.services.serve);
  append(all.services.call, more.services.call);
}

void add_once(const std::vector<std::string>& sentences, OrderedJson& list) {
  for (const OrderedJson sentence : sentences) {
    if (std::ranges::find(list, sentence) == list.end()) list.push_back(sentence);
  }
}

void add_power(const auth::Rights& all, OrderedJson& list) {
  if (all.everything) {
    list.push_back(
        "everything: the credential may use every subject of the account except the reserved ones, "
        "so it can read or forge any message there");
  }
  if (all.manage) {
    list.push_back(
        "manage: one stream gives access to all of the account's data, because a stream can "
        "capture, source and republish any subject");
  }
  if (all.allow_responses) {
    list.push_back(
        "allow_responses: the sender of a request chooses the subject of the reply, which may be "
        "one of $JS.API");
  }
  add_once(auth::unconfined(all.buckets), list);
  add_once(auth::unconfined(all.services), list);
}

// The words for whoever has a role.
std::string of_member(std::string warning) {
  constexpr std::string_view kHolder = "the credential";
  for (auto at = warning.find(kHolder); at != warning.npos; at = warning.find(kHolder, at))
    warning.replace(at, kHolder.size(), "a member");
  return warning;
}

void add_templates(const auth::Credential& c, std::span<const auth::Role> roles,
                   OrderedJson& list) {
  const auto given = auth::permissions_of(c, roles);
  if (!given) {
    const auto& [entry, reason] = given.error();
    list.push_back("permissions: nobody is let in with it: " +
                   (entry.empty() ? reason : "the denied " + entry + " has no value: " + reason));
    return;
  }
  for (const auto& [entry, reason] : given->dropped) {
    std::string text = "permissions: " + entry + " gives nothing: ";
    text += reason;
    list.push_back(std::move(text));
  }
}

}  // namespace

OrderedJson warnings_of(const Config& config, const auth::Credential& c, auth::Time now,
                        std::span<const auth::Role> roles) {
  auto all = static_cast<const auth::Rights&>(c);
  for (const auth::Role& role : roles)
    add(all, role);
  OrderedJson list = OrderedJson::array();
  add_validity(config, c, now, list);
  add_sigv4(config, c, list);
  add_inboxes(c, auth::shown_permissions(c, roles), list);
  add_power(all, list);
  add_templates(c, roles, list);
  add_server_warnings(c, roles, list);
  add_reach_warnings(config, c.account, reach_of(c, roles), list);
  if (config.operator_mode && c.kind != auth::Kind::creds) {
    list.push_back(kPresentSentinel);
  }
  return list;
}

OrderedJson warnings_of(const Config& config, const auth::Role& role) {
  OrderedJson list = OrderedJson::array();
  // Any member, whose own inbox is not that of the others.
  auth::Credential member;
  member.id = std::string(auth::kIdBytes, 'A');
  add_inboxes(member, auth::given_by(role), list);
  add_power(role, list);
  add_delivery_warning(role, list);
  add_reach_warnings(config, role.account, reach_of(role), list);
  for (auto& warning : list)
    warning = of_member(warning.get<std::string>());
  return list;
}

std::string password_warning(std::string_view password) {
  if (seen_characters(password) >= kMinPasswordCharacters) return "";
  return "password: has fewer than 8 characters and is soon guessed; leave it out, and a long one "
         "is "
         "generated";
}

void put_warnings(OrderedJson& result, const OrderedJson& warnings) {
  for (const auto& warning : warnings)
    result["warnings"].push_back(warning);
}

}  // namespace gateway::operations
