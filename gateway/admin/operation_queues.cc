#include "gateway/admin/operation_queues.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "auth/base/json.h"
#include "auth/base/secret.h"
#include "gateway/admin/message.h"
#include "gateway/admin/operation_error.h"
#include "gateway/admin/operations/closing.h"
#include "gateway/admin/subjects.h"
#include "gateway/nats/nats_c.h"
#include "gateway/platform/log.h"

namespace gateway {
// Operations with a queue of their own. `group`: of subscriptions that overlap, nats-server picks
// one in each group.
struct OwnQueue {
  const char* group;
  std::vector<std::string_view> operations;
  RequestQueue::Limits limits;
};

namespace {

using namespace std::chrono_literals;
using Clock = RequestQueue::Clock;

// Less than callers wait, so that they hear of it.
constexpr auto kMaxWait = 10s;

// What closes a door takes a commit each, and scripts close many at once.
const OwnQueue kSecurity = {
    "q_security", {"suspend", "revoke", "kick"}, {.max_waiting = 256, .patience = kMaxWait}};
// They wait for servers, for seconds; those of several callers share a search.
const OwnQueue kSessions = {
    "q_sessions", {"sessions"}, {.threads = 4, .max_waiting = 4, .patience = kMaxWait}};
constexpr const char* kOthersGroup = "q";
constexpr std::array<std::string_view, 7> kReading = {
    "get", "list", "history", "sessions", "explain", "get_role", "list_roles"};
constexpr RequestQueue::Limits kOtherLimits = {.patience = kMaxWait};

bool has_own_queue(const natsMsg& message) {
  auto* raw = const_cast<natsMsg*>(&message);  // NOLINT: the accessor's type is not const
  const auto subject = read_admin_subject(natsMsg_GetSubject(raw));
  const auto among = [&](const OwnQueue& own) {
    return std::ranges::find(own.operations, subject->operation) != own.operations.end();
  };
  return subject && (among(kSecurity) || among(kSessions));
}

AdminReply busy(const std::string& actor, const std::string& why) {
  const std::string code(name(Code::busy));
  return {.text = write_error(code, why), .actor = actor, .error = code};
}

// Written once: it answers each request of a flood.
AdminReply too_many(const std::string& actor) {
  static const AdminReply kBusy =
      busy("", "too many of this user's requests wait; nothing was done: ask again");
  AdminReply reply = kBusy;
  reply.actor = actor;
  return reply;
}

// To the text of a JSON object that is not empty, which may hold a secret.
void add_member(std::string& object, const char* name, const std::string& value) {
  std::string longer;
  longer.reserve(object.size() + value.size() + 32);
  longer.append(object, 0, object.size() - 1).append(",\"").append(name).append("\":");
  longer.append(value).append("}");
  auth::wipe(object.data(), object.size());
  object = std::move(longer);
}

}  // namespace

// The subscribers only queue: a request's time counts from its arrival, and a flood on one subject
// delays no other.
OperationQueues::OperationQueues(Operations operations, const Deps& deps) : deps_(deps) {
  if (deps_.closing) closing_ = std::make_unique<ClosingReplies>(deps_.closing);
  if (operations == Operations::security) {
    subscribe(kSecurity);
  } else {
    subscribe(kSessions);
    subscribe_others();
  }
}

void OperationQueues::subscribe(const OwnQueue& own) {
  RequestQueue& queue = make_queue(own.limits);
  for (const std::string_view operation : own.operations) {
    for (const char* account : {"", ">"}) {
      subscribers_.push_back(std::make_unique<Subscriber>(
          deps_.connection, admin_subject(operation, account),
          [this, &queue](const natsMsg& message) { take(message, queue); }, own.group));
    }
  }
}

void OperationQueues::subscribe_others() {
  RequestQueue& others = make_queue(kOtherLimits);
  for (const char* service : {kAdminService, kRoleService}) {
    subscribers_.push_back(std::make_unique<Subscriber>(
        deps_.connection, service,
        [this, &others](const natsMsg& message) {
          if (!has_own_queue(message)) take(message, others);
        },
        kOthersGroup));
  }
}

OperationQueues::~OperationQueues() {
  subscribers_.clear();
}

RequestQueue& OperationQueues::make_queue(const RequestQueue::Limits& limits) {
  queues_.push_back(std::make_unique<RequestQueue>(
      limits, [this](const QueuedRequest& request, bool too_late) { answer(request, too_late); }));
  return *queues_.back();
}

void OperationQueues::start_drain(Clock::time_point end) {
  for (const auto& subscriber : subscribers_)
    subscriber->start_drain();
  for (const auto& queue : queues_)
    queue->set_end(end);
}

void OperationQueues::drain() {
  for (const auto& subscriber : subscribers_)
    subscriber->drain();
  subscribers_.clear();
  for (const auto& queue : queues_)
    queue->drain();
  closing_.reset();
}

// It is looked at again when it is carried out.
AdminReply OperationQueues::admit(const AdminRequest& request) {
  const bool one = request.callers.size() == 1;
  const auto now = Clock::now();
  if (one) {
    if (auto found = callers_.find(request.callers.front(), now)) return *std::move(found);
  }
  AdminReply found =
      deps_.handler.admit({.subject = request.subject, .callers = request.callers, .body = {}});
  const bool known = found.error.empty() || found.error == name(Code::forbidden);
  if (one && known) callers_.remember(request.callers.front(), found, now);
  return found;
}

// Each is answered: of one that is not, nats-server keeps the way back for two minutes, and a flood
// of them fills its memory.
void OperationQueues::take(const natsMsg& message, RequestQueue& queue) {
  const char* reply_to = natsMsg_GetReply(&message);
  if (reply_to == nullptr) return;
  const auto now = Clock::now();
  AdminRequest as_sent = read_request(message);
  AdminReply reply = admit(as_sent);
  if (reply.error.empty() && as_sent.body.size() > max_body_bytes(as_sent.subject)) {
    reply = deps_.handler.admit(as_sent);  // which says so
  }
  QueuedRequest request{.actor = reply.actor,
                        .subject = std::string(as_sent.subject),
                        .reply = reply_to,
                        .callers = {},
                        .body = {},
                        .arrived = now};
  if (reply.error.empty()) {
    if (queue.has_place(request.actor)) {
      request.callers = std::move(as_sent.callers);
      request.body = auth::SecretText{as_sent.body};
      if (queue.push(std::move(request))) return;
    }
    reply = too_many(reply.actor);
  }
  finish(request, reply, Clock::now() - now);  // NOLINT(bugprone-use-after-move): not taken
}

void OperationQueues::answer(const QueuedRequest& request, bool too_late) {
  const auto began = Clock::now();
  AdminReply reply =
      too_late ? busy(request.actor, "the request waited too long; nothing was done: ask again")
               : deps_.handler.operate({.subject = request.subject,
                                        .callers = request.callers,
                                        .body = request.body.view()});
  const auto took = Clock::now() - began;
  if (reply.closing && closing_) return answer_once_closed(request, std::move(reply), took);
  finish(request, reply, took);
}

void OperationQueues::answer_once_closed(const QueuedRequest& request, AdminReply&& reply,
                                         std::chrono::nanoseconds took) {
  const auto to = std::make_shared<QueuedRequest>();
  to->subject = request.subject;
  to->reply = request.reply;
  const auto held = std::make_shared<AdminReply>(std::move(reply));
  closing_->add(*held->closing, held->actor, [this, to, held, took](const ClosingReport& report) {
    add_member(held->text, "closing", auth::write_line(write_closing(*held->closing, report)));
    finish(*to, *held, took);
  });
}

void OperationQueues::finish(const QueuedRequest& request, AdminReply& reply,
                             std::chrono::nanoseconds took) {
  send_answer(deps_.connection, request.reply, reply.text);
  auth::wipe(reply.text.data(), reply.text.size());
  ++(reply.error.empty() ? deps_.counters.admin_done : deps_.counters.admin_refused);
  deps_.discovery.count(request.subject, took, reply.error);
  log_request(request, reply);
}

// Each that changed something has its line. The others one sender can cause as often as it likes.
void OperationQueues::log_request(const QueuedRequest& request, const AdminReply& reply) {
  const auto subject = read_admin_subject(request.subject);
  const std::string operation = subject ? subject->operation : "";
  const bool done = reply.error.empty();
  const auto line = {Field{"actor", reply.actor}, Field{"subject", request.subject},
                     Field{"error", reply.error}};
  if (done && std::ranges::find(kReading, operation) == kReading.end()) {
    return log(Level::info, "admin", line);
  }
  log_limited(done ? Level::info : Level::warning, "admin",
              {.reason = done ? operation : reply.error, .actor = reply.actor}, line);
}

}  // namespace gateway
