#include "gateway/nats/system_connection.h"

#include <charconv>
#include <utility>

#include "auth/base/base32.h"
#include "gateway/config/config.h"
#include "gateway/config/keys.h"
#include "gateway/nats/nats_c.h"
#include "gateway/platform/log.h"
#include "gateway/platform/random.h"

namespace gateway {

SystemConnection::SystemConnection(const NatsConfig& config, const NatsLogin& login,
                                   LameDuckSignal& lame_ducks, OnMessage hear)
    : config_(config), login_(login), lame_ducks_(lame_ducks), on_message_(std::move(hear)) {}

SystemConnection::~SystemConnection() {
  subscribers_.clear();
}

bool SystemConnection::has_others() const {
  return config_.urls.size() > 1;
}

void SystemConnection::on_message(const natsMsg& message) {
  auto* raw = const_cast<natsMsg*>(&message);  // NOLINT: the accessor's type is not const
  const std::string_view subject = natsMsg_GetSubject(raw);
  SystemMessage received{
      .subject = std::string(subject), .number = 0, .data = std::string(data(message))};
  if (subject.starts_with(inbox_)) {
    const char* end = subject.data() + subject.size();
    const auto read = std::from_chars(subject.data() + inbox_.size(), end, received.number);
    if (read.ptr != end) return;
    received.subject.clear();
  }
  on_message_(std::move(received));
}

bool SystemConnection::connect_again() {
  try {
    Connection made =
        connect(config_, login_, "credgate system", Sending::prompt, lame_ducks_, url());
    subscribers_.clear();  // they read inbox_
    connection_ = std::move(made);
    // Nobody else of the account can guess where answers go.
    inbox_ = "_INBOX." + auth::write_base32(random_bytes<15>()) + ".";
    for (const std::string& allowed : kSystemSubscribe) {
      const std::string subject = allowed.starts_with('_') ? inbox_ + "*" : allowed;
      subscribers_.push_back(std::make_unique<Subscriber>(
          connection_, subject, [this](const natsMsg& message) { on_message(message); }));
    }
  } catch (const std::exception& fault) {
    if (up() && subscribers_.size() == kSystemSubscribe.size()) return false;
    subscribers_.clear();
    connection_.reset();
    if (error_ != fault.what()) log(Level::error, "system_lost", {{"error", fault.what()}});
    error_ = fault.what();
    return false;
  }
  log(Level::info, "system_connected", {});
  error_.clear();
  return true;
}

void SystemConnection::ask(const std::string& subject, const std::string& body,
                           std::uint64_t number) {
  const std::string reply = inbox_ + std::to_string(number);
  check(natsConnection_PublishRequestString(connection_.get(), subject.c_str(), reply.c_str(),
                                            body.c_str()),
        "ask a server");
}

}  // namespace gateway
