#include "gateway/admin/operations/subject_answers.h"

#include "auth/base/text.h"
#include "auth/credential/needed_rights.h"
#include "auth/credential/permission_check.h"
#include "auth/nats/subject.h"

namespace gateway::operations {
namespace {

using auth::May;

// Each is compared with every entry of the record, of which there may be thousands.
constexpr std::size_t kMaxSubjects = 100;
// Each right is tried with the whole record.
constexpr std::size_t kMaxNeeded = 10;

[[noreturn]] void refuse(const std::string& message) {
  throw OperationError(Code::usage, message);
}

// Without the queue group, which no entry of a record can have.
std::string subject_of(const std::string& subscription) {
  return subscription.substr(0, subscription.find(' '));
}

std::string queue_of(const std::string& subscription) {
  const auto space = subscription.find(' ');
  return space == std::string::npos ? "" : subscription.substr(space + 1);
}

bool valid_subscription(const std::string& text) {
  const bool has_queue = text.find(' ') != std::string::npos;
  return auth::valid_subject(subject_of(text)) &&
         (!has_queue || auth::valid_published(queue_of(text)));
}

const char* word(May may) {
  switch (may) {
    case May::yes:
      return "allowed";
    case May::no:
      return "refused";
    case May::partly:
      return "partly";
    case May::to_a_request:
      return "only as a reply";
  }
  return "refused";
}

struct Holder {
  const auth::Credential& credential;
  std::span<const auth::Role> roles;
};

std::string entry_of(const Holder& holder, const auth::SubjectVerdict& verdict) {
  const auto sources = auth::sources_of(holder.credential, holder.roles, verdict.entry);
  const std::string entry = (verdict.denied ? "deny " : "allow ") + verdict.entry;
  return sources.empty() ? entry : entry + ", from " + auth::join(sources, " and ");
}

std::string reason(const Holder& holder, const auth::SubjectVerdict& verdict) {
  if (verdict.unchecked) return "nats-server does not check a leafnode there";
  if (verdict.may == May::to_a_request) {
    const std::string else_denied = verdict.denied ? "; else " + entry_of(holder, verdict) : "";
    return "allow_responses: only on the reply subject of a received message" + else_denied;
  }
  if (verdict.entry.empty()) return "not allowed by any entry";
  const std::string entry = entry_of(holder, verdict);
  if (verdict.may != May::partly) return entry;
  if (!verdict.denied) return entry + ": no more of it is delivered";
  return entry + (verdict.crosses
                      ? ": what that matches is not delivered, but by nats-server 2.10 it is"
                      : ": what that matches is not delivered");
}

struct Question {
  bool publish = true;
  std::string subject;
  std::string queue{};
};

class Answers {
 public:
  Answers(const Holder& holder, auth::ConnectionType type, const auth::Permissions& given)
      : holder_(holder), type_(type), given_(given) {}

  OrderedJson answer(const Question& question) {
    const auto verdict = judge(question);
    OrderedJson json = {{"verb", question.publish ? "publish" : "subscribe"},
                        {"subject", question.subject},
                        {"verdict", word(verdict.may)},
                        {"reason", reason(holder_, verdict)}};
    if (!question.queue.empty()) json["queue"] = question.queue;
    if (verdict.may == May::yes || ++not_allowed_ > kMaxNeeded) return json;
    const auto needed = auth::needed_rights(
        holder_.credential, holder_.roles,
        {.publish = question.publish, .subject = question.subject, .type = type_});
    if (!needed.empty()) json["needed"] = needed;
    return json;
  }

 private:
  auth::SubjectVerdict judge(const Question& question) const {
    const bool leafnode = type_ == auth::ConnectionType::leafnode;
    const auto publish = leafnode ? auth::leafnode_may_publish : auth::may_publish;
    const auto subscribe = leafnode ? auth::leafnode_may_subscribe : auth::may_subscribe;
    return (question.publish ? publish : subscribe)(given_, question.subject);
  }

  const Holder holder_;
  auth::ConnectionType type_;
  const auth::Permissions& given_;
  std::size_t not_allowed_ = 0;
};

}  // namespace

void check_subjects(const SubjectQuestions& questions) {
  if (questions.publish.size() + questions.subscribe.size() > kMaxSubjects)
    refuse("publish, subscribe: must be at most 100 subjects together");
  for (const std::string& subject : questions.publish) {
    if (!auth::valid_published(subject))
      refuse("publish: \"" + subject + "\" is not a subject to publish to");
  }
  for (const std::string& subject : questions.subscribe) {
    if (!valid_subscription(subject))
      refuse("subscribe: \"" + subject + "\" is not a subject, nor a subject and a queue group");
  }
}

OrderedJson answer_subjects(const auth::Credential& credential, std::span<const auth::Role> roles,
                            auth::ConnectionType type, const auth::Permissions& permissions,
                            const SubjectQuestions& questions) {
  Answers answers{{credential, roles}, type, permissions};
  OrderedJson list = OrderedJson::array();
  for (const std::string& subject : questions.publish)
    list.push_back(answers.answer({.publish = true, .subject = subject}));
  for (const std::string& text : questions.subscribe)
    list.push_back(
        answers.answer({.publish = false, .subject = subject_of(text), .queue = queue_of(text)}));
  return list;
}

}  // namespace gateway::operations
