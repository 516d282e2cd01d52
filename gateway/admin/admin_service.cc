#include "gateway/admin/admin_service.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "auth/base/base32.h"
#include "auth/base/json.h"
#include "gateway/admin/caller.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/admin/subjects.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr const char* kAdminGroup = "q";
constexpr std::size_t kMaxBodyBytes = std::size_t{256} << 10;
constexpr std::size_t kEventsAtOnce = 256;
constexpr auto kReconnectPause = 500ms;
constexpr auto kEventPause = 250ms;  // decisions are gathered for so long
constexpr std::int64_t kEventFlush = 2000;

std::string error_json(Code code, const std::string& message) {
  return OrderedJson{{"error", {{"code", name(code)}, {"message", message}}}}.dump(
      -1, ' ', false, OrderedJson::error_handler_t::replace);
}

// An empty body is an empty object.
nlohmann::json read_request_body(std::string_view text) {
  if (text.size() > kMaxBodyBytes) {
    throw OperationError(Code::usage, "the body is larger than 256 KiB");
  }
  if (text.empty()) return nlohmann::json::object();
  std::string twice;
  auto body = auth::read_json_object(text, twice);
  if (!body) throw OperationError(Code::usage, "the body must be a JSON object");
  if (!twice.empty())
    throw OperationError(Code::usage, "the body has the member \"" + twice + "\" twice");
  return std::move(*body);
}

// The newest change is told again: to whoever has heard all until now it is a repeat, and whoever
// missed one while no daemon ran sees the gap.
std::uint64_t before_newest(std::uint64_t sequence) {
  return sequence == 0 ? 0 : sequence - 1;
}

}  // namespace

AdminService::AdminService(const CurrentConfig& config, const CurrentRules& rules, const Keys& keys,
                           store::Store& store, const SigV4Verifier& verifier, const Notes& notes)
    : config_(config),
      rules_(rules),
      keys_(keys),
      store_(store),
      verifier_(verifier),
      counters_(notes.counters),
      state_(notes.state),
      lame_ducks_(notes.lame_ducks),
      store_id_(store.totals().store_id),
      discovery_(auth::write_base32(random_bytes<15>()), store_id_, counters_, now_in_seconds()),
      decisions_(store_id_),
      published_(before_newest(store.totals().sequence)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

AdminService::~AdminService() {
  stop();
}

void AdminService::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  // Other instances are asked from here on; whoever was asking this one is answered.
  for (const auto& subscriber : subscribers_)
    subscriber->drain();
  subscribers_.clear();
  if (connection_) natsConnection_FlushTimeout(connection_.get(), kEventFlush);
}

void AdminService::tell(const DecisionEvent& decided) {
  if (!decisions_.add(decided, DecisionEvents::Clock::now())) ++counters_.events_lost;
}

void AdminService::look() {
  const std::lock_guard lock{mutex_};
  news_ = true;
  changed_.notify_all();
}

template <class Make>
std::string AdminService::result_or_error(Make make, std::string& error) const {
  const auto failed = [&error](Code code, const std::string& why) {
    error = name(code);
    return error_json(code, why);
  };
  try {
    return make();
  } catch (const OperationError& failure) {
    return failed(failure.code(), failure.what());
  } catch (const auth::ConfigError& wrong) {
    return failed(Code::configuration, wrong.what());
  } catch (const std::exception& fault) {
    ++counters_.faults;
    log(Level::error, "fault", {{"error", fault.what()}});
    return failed(Code::fault, fault.what());
  }
}

std::string AdminService::result_of(const natsMsg& message, std::string& actor,
                                    std::string& error) const {
  auto* raw = const_cast<natsMsg*>(&message);  // NOLINT: the accessor's type is not const
  const auto make = [&] {
    const std::shared_ptr<const Config> config = config_.load();
    actor = "nats:" + check_caller(message, *config, rules_.load()->judge, store_);
    const auto subject = read_admin_subject(natsMsg_GetSubject(raw));
    if (!subject) throw OperationError(Code::usage, "the subject names no operation");
    const OperationContext context{
        .config = *config,
        .master = keys_.master,
        .keys = &keys_,
        .store = store_,
        .actor = actor,
        .local = false,
        .account = subject->account.empty() ? std::nullopt : std::optional{subject->account},
        .now = now_in_seconds()};
    OrderedJson result = perform(context, subject->operation, read_request_body(data(message)));
    std::string text = result.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    for (const char* secret : {"secret", "token", "seed", "creds"}) {
      const auto at = result.find(secret);
      if (at == result.end()) continue;
      auto& value = at->get_ref<std::string&>();
      auth::wipe(value.data(), value.size());
    }
    return text;
  };
  return result_or_error(make, error);
}

