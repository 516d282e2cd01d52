#include "gateway/admin/operations/operations.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gateway {
namespace {

using Perform = OrderedJson (*)(const OperationContext&, nlohmann::json);

constexpr std::array<std::pair<std::string_view, Perform>, 17> kOperations = {
    {{"create", operations::create},
     {"get", operations::get},
     {"list", operations::list},
     {"update", operations::update},
     {"suspend", operations::suspend},
     {"resume", operations::resume},
     {"revoke", operations::revoke},
     {"rotate", operations::rotate},
     {"sessions", operations::sessions},
     {"kick", operations::kick},
     {"history", operations::history},
     {"explain", operations::explain},
     {"create_role", operations::create_role},
     {"get_role", operations::get_role},
     {"list_roles", operations::list_roles},
     {"update_role", operations::update_role},
     {"delete_role", operations::delete_role}}};

}  // namespace

OrderedJson perform(const OperationContext& context, std::string_view operation,
                    nlohmann::json body) {
  for (const auto& [name, act] : kOperations) {
    if (name != operation) continue;
    try {
      return act(context, std::move(body));
    } catch (const store::Full& full) {  // what anybody may run into by asking is not a fault
      throw OperationError(Code::refused, full.what());
    } catch (const store::ReadOnly& read_only) {
      throw OperationError(Code::refused, read_only.what());
    }
  }
  throw OperationError(Code::usage, "there is no operation \"" + std::string(operation) + "\"");
}

}  // namespace gateway
