#include "gateway/admin/message.h"

#include <cstdlib>
#include <vector>

#include "gateway/admin/operation_error.h"
#include "gateway/nats/nats_c.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

const char* kCallerHeader = "Nats-Request-Info";

std::vector<std::string> header_values(natsMsg* message, const char* header) {
  const char** values = nullptr;
  int count = 0;
  if (natsMsgHeader_Values(message, header, &values, &count) != NATS_OK) return {};
  std::vector<std::string> all(values, values + count);
  std::free(values);  // NOLINT(cppcoreguidelines-no-malloc): the array is ours, the strings are not
  return all;
}

}  // namespace

AdminRequest read_request(const natsMsg& message) {
  auto* raw = const_cast<natsMsg*>(&message);  // NOLINT: the accessor's type is not const
  return {.subject = natsMsg_GetSubject(raw),
          .callers = header_values(raw, kCallerHeader),
          .body = data(message)};
}

void send_answer(const Connection& connection, const std::string& to, const std::string& text) {
  const auto publish = [&](const std::string& answer) {
    return natsConnection_PublishString(connection.get(), to.c_str(), answer.c_str());
  };
  natsStatus status = publish(text);
  if (status == NATS_MAX_PAYLOAD) {
    status = publish(
        write_error(name(Code::usage),
                    "the result is larger than nats-server's max_payload; use a smaller limit"));
  }
  if (status != NATS_OK) {
    log(Level::error, "admin_reply_failed", {{"error", reason_of(status)}});
  }
}

}  // namespace gateway
