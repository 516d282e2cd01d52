#include "gateway/admin/operations/cursor.h"

#include "auth/base/base64.h"
#include "auth/base/bytes.h"
#include "gateway/platform/random.h"

namespace gateway::operations {
namespace {

// Not the form of an id: no secret of a record opens as a cursor, nor a cursor as a secret.
std::string purpose(const OperationContext& context, std::string_view operation) {
  return "cursor " + std::string(operation) + " " + *context.account;
}

}  // namespace

std::string write_cursor(const OperationContext& context, std::string_view operation,
                         const std::string& at) {
  if (at.empty() || !context.confined()) return at;
  const std::string sealed =
      context.master.current().seal(purpose(context, operation), at, random_bytes<24>());
  return auth::write_base64url(auth::bytes_of(sealed));
}

std::string read_cursor(const OperationContext& context, std::string_view operation,
                        const std::string& cursor) {
  if (cursor.empty() || !context.confined()) return cursor;
  if (const auto bytes = auth::read_base64url(cursor)) {
    for (const auth::MasterKey& key : context.master.all()) {
      if (const auto at = key.open(purpose(context, operation), auth::text_of(*bytes)))
        return std::string(at->view());
    }
  }
  throw OperationError(Code::usage, "after: must be the `after` of the page before");
}

}  // namespace gateway::operations
