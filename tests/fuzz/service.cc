// What comes over NATS beside requests: who asks for an operation, on which subject, with which
// body, and what servers say of their connections.

#include "auth/base/json.h"
#include "auth/credential/credential_read.h"
#include "gateway/admin/caller.h"
#include "gateway/admin/operation_error.h"
#include "gateway/admin/subjects.h"
#include "gateway/sessions/connz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(gateway::read_connz(text));
  static_cast<void>(gateway::read_admin_subject(text));
  static_cast<void>(auth::read_instant(text));
  try {
    static_cast<void>(gateway::read_caller({text}));
  } catch (const gateway::OperationError&) {
  }
  std::string twice;
  if (const auto body = auth::read_json_object(text, twice)) {
    auth::Credential credential;
    static_cast<void>(auth::read_json(*body, credential));
  }
  return 0;
}
