#include "auth/credential/permission_check.h"

#include <algorithm>
#include <array>
#include <utility>

#include "auth/nats/subject.h"

namespace auth {
namespace {

using List = std::vector<std::string>;

const std::string* covering(const List& list, std::string_view subject) {
  const auto found =
      std::ranges::find_if(list, [&](const std::string& entry) { return covers(entry, subject); });
  return found == list.end() ? nullptr : &*found;
}

// As nats-server looks a client's subject up.
const std::string* matching(const List& list, std::string_view subject) {
  const auto found =
      std::ranges::find_if(list, [&](const std::string& entry) { return matches(entry, subject); });
  return found == list.end() ? nullptr : &*found;
}

bool listed(const List& list, std::string_view entry) {
  return std::ranges::find(list, entry) != list.end();
}

// Whether the list has the entry, or one that its templates make it.
bool gives(const List& list, std::string_view entry, const Credential& c) {
  return std::ranges::any_of(list, [&](const std::string& item) {
    if (item == entry) return true;
    if (!has_braces(item)) return false;
    const auto subject = expand_template(item, {.id = c.id, .name = c.name, .tags = c.tags});
    return subject && *subject == entry;
  });
}

Permissions given(const BucketRights& buckets, const ServiceRights& services,
                  std::string_view domain) {
  Permissions all;
  allow(buckets, domain, all);
  allow(services, all);
  return all;
}

// The field whose rights alone give the entry; empty if none does.
std::string_view words_field(const Rights& rights, const Credential& holder,
                             std::string_view entry) {
  const auto& b = rights.buckets;
  const auto& s = rights.services;
  const std::pair<std::string_view, Permissions> fields[] = {
      {"kv_read", given({.kv_read = b.kv_read}, {}, rights.domain)},
      {"kv_write", given({.kv_write = b.kv_write}, {}, rights.domain)},
      {"object_read", given({.object_read = b.object_read}, {}, rights.domain)},
      {"object_write", given({.object_write = b.object_write}, {}, rights.domain)},
      {"serve", given({}, {.serve = s.serve}, rights.domain)},
      {"call", given({}, {.call = s.call}, rights.domain)},
  };
  for (const auto& [name, permissions] : fields) {
    if (gives(permissions.publish.allow, entry, holder) ||
        gives(permissions.subscribe.allow, entry, holder)) {
      return name;
    }
  }
  return {};
}

std::string_view rights_field(const Rights& rights, const Credential& holder,
                              std::string_view entry) {
  const auto& raw = rights.permissions;
  for (const List* list :
       {&raw.publish.allow, &raw.publish.deny, &raw.subscribe.allow, &raw.subscribe.deny}) {
    if (gives(*list, entry, holder)) return "permissions";
  }
  if (gives(rights.subjects, entry, holder)) return "subjects";
  // A stream's entry may be a bucket's too.
  if (const auto field = words_field(rights, holder, entry); !field.empty()) return field;
  if (entry.starts_with("$JS.") && !rights.streams.empty()) return "streams";
  return rights.everything ? "everything" : "";
}

// Of a subscription that is allowed: what of it is delivered. One entry within it makes the server
// filter by all of them.
SubjectVerdict filtered(const List& deny, std::string_view subject, const std::string& allowed) {
  const std::string* crossing = nullptr;
  for (const std::string& entry : deny) {
    if (!overlaps(entry, subject)) continue;
    if (covers(subject, entry)) return {.may = May::partly, .entry = entry, .denied = true};
    crossing = &entry;
  }
  if (crossing == nullptr) return {.may = May::yes, .entry = allowed};
  return {.may = May::partly, .entry = *crossing, .denied = true, .crosses = true};
}

constexpr auto kUncheckedPublish = std::to_array<std::string_view>({"$JS.ACK.", "_R_."});

constexpr std::string_view kMqtt = "$MQTT.>";

// `own`: the allow list without what nats-server adds for leafnodes.
SubjectVerdict mark_unchecked(SubjectVerdict verdict, const List& own) {
  verdict.unchecked = !verdict.denied && verdict.entry == kMqtt && !listed(own, kMqtt);
  return verdict;
}

}  // namespace

SubjectVerdict may_publish(const Permissions& permissions, std::string_view subject) {
  const auto& lists = permissions.publish;
  const std::string* denied = matching(lists.deny, subject);
  const std::string* allowed = matching(lists.allow, subject);
  if (allowed != nullptr && denied == nullptr) return {.may = May::yes, .entry = *allowed};
  const bool is_denied = denied != nullptr;
  const std::string entry = is_denied ? *denied : "";
  // The server looks at what it may answer after both lists, and over both.
  const May may = permissions.responses ? May::to_a_request : May::no;
  return {.may = may, .entry = entry, .denied = is_denied};
}

SubjectVerdict may_subscribe(const Permissions& permissions, std::string_view subject) {
  const auto& lists = permissions.subscribe;
  if (const std::string* denied = matching(lists.deny, subject)) {
    return {.may = May::no, .entry = *denied, .denied = true};
  }
  const std::string* allowed = matching(lists.allow, subject);
  if (allowed == nullptr) return {};
  return filtered(lists.deny, subject, *allowed);
}

SubjectLists subscribable(SubjectLists lists) {
  for (std::string& entry : lists.allow) {
    if (entry != "*" && !entry.ends_with(".*")) continue;
    std::string wide = entry;
    wide.back() = '>';
    if (matching(lists.deny, wide) == nullptr) entry = std::move(wide);
  }
  return lists;
}

bool reaches_private_inboxes(const SubjectLists& lists, const Credential& c) {
  if (covering(lists.deny, kPrivateInboxes) != nullptr) return false;
  const List own = inbox_subjects(c);
  return std::ranges::any_of(lists.allow, [&](const std::string& entry) {
    return overlaps(entry, kPrivateInboxes) && covering(own, entry) == nullptr &&
           covering(lists.deny, entry) == nullptr;
  });
}

SubjectVerdict leafnode_may_publish(const Permissions& permissions, std::string_view subject) {
  const bool unchecked = std::ranges::any_of(
      kUncheckedPublish, [&](auto prefix) { return subject.starts_with(prefix); });
  if (unchecked) return {.may = May::yes, .unchecked = true};
  Permissions seen = permissions;
  seen.publish.allow.emplace_back(kMqtt);
  return mark_unchecked(may_publish(seen, subject), permissions.publish.allow);
}

SubjectVerdict leafnode_may_subscribe(const Permissions& permissions, std::string_view subject) {
  SubjectLists lists = permissions.subscribe;
  lists.allow.emplace_back(kMqtt);
  if (const std::string* denied = matching(lists.deny, subject)) {
    return {.may = May::no, .entry = *denied, .denied = true};
  }
  if (const std::string* allowed = covering(lists.allow, subject)) {
    return mark_unchecked(filtered(lists.deny, subject, *allowed), permissions.subscribe.allow);
  }
  const auto& own = permissions.subscribe.allow;
  const auto within =
      std::ranges::find_if(own, [&](const std::string& entry) { return covers(subject, entry); });
  if (within == own.end()) return {};
  return {.may = May::partly, .entry = *within};
}

std::string_view field_of(const Credential& c, std::string_view entry) {
  return listed(inbox_subjects(c), entry) ? "inbox" : rights_field(c, c, entry);
}

List sources_of(const Credential& c, std::span<const Role> roles, std::string_view entry) {
  List sources;
  if (listed(inbox_subjects(c), entry)) sources.emplace_back("inbox");
  if (has_entry(c, c, entry)) sources.emplace_back(rights_field(c, c, entry));
  for (const Role& role : roles) {
    if (!has_entry(role, c, entry)) continue;
    sources.push_back(std::string{rights_field(role, c, entry)} + " of role " + role.name);
  }
  return sources;
}

}  // namespace auth
