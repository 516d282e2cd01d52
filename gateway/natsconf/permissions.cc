#include "gateway/natsconf/permissions.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "auth/nats/subject.h"
#include "gateway/natsconf/go_duration.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMaxResponses = 1'000'000;
constexpr std::chrono::seconds kMaxTtl = 24h;

// parsePermSubjects, checkPermSubjectArray
std::vector<std::string> read_subjects(const NatsValue& value, NatsFields& fields) {
  std::vector<std::string> subjects;
  const auto add = [&](const NatsValue& item) {
    const auto* subject = item.get<std::string>();
    if (subject == nullptr) return fields.fail(item, "a subject must be a string");
    fields.problems().consume(item, subject->size() + sizeof(std::string));
    if (!auth::valid_subject(*subject)) {
      const bool queue = subject->find_first_of(" \t") != subject->npos;
      return fields.fail(item, queue ? "a subject with a queue name, which a credential cannot have"
                                     : "is not a valid subject");
    }
    subjects.push_back(*subject);
  };
  if (const auto* list = value.get<NatsList>()) {
    fields.problems().consume(value, list->size());
    std::ranges::for_each(*list, add);
    if (list->empty()) fields.fail(value, "is empty, which nats-server takes as every subject");
  } else {
    add(value);
  }
  std::ranges::sort(subjects);
  subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
  return subjects;
}

// parseVariablePermissions. `value` is nullptr where nothing is said.
auth::SubjectLists read_lists(const NatsValue* value, NatsFields& of) {
  if (value == nullptr) return {};
  if (value->get<NatsMap>() == nullptr) return {.allow = read_subjects(*value, of), .deny = {}};
  NatsFields fields{*value, of.problems()};
  auth::SubjectLists lists;
  if (const auto* allow = fields.take({"allow"})) lists.allow = read_subjects(*allow, fields);
  // An empty list of what is denied says what it does.
  const auto* deny = fields.take({"deny"});
  const auto* denied = deny != nullptr ? deny->get<NatsList>() : nullptr;
  if (deny != nullptr && (denied == nullptr || !denied->empty())) {
    lists.deny = read_subjects(*deny, fields);
  }
  fields.finish();
  if (fields.good() && lists.allow.empty() && lists.deny.empty()) {
    fields.fail(*value, "allows and denies nothing, which nats-server takes as every subject");
  }
  if (!fields.good()) of.spoil();
  return lists;
}

// parseAllowResponses. Absent for `false`, and where there was a problem.
std::optional<auth::Responses> read_responses(const NatsValue& value, NatsFields& of) {
  if (const auto* yes = value.get<bool>()) {
    return *yes ? std::optional{auth::Responses{}} : std::nullopt;
  }
  NatsFields fields{value, of.problems()};
  auth::Responses responses;
  if (const auto* max = fields.take({"max", "max_msgs", "max_messages", "max_responses"})) {
    const auto* number = max->get<std::int64_t>();
    if (number == nullptr || *number < 0 || *number > kMaxResponses) {
      fields.fail(*max, "max must be 1 to 1000000: a credential's responses are never unlimited");
    } else if (*number != 0) {
      responses.max = static_cast<std::uint32_t>(*number);
    }
  }
  if (const auto* ttl = fields.take({"expires", "expiration", "ttl"})) {
    const auto* text = ttl->get<std::string>();
    const auto span = text != nullptr ? read_go_duration(*text) : std::nullopt;
    if (!span) {
      fields.fail(*ttl, "expires must be a duration in quotes: \"2m\"");
    } else if (*span < 0ns || *span > kMaxTtl) {
      fields.fail(*ttl, "expires must be at most 24 hours: a credential's responses always expire");
    } else if (*span % 1s != 0ns) {
      fields.fail(*ttl,
                  "expires must be whole seconds, because a credential keeps no fraction of one: "
                  "\"1s\" for \"50ms\"");
    } else if (*span != 0ns) {
      responses.ttl = std::chrono::duration_cast<std::chrono::seconds>(*span);
    }
  }
  fields.finish();
  if (!fields.good()) of.spoil();
  return responses;
}

}  // namespace

std::optional<auth::Permissions> read_nats_permissions(const NatsValue& value,
                                                       NatsProblems& problems) {
  NatsFields fields{value, problems};
  // Import and export are words for routes, taken for users too.
  const auto* publish = fields.take({"publish", "pub", "import"});
  const auto* subscribe = fields.take({"subscribe", "sub", "export"});
  const auto* responses = fields.take({"allow_responses", "publish_allow_responses"});
  fields.finish();

  auth::Permissions permissions{.publish = read_lists(publish, fields),
                                .subscribe = read_lists(subscribe, fields),
                                .responses = {}};
  if (responses != nullptr) permissions.responses = read_responses(*responses, fields);
  const bool replies = permissions.responses.has_value();
  if (fields.good() && publish == nullptr && subscribe == nullptr && !replies) {
    fields.fail(value, "allows and denies nothing, which nats-server takes as every subject");
  }
  if (replies && publish != nullptr && permissions.publish.allow.empty()) {
    // Go's maps have no order: where nats-server reads allow_responses last, it allows nothing.
    fields.fail(*publish,
                "needs an allow list together with allow_responses: without one it is not defined "
                "whether nats-server allows nothing or everything");
  }
  if (!fields.good()) return std::nullopt;
  // With allow_responses and nothing said of publish, replies are all that may be published.
  if (permissions.publish.allow.empty() && !replies) permissions.publish.allow = {">"};
  if (permissions.subscribe.allow.empty()) permissions.subscribe.allow = {">"};
  return permissions;
}

}  // namespace gateway
