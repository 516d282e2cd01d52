#include "gateway/natsconf/connection_types.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "auth/base/text.h"

namespace gateway {
namespace {

using auth::ConnectionType;

struct Form {
  std::string_view name;
  ConnectionType type;
  bool over_websocket;
};

constexpr auto kForms = std::to_array<Form>({
    {"STANDARD", ConnectionType::standard, false},
    {"WEBSOCKET", ConnectionType::websocket, true},
    {"LEAFNODE", ConnectionType::leafnode, false},
    {"LEAFNODE_WS", ConnectionType::leafnode, true},
    {"MQTT", ConnectionType::mqtt, false},
    {"MQTT_WS", ConnectionType::mqtt, true},
});

const Form* form_of(const NatsValue& item) {
  const auto* word = item.get<std::string>();
  const auto* found = std::ranges::find_if(kForms, [&](const Form& form) {
    return word != nullptr && auth::lower_case(*word) == auth::lower_case(form.name);
  });
  return found == kForms.end() ? nullptr : found;
}

void check_forms(const NatsValue& value, const std::vector<const Form*>& named, bool has_websocket,
                 NatsConnectionTypes& read, NatsFields& fields) {
  for (const Form* form : named) {
    const auto* other = std::ranges::find_if(kForms, [&](const Form& one) {
      return one.type == form->type && one.over_websocket != form->over_websocket;
    });
    if (other == kForms.end() || std::ranges::find(named, other) != named.end()) continue;
    if (!form->over_websocket && !has_websocket) {
      read.gains_websocket = true;
    } else {
      fields.fail(value, std::string{form->name} + " without " + std::string{other->name} +
                             ": credgate cannot tell one from the other and would let this user in "
                             "by both; name both if that is right");
    }
  }
}

}  // namespace

NatsConnectionTypes read_connection_types(const NatsValue* value, bool has_websocket,
                                          NatsFields& fields) {
  NatsConnectionTypes read;
  if (value == nullptr) return read;
  std::vector<const Form*> named;
  for (const NatsValue* item : items_of(*value)) {
    fields.problems().consume(*item, 1);
    const Form* form = form_of(*item);
    if (form == nullptr) {
      fields.fail(
          *item,
          "must be STANDARD, WEBSOCKET, LEAFNODE, LEAFNODE_WS, MQTT or MQTT_WS; nats-server "
          "takes IN_PROCESS too, which credgate does not");
      continue;
    }
    if (std::ranges::find(named, form) != named.end()) continue;
    named.push_back(form);
    if (std::ranges::find(read.types, form->type) == read.types.end()) {
      read.types.push_back(form->type);
    }
  }
  if (fields.good()) check_forms(*value, named, has_websocket, read, fields);
  if (read.types.empty()) {
    fields.fail(*value, "names no type, which nats-server takes as every type");
  }
  return read;
}

}  // namespace gateway