void AdminService::send(const natsMsg& to, const std::string& text) const {
  auto* raw = const_cast<natsMsg*>(&to);  // NOLINT: the accessor's type is not const
  const auto publish = [&](const std::string& answer) {
    return natsConnection_PublishString(connection_.get(), natsMsg_GetReply(raw), answer.c_str());
  };
  natsStatus status = publish(text);
  if (status == NATS_MAX_PAYLOAD) {
    status = publish(error_json(
        Code::usage, "the result is larger than nats-server's max_payload; ask with a limit"));
  }
  if (status != NATS_OK) {
    log(Level::error, "admin_unanswered", {{"error", natsStatus_GetText(status)}});
  }
}

void AdminService::answer_request(const natsMsg& message) {
  auto* raw = const_cast<natsMsg*>(&message);  // NOLINT: the accessor's type is not const
  if (natsMsg_GetReply(raw) == nullptr) return;
  const auto began = std::chrono::steady_clock::now();
  std::string actor;
  std::string error;
  std::string text = result_of(message, actor, error);
  send(message, text);
  auth::wipe(text.data(), text.size());
  ++(error.empty() ? counters_.admin_done : counters_.admin_refused);
  discovery_.count(std::chrono::steady_clock::now() - began, error);
  log(error.empty() ? Level::info : Level::warning, "admin",
      {{"actor", actor}, {"subject", natsMsg_GetSubject(raw)}, {"error", error}});
}

void AdminService::answer_verify(const natsMsg& message) {
  if (natsMsg_GetReply(&message) == nullptr) return;
  std::string error;
  const auto make = [&] {
    const std::shared_ptr<const Config> config = config_.load();
    const std::string asker = check_caller(message, *config, rules_.load()->judge, store_);
    const std::string_view question = data(message);
    if (question.size() > kMaxBodyBytes) {
      throw OperationError(Code::usage, "the body is larger than 256 KiB");
    }
    return verifier_.answer(question, asker);
  };
  send(message, result_or_error(make, error));
  if (!error.empty()) log(Level::warning, "sigv4_question", {{"error", error}});
}

void AdminService::answer_discovery(const natsMsg& message) {
  auto* raw = const_cast<natsMsg*>(&message);  // NOLINT: the accessor's type is not const
  if (natsMsg_GetReply(raw) == nullptr) return;
  if (const auto text = discovery_.answer(natsMsg_GetSubject(raw))) send(message, *text);
}

bool AdminService::connect_again() {
  subscribers_.clear();
  try {
    const std::shared_ptr<const Config> config = config_.load();
    connection_ = connect(config->nats, keys_.nats, "credgate admin", Sending::prompt, lame_ducks_);
    subscribers_.push_back(std::make_unique<Subscriber>(
        connection_, std::string(kAdminPrefix) + ">",
        [this](const natsMsg& message) { answer_request(message); }, kAdminGroup));
    // Each has a thread of its own: no proxy waits for an operator's long list.
    for (unsigned i = 0; i < config->workers; ++i) {
      subscribers_.push_back(std::make_unique<Subscriber>(
          connection_, kVerifySubject, [this](const natsMsg& message) { answer_verify(message); },
          kAdminGroup));
    }
    subscribers_.push_back(std::make_unique<Subscriber>(
        connection_, "$SRV.>", [this](const natsMsg& message) { answer_discovery(message); }));
    check(natsConnection_FlushTimeout(connection_.get(), kEventFlush), "flush");
  } catch (const NatsError& fault) {
    subscribers_.clear();
    connection_.reset();
    if (error_ != fault.what()) log(Level::error, "admin_lost", {{"error", fault.what()}});
    error_ = fault.what();
    state_.set(false, "", now_in_seconds());
    return false;
  }
  state_.set(true, url_of(connection_), now_in_seconds());
  log(Level::info, "admin_connected", {});
  error_.clear();
  return true;
}

// What is in the journal goes out in order and whole, however long the connection was away; of
// repeats and of what came before this daemon, readers know by the sequence.
void AdminService::publish_events() {
  const auto publish = [this](const Event& event) {
    check(
        natsConnection_PublishString(connection_.get(), event.subject.c_str(), event.data.c_str()),
        "publish an event");
  };
  for (const Event& event : decisions_.take())
    publish(event);
  while (true) {
    const auto entries = store_.history(published_, kEventsAtOnce, {});
    if (entries.empty()) return;
    for (const store::Entry& entry : entries)
      publish(credential_event(entry, store_id_));
    check(natsConnection_FlushTimeout(connection_.get(), kEventFlush), "flush");
    published_ = entries.back().sequence;
  }
}

void AdminService::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      const bool up = connected(connection_) || connect_again();
      if (up) publish_events();
      std::unique_lock lock{mutex_};
      changed_.wait_for(lock, stop, up ? kEventPause : kReconnectPause,
                        [&] { return up && news_; });
      news_ = false;
    } catch (const std::exception& fault) {
      log(Level::error, "fault", {{"error", fault.what()}});
      std::unique_lock lock{mutex_};
      changed_.wait_for(lock, stop, kReconnectPause, [] { return false; });
    }
  }
}

}  // namespace gateway
