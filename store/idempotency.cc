#include "store/idempotency.h"

#include <algorithm>
#include <vector>

#include "auth/credential/role.h"
#include "auth/nats/subject.h"
#include "store/lmdb.h"
#include "store/tables.h"

namespace store {
namespace {

constexpr std::chrono::hours kKept{24};
// As many as are looked at with each that is put: more than come in, so that the table stays small.
constexpr int kLooks = 8;
constexpr std::size_t kTimeBytes = 8;

std::string request_key(const Intent& intent, const CreateRequest& request) {
  return intent.actor + '\0' + request.id;
}

// 8 bytes of the time, 32 of the body's hash, then the id.
std::string write_request(const DoneRequest& done) {
  std::string bytes = sequence_key(static_cast<std::uint64_t>(done.at.time_since_epoch().count()));
  bytes.append(done.body.begin(), done.body.end());
  return bytes + done.id;
}

// "ACCOUNT/NAME"
bool is_role_id(std::string_view id) {
  const auto slash = id.find('/');
  return slash != id.npos && slash > 0 && slash <= auth::kMaxNameBytes &&
         auth::valid_role_name(id.substr(slash + 1));
}

std::optional<DoneRequest> read_request(std::string_view bytes) {
  DoneRequest done;
  if (bytes.size() < kTimeBytes + done.body.size()) return std::nullopt;
  done.at = auth::Time{std::chrono::seconds{read_sequence_key(bytes)}};
  std::copy_n(bytes.begin() + kTimeBytes, done.body.size(), done.body.begin());
  done.id = bytes.substr(kTimeBytes + done.body.size());
  if (!auth::has_id_form(done.id) && !is_role_id(done.id)) return std::nullopt;
  return done;
}

bool old(const std::optional<DoneRequest>& done, auth::Time now) {
  return !done || done->at + kKept <= now;
}

}  // namespace

bool is_request(std::string_view bytes) {
  return read_request(bytes).has_value();
}

std::optional<DoneRequest> find_request(const Txn& txn, const Tables& tables, const Intent& intent,
                                        const CreateRequest& request) {
  const auto bytes = txn.get(tables.requests, request_key(intent, request));
  if (!bytes) return std::nullopt;
  auto done = read_request(*bytes);
  if (old(done, intent.at)) return std::nullopt;
  return done;
}

void put_request(WriteTxn& txn, const Tables& tables, const Intent& intent,
                 const CreateRequest& request, std::string_view made) {
  const std::string key = request_key(intent, request);
  std::vector<std::string> outdated;
  {
    Cursor cursor{txn, tables.requests};
    auto at = cursor.at_or_after(key);
    if (!at) at = cursor.first();
    for (int looks = 0; at && looks < kLooks; ++looks, at = cursor.next()) {
      if (old(read_request(at->value), intent.at)) outdated.emplace_back(at->key);
    }
  }
  for (const std::string& one : outdated)
    txn.remove(tables.requests, one);
  txn.put(tables.requests, key,
          write_request({.at = intent.at, .body = request.body, .id = std::string(made)}));
}

}  // namespace store
