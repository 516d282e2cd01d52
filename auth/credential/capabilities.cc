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

void add_stream(List& allow, const Credential& credential, const std::string& stream) {
  const bool any_consumer = credential.consumers == List{"*"};
  const bool named_consumers = !credential.consumers.empty() && !any_consumer;
  Names names{.api = jetstream_prefix(credential.domain), .stream = stream};
  if (credential.manage) add(allow, kManage, names);
  if (credential.receive && any_consumer) add(allow, kReceiveAnyConsumer, names);
  if (credential.receive && !named_consumers) add(allow, kReceive, names);
  if (credential.ack_v2 && !named_consumers) add(allow, kAckV2, names);
  if (!named_consumers) return;
  for (const auto& consumer : credential.consumers) {
    names.consumer = consumer;
    if (credential.receive) add(allow, kReceiveConsumer, names);
    if (credential.ack_v2) add(allow, kAckV2Consumer, names);
  }
}

void sort_out(List& list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

bool may_receive(const Credential& credential) {
  return credential.receive || !credential.permissions.subscribe.allow.empty();
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

}  // namespace

bool gives_anything(const Credential& credential) {
  const auto& raw = credential.permissions;
  return credential.publish || credential.receive || credential.manage ||
         credential.allow_responses || credential.buckets != BucketRights{} ||
         credential.services != ServiceRights{} || !raw.publish.allow.empty() ||
         !raw.subscribe.allow.empty() || raw.responses.has_value();
}

Permissions expand(const Credential& credential, std::optional<ConnectionType> type) {
  Permissions all{credential.permissions.publish, credential.permissions.subscribe,
                  credential.permissions.responses};

  add(all.subscribe.allow, inbox_subjects(credential));
  if (credential.publish) add(all.publish.allow, credential.subjects);
  if (credential.receive) add(all.subscribe.allow, credential.subjects);
  for (const auto& stream : credential.streams)
    add_stream(all.publish.allow, credential, stream);

  if (credential.everything && credential.publish) {
    add(all.publish.allow, kEverything);
    add(all.publish.deny, kEverythingDenied);
  }
  if (credential.everything && credential.receive) add(all.subscribe.allow, kEverything);
  if (credential.allow_responses && !all.responses) all.responses = Responses{};
  allow(credential.buckets, credential.domain, all);
  allow(credential.services, all);

  if (type == ConnectionType::mqtt && may_receive(credential)) {
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
                                                         std::optional<ConnectionType> type) {
  return expand_templates(expand(credential, type),
                          {.id = credential.id, .name = credential.name, .tags = credential.tags});
}

}  // namespace auth
