#include "gateway/admin/request_handler.h"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "auth/base/json.h"
#include "gateway/admin/caller.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/admin/subjects.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"
#include "gateway/platform/wipe_freed.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxRecordBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxBodyBytes = std::size_t{32} << 10;

// An empty body is an empty object.
nlohmann::json read_body(std::string_view text) {
  if (text.empty()) return nlohmann::json::object();
  std::string twice;
  auto body = auth::read_json_object(text, twice);
  if (!body) throw OperationError(Code::usage, "the body must be a JSON object");
  if (!twice.empty())
    throw OperationError(Code::usage, "the body has the member \"" + twice + "\" twice");
  return std::move(*body);
}

}  // namespace

std::string write_error(std::string_view code, const std::string& message) {
  return auth::write_line(OrderedJson{{"error", {{"code", code}, {"message", message}}}});
}

std::size_t max_body_bytes(std::string_view subject) {
  const auto read = read_admin_subject(subject);
  // The head of a signed request, which is not an operation, is bounded as a record is.
  if (!read) return kMaxRecordBytes;
  constexpr std::array<std::string_view, 5> kWithRecord = {"create", "update", "rotate",
                                                           "create_role", "update_role"};
  const bool record = std::ranges::find(kWithRecord, read->operation) != kWithRecord.end();
  return record ? kMaxRecordBytes : kMaxBodyBytes;
}

RequestHandler::RequestHandler(const CurrentConfig& config, const CurrentRules& rules,
                               const Keys& keys, store::Store& store, const SigV4Verifier& verifier,
                               Counters& counters)
    : config_(config),
      rules_(rules),
      keys_(keys),
      store_(store),
      verifier_(verifier),
      counters_(counters),
      sessions_([this](const std::set<std::string>& credentials) {
        return find_sessions(config_.load()->system, *keys_.system, credentials,
                             stop_searches_.get_token());
      }) {}

template <class Make>
AdminReply RequestHandler::reply(const AdminRequest& request, Make make) const {
  AdminReply reply;
  const auto failed = [&reply](Code code, const std::string& why) {
    reply.error = name(code);
    reply.text = write_error(reply.error, why);
  };
  try {
    const std::shared_ptr<const Config> config = config_.load();
    const std::string caller = check_caller(request.callers, *config, rules_.load()->judge, store_);
    reply.actor = "nats:" + caller;
    const std::size_t most = max_body_bytes(request.subject);
    if (request.body.size() > most) {
      throw OperationError(Code::usage, "the body is larger than " + std::to_string(most >> 10) +
                                            " KiB, the limit of this operation");
    }
    reply.text = make(*config, caller);
  } catch (const OperationError& error) {
    failed(error.code(), error.what());
  } catch (const auth::ConfigError& wrong) {
    failed(Code::configuration, wrong.what());
  } catch (const std::exception& fault) {
    ++counters_.faults;
    log(Level::error, "fault", {{"error", fault.what()}});
    failed(Code::fault, fault.what());
  }
  return reply;
}

AdminReply RequestHandler::admit(const AdminRequest& request) const {
  return reply(request, [](const Config& /*config*/, const std::string& /*caller*/) {
    return std::string{};
  });
}

AdminReply RequestHandler::operate(const AdminRequest& request) const {
  const WipeFreed wiped;  // the body may hold a password, and the result a new secret
  std::optional<ClosingRequest> closing;
  AdminReply made = reply(request, [&](const Config& config, const std::string& caller) {
    const auto subject = read_admin_subject(request.subject);
    if (!subject) throw OperationError(Code::usage, "the subject does not name an operation");
    const OperationContext context{
        .config = config,
        .master = keys_.master,
        .keys = &keys_,
        .store = store_,
        .sessions = &sessions_,
        .closing = &closing,
        .actor = "nats:" + caller,
        .local = false,
        .account = subject->account.empty() ? std::nullopt : std::optional{subject->account},
        .now = now_in_seconds()};
    return auth::write_line(perform(context, subject->operation, read_body(request.body)));
  });
  if (made.error.empty()) made.closing = std::move(closing);
  return made;
}

AdminReply RequestHandler::verify(const AdminRequest& request) const {
  return reply(request, [&](const Config& /*config*/, const std::string& caller) {
    return verifier_.answer(request.body, caller);
  });
}

}  // namespace gateway
