#pragma once
// Requests to create that were carried out, kept for a day: whoever did not get the answer asks
// again with the same id, and nothing is made a second time.

#include <optional>
#include <string>
#include <string_view>

#include "auth/credential/credential.h"
#include "store/change_rules.h"

namespace store {

struct Tables;
class Txn;
class WriteTxn;

// A request to create, which may come again if its answer was lost.
struct CreateRequest {
  std::string id;       // chosen by whoever asks; at most 128 bytes
  auth::Hash32 body{};  // a keyed hash of what is asked for
};

struct DoneRequest {
  auth::Time at;
  auth::Hash32 body{};
  std::string id;  // of the credential, or auth::role_id()
};

// Of the same actor, within a day of `intent.at`.
std::optional<DoneRequest> find_request(const Txn& txn, const Tables& tables, const Intent& intent,
                                        const CreateRequest& request);

// Whether a value of the table can be read.
bool is_request(std::string_view bytes);

// Puts it, and drops some of those that are older than a day.
void put_request(WriteTxn& txn, const Tables& tables, const Intent& intent,
                 const CreateRequest& request, std::string_view made);

}  // namespace store
