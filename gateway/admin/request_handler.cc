#include "gateway/admin/request_handler.h"

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "auth/base/json.h"
#include "auth/base/secret.h"
#include "gateway/admin/caller.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/admin/subjects.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxBodyBytes = std::size_t{256} << 10;

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

void wipe_secrets(OrderedJson& result) {
  for (const char* secret : {"secret", "token", "seed", "creds"}) {
    const auto at = result.find(secret);
    if (at == result.end()) continue;
    auto& value = at->get_ref<std::string&>();
    auth::wipe(value.data(), value.size());
  }
}

}  // namespace

std::string write_error(std::string_view code, const std::string& message) {
  return auth::write_line(OrderedJson{{"error", {{"code", code}, {"message", message}}}});
}

RequestHandler::RequestHandler(const CurrentConfig& config, const CurrentRules& rules,
                               const Keys& keys, store::Store& store, const SigV4Verifier& verifier,
                               Counters& counters)
    : config_(config),
      rules_(rules),
      keys_(keys),
      store_(store),
      verifier_(verifier),
      counters_(counters) {}

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
    if (request.body.size() > kMaxBodyBytes) {
      throw OperationError(Code::usage, "the body is larger than 256 KiB");
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

AdminReply RequestHandler::operate(const AdminRequest& request) const {
  return reply(request, [&](const Config& config, const std::string& caller) {
    const auto subject = read_admin_subject(request.subject);
    if (!subject) throw OperationError(Code::usage, "the subject does not name an operation");
    const OperationContext context{
        .config = config,
        .master = keys_.master,
        .keys = &keys_,
        .store = store_,
        .actor = "nats:" + caller,
        .local = false,
        .account = subject->account.empty() ? std::nullopt : std::optional{subject->account},
        .now = now_in_seconds()};
    OrderedJson result = perform(context, subject->operation, read_body(request.body));
    std::string text = auth::write_line(result);
    wipe_secrets(result);
    return text;
  });
}

AdminReply RequestHandler::verify(const AdminRequest& request) const {
  return reply(request, [&](const Config& /*config*/, const std::string& caller) {
    return verifier_.answer(request.body, caller);
  });
}

}  // namespace gateway
