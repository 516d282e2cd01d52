#include "auth/credential/capabilities.h"

#include <algorithm>
#include <array>
#include <span>

#include "auth/nats/subject.h"

namespace auth {
namespace {

using Rows = std::span<const std::string_view>;

constexpr std::string_view kJetStreamApi = "$JS.API";

// "What capabilities give", to be read beside the table in the design: {S} a stream, {C} a
// consumer.

// Clients ask $JS.API.INFO before anything else: nats.js wherever a stream is managed or opened.
constexpr auto kReceive = std::to_array<std::string_view>({
    "$JS.API.INFO",
    "$JS.API.STREAM.INFO.{S}",
    "$JS.API.CONSUMER.INFO.{S}.*",
    "$JS.API.CONSUMER.MSG.NEXT.{S}.*",
    "$JS.ACK.{S}.>",
    "$JS.FC.{S}.>",
});

constexpr auto kReceiveConsumer = std::to_array<std::string_view>({
    "$JS.API.INFO",
    "$JS.API.STREAM.INFO.{S}",
    "$JS.API.CONSUMER.INFO.{S}.{C}",
    "$JS.API.CONSUMER.MSG.NEXT.{S}.{C}",
    "$JS.API.CONSUMER.CREATE.{S}.{C}",
    "$JS.API.CONSUMER.CREATE.{S}.{C}.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.{S}.{C}",
    "$JS.ACK.{S}.{C}.>",
    "$JS.FC.{S}.{C}.>",
});

// Beside kReceive.
constexpr auto kReceiveAnyConsumer = std::to_array<std::string_view>({
    "$JS.API.CONSUMER.CREATE.{S}",
    "$JS.API.CONSUMER.CREATE.{S}.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.{S}.*",
    "$JS.API.CONSUMER.DELETE.{S}.*",
    "$JS.API.DIRECT.GET.{S}",
    "$JS.API.DIRECT.GET.{S}.>",
    "$JS.API.STREAM.MSG.GET.{S}",
});

constexpr auto kManage = std::to_array<std::string_view>({
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
    "$JS.API.STREAM.CREATE.{S}",
    "$JS.API.STREAM.UPDATE.{S}",
    "$JS.API.STREAM.DELETE.{S}",
    "$JS.API.STREAM.PURGE.{S}",
    "$JS.API.STREAM.INFO.{S}",
    "$JS.API.STREAM.MSG.GET.{S}",
    "$JS.API.STREAM.MSG.DELETE.{S}",
    "$JS.API.STREAM.SNAPSHOT.{S}",
    "$JS.API.STREAM.RESTORE.{S}",
    "$JS.API.DIRECT.GET.{S}",
    "$JS.API.DIRECT.GET.{S}.>",
    "$JS.API.CONSUMER.CREATE.{S}",
    "$JS.API.CONSUMER.CREATE.{S}.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.{S}.*",
    "$JS.API.CONSUMER.DELETE.{S}.*",
    "$JS.API.CONSUMER.INFO.{S}.*",
    "$JS.API.CONSUMER.PAUSE.{S}.*",
    "$JS.API.CONSUMER.UNPIN.{S}.*",
    "$JS.API.CONSUMER.RESET.{S}.*",
    "$JS.API.CONSUMER.LIST.{S}",
    "$JS.API.CONSUMER.NAMES.{S}",
    "$JS.SNAPSHOT.ACK.{S}.>",
    "$JS.SNAPSHOT.RESTORE.{S}.>",
});

constexpr auto kAckV2 = std::to_array<std::string_view>({
    "$JS.ACK.*.*.{S}.>",
    "$JS.FC.*.*.{S}.>",
});

// Where consumers are named: `.{S}.>` would acknowledge for all the others too.
constexpr auto kAckV2Consumer = std::to_array<std::string_view>({
    "$JS.ACK.*.*.{S}.{C}.>",
    "$JS.FC.*.*.{S}.{C}.>",
});

constexpr auto kEverything = std::to_array<std::string_view>({">"});

constexpr auto kEverythingDenied = std::to_array<std::string_view>({
    "$JS.>",
    "$SYS.>",
    "$KV.>",
    "$O.>",
    "$SRV.>",
    "$MQTT.>",
    "_INBOX.>",
    kPrivateInboxes,
    "_R_.>",
});

// Source: nats-server `mqtt.go`, mqttSubPrefix and mqttPubRelDeliverySubjectPrefix.
constexpr auto kMqttDelivery = std::to_array<std::string_view>({
    "$MQTT.sub.>",
    "$MQTT.deliver.pubrel.>",
});

// What the rows are filled with.
struct Names {
  std::string api{};  // in the place of "$JS.API"; empty: that itself
  std::string_view stream{};
  std::string_view consumer{};
};

// In one pass: a stream may be called "{C}".
std::string fill(std::string_view row, const Names& names) {
  std::string subject;
  if (!names.api.empty() && row.starts_with(kJetStreamApi)) {
    subject = names.api;
    row.remove_prefix(kJetStreamApi.size());
  }
  while (!row.empty()) {
    const bool is_stream = row.starts_with("{S}");
    const bool is_name = is_stream || row.starts_with("{C}");
    const auto taken = row.substr(0, is_name ? 3 : 1);
    if (is_name) {
      subject += is_stream ? names.stream : names.consumer;
    } else {
      subject += taken;
    }
    row.remove_prefix(taken.size());
  }
  return subject;
}

using List = std::vector<std::string>;

void add(List& list, Rows rows, const Names& names = {}) {
  for (const auto row : rows)
    list.push_back(fill(row, names));
}

void add(List& list, const List& more) {
  list.insert(list.end(), more.begin(), more.end());
}

void add_stream(List& allow, const Rights& rights, const std::string& stream) {
  const bool any_consumer = rights.consumers == List{"*"};
  const bool named_consumers = !rights.consumers.empty() && !any_consumer;
  Names names{.api = jetstream_prefix(rights.domain), .stream = stream};
  if (rights.manage) add(allow, kManage, names);
  if (rights.receive && any_consumer) add(allow, kReceiveAnyConsumer, names);
  if (rights.receive && !named_consumers) add(allow, kReceive, names);
  if (rights.ack_v2 && !named_consumers) add(allow, kAckV2, names);
  if (!named_consumers) return;
  for (const auto& consumer : rights.consumers) {
    names.consumer = consumer;
    if (rights.receive) add(allow, kReceiveConsumer, names);
    if (rights.ack_v2) add(allow, kAckV2Consumer, names);
  }
}

void sort_out(List& list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

bool may_receive(const Rights& rights) {
  return rights.receive || !rights.permissions.subscribe.allow.empty();
}

bool may_receive(const Credential& credential, std::span<const Role> roles) {
  const auto may = [](const Role& role) { return may_receive(role); };
  return may_receive(credential) || std::ranges::any_of(roles, may);
}

void add(SubjectLists& lists, const SubjectLists& more) {
  add(lists.allow, more.allow);
  add(lists.deny, more.deny);
}

// A user JWT has one limit for all replies.
void add(std::optional<Responses>& responses, const std::optional<Responses>& more) {
  if (!more) return;
  const Responses had = responses.value_or(*more);
  responses = {.max = std::max(had.max, more->max), .ttl = std::max(had.ttl, more->ttl)};
}

void add(Permissions& all, const Permissions& more) {
  add(all.publish, more.publish);
  add(all.subscribe, more.subscribe);
  add(all.responses, more.responses);
}

// A wildcard such as `*.x` does not name `$MQTT.>`, though it meets it.
void deny_mqtt(SubjectLists& lists) {
  // An entry with a template may be dropped, and what then is not denied is everything.
  const auto names_it = [](const std::string& entry) {
    return (entry.starts_with("$MQTT.") && !has_braces(entry)) || covers(entry, "$MQTT.>");
  };
  if (std::ranges::none_of(lists.allow, names_it)) lists.deny.push_back("$MQTT.>");
}

// From here an absent list cannot mean everything.
void close(SubjectLists& lists) {
  if (lists.allow.empty()) lists.deny.push_back(">");
  sort_out(lists.allow);
  sort_out(lists.deny);
}

// What one set of rights gives, in no order, and some of it twice.
Permissions collect(const Rights& rights) {
  Permissions all = rights.permissions;
  if (rights.publish) add(all.publish.allow, rights.subjects);
  if (rights.receive) add(all.subscribe.allow, rights.subjects);
  for (const auto& stream : rights.streams)
    add_stream(all.publish.allow, rights, stream);

  if (rights.everything && rights.publish) {
    add(all.publish.allow, kEverything);
    add(all.publish.deny, kEverythingDenied);
  }
  if (rights.everything && rights.receive) add(all.subscribe.allow, kEverything);
  if (rights.allow_responses && !all.responses) all.responses = Responses{};
  allow(rights.buckets, rights.domain, all);
  allow(rights.services, all);
  return all;
}

}  // namespace

bool gives_anything(const Rights& rights) {
  const auto& raw = rights.permissions;
  return rights.publish || rights.receive || rights.manage || rights.allow_responses ||
         rights.buckets != BucketRights{} || rights.services != ServiceRights{} ||
         !raw.publish.allow.empty() || !raw.subscribe.allow.empty() || raw.responses.has_value();
}

bool gives_anything(const Credential& credential, std::span<const Role> roles) {
  const auto gives = [](const Role& role) { return gives_anything(role); };
  return gives_anything(credential) || std::ranges::any_of(roles, gives);
}

Permissions given_by(const Rights& rights) {
  Permissions all = collect(rights);
  for (SubjectLists* lists : {&all.publish, &all.subscribe}) {
    sort_out(lists->allow);
    sort_out(lists->deny);
  }
  return all;
}

bool has_entry(const Rights& rights, const Credential& holder, std::string_view entry) {
  const TemplateValues values{.id = holder.id, .name = holder.name, .tags = holder.tags};
  const auto is_it = [&](const std::string& item) {
    if (item == entry || !has_braces(item)) return item == entry;
    const auto subject = expand_template(item, values);
    return subject && *subject == entry;
  };
  const Permissions all = collect(rights);
  return std::ranges::any_of(all.publish.allow, is_it) ||
         std::ranges::any_of(all.publish.deny, is_it) ||
         std::ranges::any_of(all.subscribe.allow, is_it) ||
         std::ranges::any_of(all.subscribe.deny, is_it);
}

Permissions expand(const Credential& credential, std::span<const Role> roles,
                   std::optional<ConnectionType> type) {
  Permissions all = collect(credential);
  for (const Role& role : roles)
    add(all, collect(role));

  add(all.subscribe.allow, inbox_subjects(credential));
  if (type == ConnectionType::mqtt && may_receive(credential, roles)) {
    add(all.subscribe.allow, kMqttDelivery);
  }
  if (type == ConnectionType::leafnode) {
    deny_mqtt(all.publish);
    deny_mqtt(all.subscribe);
  }
  close(all.publish);
  close(all.subscribe);
  return all;
}

Result<ExpandedPermissions, Unexpandable> permissions_of(const Credential& credential,
                                                         std::span<const Role> roles,
                                                         std::optional<ConnectionType> type) {
  return expand_templates(expand(credential, roles, type),
                          {.id = credential.id, .name = credential.name, .tags = credential.tags});
}

}  // namespace auth
