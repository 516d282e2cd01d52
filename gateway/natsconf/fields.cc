#include "gateway/natsconf/fields.h"

#include <algorithm>
#include <utility>

#include "auth/base/config_error.h"
#include "auth/base/text.h"
#include "auth/base/typo.h"
#include "gateway/natsconf/chars.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxSpent = 64 << 20;

}  // namespace

void NatsProblems::add(const NatsValue& at, std::string message) {
  if (list.size() == kMaxProblems) return;
  if (list.size() + 1 == kMaxProblems)
    message = "there are more errors from here on, which are not listed";
  list.push_back({*at.file, at.line, std::move(message)});
}

void NatsProblems::consume(const NatsValue& at, std::size_t cost) {
  spent_ += cost;
  if (spent_ <= kMaxSpent) return;
  throw auth::ConfigError(*at.file + ":" + std::to_string(at.line) +
                          ": the users up to here exceed the size that can be read");
}

std::vector<const NatsValue*> items_of(const NatsValue& value) {
  const auto* list = value.get<NatsList>();
  if (list == nullptr) return {&value};
  std::vector<const NatsValue*> items;
  for (const NatsValue& item : *list)
    items.push_back(&item);
  return items;
}

NatsFields::NatsFields(const NatsValue& of, NatsProblems& problems) : of_(of), problems_(problems) {
  const NatsMap* map = of.get<NatsMap>();
  if (map == nullptr) {
    fail(of, "must be a map: { … }");
    return;
  }
  problems.consume(of, 16 * (map->size() + 1));
  for (const auto& field : *map)
    left_.push_back(&field);
}

const NatsValue* NatsFields::take(std::initializer_list<std::string_view> names) {
  known_.insert(known_.end(), names);
  const NatsValue* found = nullptr;
  std::erase_if(left_, [&](const NatsMap::value_type* field) {
    if (std::ranges::find(names, auth::lower_case(field->first)) == names.end()) return false;
    if (found != nullptr) {
      fail(field->second, "is given under two names, and nats-server may use either");
    }
    found = &field->second;
    return true;
  });
  return found;
}

std::string_view NatsFields::text(std::initializer_list<std::string_view> names) {
  const NatsValue* value = take(names);
  if (value == nullptr) return "";
  if (const auto* text = value->get<std::string>()) {
    problems_.consume(*value, text->size());
    return *text;
  }
  fail(*value, std::string{*names.begin()} +
                   " must be a string; quote it if it looks like a number, a date or a boolean");
  return "";
}

void NatsFields::finish() {
  for (const NatsMap::value_type* field : left_) {
    if (field->second.is_variable) continue;
    // It is not quoted: after a password with a comma and no quotes, it is the rest of that.
    std::string message = "an unknown field";
    const auto meant = std::ranges::find_if(known_, [&](std::string_view name) {
      return auth::similar(auth::lower_case(field->first), name);
    });
    if (meant != known_.end()) message += "; did you mean \"" + std::string{*meant} + "\"?";
    fail(field->second, std::move(message));
  }
}

void NatsFields::fail(const NatsValue& at, std::string message) {
  good_ = false;
  problems_.add(at, std::move(message));
}

}  // namespace gateway
