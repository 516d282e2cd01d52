#include "gateway/admin/caller.h"

#include "auth/base/json.h"
#include "auth/decision/judge.h"
#include "gateway/admin/operation_error.h"
#include "gateway/config/config.h"
#include "gateway/nats/nats_c.h"
#include "gateway/platform/clock.h"
#include "store/store.h"

namespace gateway {

CallerInfo read_caller(const std::vector<std::string>& values) {
  if (values.size() != 1) {
    throw OperationError(Code::forbidden, values.empty()
                                              ? "the request does not name its sender: the account "
                                                "must import the service with share: true"
                                              : "the request names its sender more than once");
  }
  std::string twice;
  const auto json = auth::read_json_object(values.front(), twice);
  CallerInfo caller;
  if (json && twice.empty()) {
    caller = {.account = auth::string_at(*json, "acc"), .user = auth::string_at(*json, "user")};
  }
  if (json && twice.empty() && auth::string_at(*json, "kind") != "Client") {
    throw OperationError(Code::forbidden,
                         "the request did not come over a client's connection; send it over one, "
                         "not through a leafnode");
  }
  if (caller.account.empty() || caller.user.empty()) {
    throw OperationError(Code::forbidden,
                         "the request does not name the user who sent it: the account must import "
                         "the service with share: true");
  }
  return caller;
}

std::string check_caller(const std::vector<std::string>& values, const Config& config,
                         const auth::Judge& judge, const store::Store& store) {
  const CallerInfo caller = read_caller(values);
  const auto key = config.account_keys.find(config.admin_account);
  const std::string wanted = config.operator_mode && key != config.account_keys.end()
                                 ? key->second.id
                                 : config.admin_account;
  // Other accounts may import the service as well, where its export lets them.
  const auto credential = caller.account == wanted && auth::has_id_form(caller.user)
                              ? store.get(caller.user)
                              : std::nullopt;
  const auto now = now_in_seconds();
  if (!credential || credential->account != config.admin_account ||
      !judge.session_rules(*credential, now).good) {
    throw OperationError(
        Code::forbidden,
        "this user is not an active credential of the admin account " + config.admin_account);
  }
  return caller.user;
}

}  // namespace gateway
