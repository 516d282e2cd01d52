// The operations that change the store.

#include <algorithm>
#include <utility>

#include "auth/credential_json.h"
#include "auth/credential_read.h"
#include "auth/decide.h"
#include "gateway/operations/operations.h"
#include "gateway/operations/proof.h"
#include "gateway/zone.h"

namespace gateway::operations {
namespace {

using auth::Credential;
using auth::Status;
using auth::StoredSecret;
using store::Action;
using Json = nlohmann::json;

constexpr std::size_t kMaxRequestIdBytes = 128;
constexpr std::uint64_t kDefaultOverlap = 86'400;
constexpr std::uint64_t kLongestOverlap = 100ULL * 366 * 86'400;

constexpr const char* kNothingClosed =
    "only new connections are affected: without `system` in the configuration none can be closed; "
    "session_ttl bounds them";

// Who could change the admins from afar could become any of them.
void refuse_admin_account(const Desk& desk, const std::string& account) {
  if (desk.local || account != desk.config.admin_account) return;
  throw Failure(Code::refused, "the credentials of the admin account " + account +
                                   " are made and changed by a command on the gateway's machine");
}

void check_account(const Desk& desk, const std::string& account) {
  const auth::Judge judge{desk.config.policy(), desk.master, {}};
  if (judge.may_grant(account)) return;
  throw Failure(Code::refused, "account \"" + account + "\" may not be granted by this gateway; " +
                                   "`accounts` in " + desk.config.file.string() +
                                   " lists those that may");
}

std::string default_account(const Desk& desk) {
  const std::vector<std::string> accounts = client_accounts(desk.config);
  if (accounts.size() == 1) return accounts.front();
  std::string list;
  for (const std::string& one : accounts)
    list += " " + one;
  throw Failure(Code::usage, "the account is missing; the configuration has:" + list);
}

// Puts the members into the record, but for those that are not to be set by hand.
void put_fields(const Desk& desk, const Json& fields, const char* path,
                std::initializer_list<const char*> forbidden, Credential& credential) {
  for (const char* member : forbidden) {
    if (fields.is_object() && fields.contains(member)) {
      throw Failure(Code::usage, std::string(path) + "." + member + ": can't be set");
    }
  }
  if (const auto wrong = auth::read_json(fields, credential)) {
    throw Failure(Code::usage,
                  (wrong->field.empty() ? path : wrong->field) + ": " + wrong->message);
  }
  if (!credential.times_location.empty() && !zone_offset(credential.times_location, desk.now)) {
    throw Failure(Code::usage, "times_location: \"" + credential.times_location +
                                   "\" is no time zone that the gateway's machine knows");
  }
}

void check_permissions(const Desk& desk, const Credential& credential) {
  if (credential.max_sessions > 0 && !desk.config.has_system) {
    throw Failure(Code::usage,
                  "max_sessions: without `system` in the configuration sessions can't be counted");
  }
  if (const auto wrong = permissions_wrong(desk.config, credential)) {
    throw Failure(Code::usage, wrong->field + ": " + wrong->message);
  }
}

void warn_of_sigv4(const Desk& desk, const Credential& c, OrderedJson& list) {
  const bool kept = std::ranges::any_of(
      c.secrets, [](const StoredSecret& secret) { return !secret.sealed.empty(); });
  if (c.sigv4 && !kept) {
    list.push_back(
        "sigv4: its secret was not kept, so that no request can be verified with it; make one that "
        "is: credgate rotate " +
        c.id);
  }
  if (c.sigv4_connect && desk.config.sigv4_hosts.empty()) {
    list.push_back(
        "sigv4_connect: no request opens a connection until sigv4_hosts in the configuration says "
        "for which hosts they are signed");
  }
}

OrderedJson warnings_of(const Desk& desk, const Credential& c) {
  OrderedJson list = OrderedJson::array();
  if (c.everything) {
    list.push_back(
        "everything: it may use every subject of the account but the reserved ones; any message "
        "there can be read or forged with it");
  }
  if (c.manage) {
    list.push_back(
        "manage on one stream is trust over the whole account's data: a stream can capture, source "
        "and republish anything");
  }
  if (c.inbox == auth::Inbox::shared) {
    list.push_back(
        "a shared inbox: it sees the replies and pulled messages of every client with a shared "
        "inbox");
  }
  if (c.allow_responses) {
    list.push_back(
        "allow_responses: whoever sends it a request names the subject that it answers on, "
        "$JS.API included");
  }
  warn_of_sigv4(desk, c, list);
  if (desk.config.operator_mode && c.kind != auth::Kind::creds) {
    list.push_back(
        "in operator mode its client shows the sentinel (sentinel.creds) beside this, unless "
        "nats-server has a default_sentinel");
  }
  return list;
}

// The record, with what its owner needs to connect.
OrderedJson made(const Credential& c, const Proof& proof) {
  OrderedJson json = {{"credential", auth::write_json(c)}};
  const std::pair<const char*, std::string_view> members[] = {{"login", proof.login},
                                                              {"secret", proof.secret.view()},
                                                              {"token", proof.token.view()},
                                                              {"seed", proof.seed.view()},
                                                              {"creds", proof.creds.view()}};
  for (const auto& [key, value] : members) {
    if (!value.empty()) json[key] = value;
  }
  json["inbox_prefix"] = auth::inbox_prefix(c);
  return json;
}

struct ChangeBody {
  std::string credential;
  std::optional<std::uint64_t> revision;
  std::string reason;
  bool now = false;
};

OrderedJson change(const Desk& desk, const ChangeBody& body, const Credential& found, Action action,
                   const store::Store::Edit& edit) {
  store::Intent intent = desk.intent(action);
  intent.revision = body.revision;
  intent.reason = body.reason;
  intent.now = body.now;
  const auto changed = desk.store.change(found.id, intent, edit);
  if (!changed) fail(changed.error());
  OrderedJson json = auth::write_json(changed->credential);
  json["changed"] = changed->changed;
  const bool closes =
      body.now || action == Action::kick || action == Action::suspend || action == Action::revoke;
  if (closes && !desk.config.has_system) json["warnings"] = {kNothingClosed};
  return json;
}

OrderedJson change_status(const Desk& desk, const Json& body, Action action,
                          const store::Store::Edit& edit) {
  ChangeBody read;
  read_body(body, [&](auth::Members& members) {
    members.text("credential", read.credential);
    members.number("revision", read.revision);
    members.text("reason", read.reason);
  });
  const Credential found = find_credential(desk, read.credential);
  if (action == Action::resume) refuse_admin_account(desk, found.account);
  return change(desk, read, found, action, edit);
}

// The old secrets up to the end of the overlap, then the new one.
std::vector<StoredSecret> after_rotation(const std::vector<StoredSecret>& before,
                                         const StoredSecret& new_one, std::chrono::seconds overlap,
                                         auth::Time now) {
  std::vector<StoredSecret> kept;
  if (overlap.count() > 0) {
    for (StoredSecret secret : before) {
      if (secret.expires_at && *secret.expires_at <= now) continue;
      if (secret.expires_at) {
        throw Failure(Code::conflict,
                      "a rotation is under way, and its overlap ends at " +
                          auth::write_time(*secret.expires_at) +
                          "; wait for that, or give an overlap of 0, which ends both old secrets "
                          "now");
      }
      secret.expires_at = now + overlap;
      kept.push_back(std::move(secret));
    }
  }
  kept.push_back(new_one);
  return kept;
}

}  // namespace

OrderedJson create(const Desk& desk, Json body) {
  std::optional<store::CreateRequest> request;
  if (body.is_object() && body.contains("request_id")) {
    std::string text = desk.account.value_or("") + '\0' +
                       body.dump(-1, ' ', false, Json::error_handler_t::replace);
    request = store::CreateRequest{.id = {}, .body = desk.master.current().hash_request(text)};
    auth::wipe(text.data(), text.size());
  }
  const ProofRequest proof_request = take_proof_request(body);
  Json fields;
  read_body(body, [&](auth::Members& members) {
    members.take("credential", "", [&](const Json& value) {
      fields = value;
      return true;
    });
    std::string id;
    members.text("request_id", id);
    if (request) request->id = id;
  });
  if (request && (request->id.empty() || request->id.size() > kMaxRequestIdBytes)) {
    throw Failure(Code::usage, "request_id: must have 1 to 128 bytes");
  }
  Credential credential;
  credential.id = auth::make_id(random_bytes<12>());
  credential.account = desk.account.value_or("");
  put_fields(desk, fields, "credential", {"id", "status", "secrets"}, credential);
  if (credential.account.empty()) credential.account = default_account(desk);
  if (desk.account && credential.account != *desk.account) {
    throw Failure(Code::refused,
                  "credential.account: must be that of the subject, " + *desk.account);
  }
  refuse_admin_account(desk, credential.account);
  check_account(desk, credential.account);
  check_permissions(desk, credential);
  const Proof proof = make_proof(desk, proof_request, credential.name, credential);
  const auto created = desk.store.create(credential, desk.intent(Action::create), request);
  if (!created) fail(created.error());
  // What was made the first time is shown to nobody again.
  OrderedJson json = made(created->credential, created->changed ? proof : Proof{});
  if (!created->changed) json["replayed"] = true;
  if (const auto warnings = warnings_of(desk, created->credential); !warnings.empty()) {
    json["warnings"] = warnings;
  }
  return json;
}

OrderedJson update(const Desk& desk, Json body) {
  ChangeBody read;
  Json fields;
  read_body(body, [&](auth::Members& members) {
    members.text("credential", read.credential);
    members.number("revision", read.revision);
    members.flag("now", read.now);
    members.take("set", "", [&](const Json& value) {
      fields = value;
      return true;
    });
  });
  if (!fields.is_object() || fields.empty()) {
    throw Failure(Code::usage, "set: nothing to change was given");
  }
  const Credential found = find_credential(desk, read.credential);
  refuse_admin_account(desk, found.account);
  const auto edit = [&](Credential& c) {
    put_fields(desk, fields, "set", {"id", "kind", "account", "status", "secrets"}, c);
    check_permissions(desk, c);
  };
  Credential tried = found;
  edit(tried);  // what is wrong with it is said without a transaction
  OrderedJson json = change(desk, read, found, Action::update, edit);
  OrderedJson warnings = json.value("warnings", OrderedJson::array());
  warn_of_sigv4(desk, *desk.store.get(found.id), warnings);
  if (!warnings.empty()) json["warnings"] = std::move(warnings);
  return json;
}

OrderedJson suspend(const Desk& desk, Json body) {
  return change_status(desk, body, Action::suspend,
                       [](Credential& c) { c.status = Status::suspended; });
}

OrderedJson resume(const Desk& desk, Json body) {
  return change_status(desk, body, Action::resume,
                       [](Credential& c) { c.status = Status::active; });
}

OrderedJson revoke(const Desk& desk, Json body) {
  return change_status(desk, body, Action::revoke,
                       [](Credential& c) { c.status = Status::revoked; });
}

OrderedJson kick(const Desk& desk, Json body) {
  return change_status(desk, body, Action::kick, [](Credential&) {});
}

OrderedJson rotate(const Desk& desk, Json body) {
  const ProofRequest proof_request = take_proof_request(body);
  ChangeBody read;
  std::optional<std::uint64_t> seconds;
  read_body(body, [&](auth::Members& members) {
    members.text("credential", read.credential);
    members.number("revision", read.revision);
    members.number("overlap", seconds);
    members.flag("now", read.now);
  });
  if (seconds.value_or(0) > kLongestOverlap) throw Failure(Code::usage, "overlap: is too long");
  const std::chrono::seconds overlap{seconds.value_or(kDefaultOverlap)};
  const Credential before = find_credential(desk, read.credential);
  refuse_admin_account(desk, before.account);
  Credential with_new = before;
  with_new.secrets.clear();
  const std::string login = before.secrets.empty() ? before.name : before.secrets.back().login;
  const Proof proof = make_proof(desk, proof_request, login, with_new);
  store::Intent intent = desk.intent(Action::rotate);
  intent.revision = read.revision;
  intent.now = read.now;
  const auto changed = desk.store.change(before.id, intent, [&](Credential& c) {
    c.secrets = after_rotation(c.secrets, with_new.secrets.front(), overlap, desk.now);
  });
  if (!changed) fail(changed.error());
  OrderedJson json = made(changed->credential, proof);
  if ((read.now || overlap.count() > 0) && !desk.config.has_system) {
    json["warnings"] = {kNothingClosed};
  }
  return json;
}

}  // namespace gateway::operations
