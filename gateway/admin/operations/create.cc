// The operations that make a secret.

#include <utility>

#include "auth/base/text.h"
#include "auth/credential/credential_json.h"
#include "gateway/admin/operations/checks.h"
#include "gateway/admin/operations/closing.h"
#include "gateway/admin/operations/confined.h"
#include "gateway/admin/operations/new_secret.h"
#include "gateway/admin/operations/operations.h"
#include "gateway/admin/operations/warnings.h"
#include "gateway/platform/random.h"

namespace gateway::operations {
namespace {

using auth::Credential;
using auth::StoredSecret;
using store::Action;
using Json = nlohmann::json;

constexpr std::uint64_t kDefaultOverlap = 86'400;
constexpr std::uint64_t kMaxOverlap = 100ULL * 366 * 86'400;

// The record, with what its owner needs to connect.
OrderedJson made(const OperationContext& context, const Credential& c, const Proof& proof) {
  OrderedJson json = {{"credential", write_record(context, c)}};
  const std::pair<const char*, std::string_view> members[] = {{"login", proof.login},
                                                              {"secret", proof.secret.view()},
                                                              {"token", proof.token.view()},
                                                              {"seed", proof.seed.view()},
                                                              {"creds", proof.creds.view()}};
  for (const auto& [key, value] : members) {
    if (!value.empty()) json[key] = value;
  }
  json["inbox_prefix"] = auth::inbox_prefix(c);
  json["mode"] = context.config.operator_mode ? "operator" : "config";
  put_warnings(json,
               warnings_of(context.config, c, context.now, context.store.find_id(c.id).roles));
  if (!proof.warning.empty()) json["warnings"].push_back(proof.warning);
  return json;
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
        throw OperationError(
            Code::conflict,
            "a rotation is in progress until " + auth::write_time(*secret.expires_at) +
                "; wait until then, or set the overlap to 0, which ends both old secrets now");
      }
      secret.expires_at = now + overlap;
      kept.push_back(std::move(secret));
    }
  }
  kept.push_back(new_one);
  return kept;
}

}  // namespace

OrderedJson create(const OperationContext& context, Json body) {
  const auto request = read_request(context, body);
  const ProofRequest proof_request = take_proof_request(body);
  Json fields;
  read_body(body, [&](auth::JsonObject& members) {
    members.take("credential", "", [&](const Json& value) {
      fields = value;
      return true;
    });
    std::string read_before;
    members.string("request_id", read_before);
  });
  Credential credential;
  credential.id = auth::make_id(random_bytes<12>());
  credential.account = context.account.value_or("");
  put_fields(context, fields, "credential", {"id", "status", "secrets"}, credential);
  if (credential.account.empty()) credential.account = default_account(context);
  if (context.account && credential.account != *context.account) {
    throw OperationError(Code::refused, "credential.account: must be the account of the subject, " +
                                            *context.account);
  }
  refuse_admin_account(context, credential.account);
  check_account(context, credential.account);
  check_permissions(context, credential, roles_of(context, credential));
  check_registration(context, proof_request, credential, nullptr);
  const std::string login = default_login(context, credential.name);
  const Proof proof = make_proof(context, proof_request, login, credential);
  const auto created = context.store.create(credential, context.intent(Action::create), request);
  if (!created) refuse(context, created.error());
  // What was made the first time is shown to nobody again.
  OrderedJson json = made(context, created->credential, created->changed ? proof : Proof{});
  if (!created->changed) json["replayed"] = true;
  return json;
}

OrderedJson rotate(const OperationContext& context, Json body) {
  const ProofRequest proof_request = take_proof_request(body);
  std::string credential;
  store::Intent intent = context.intent(Action::rotate);
  std::optional<std::uint64_t> seconds;
  read_body(body, [&](auth::JsonObject& members) {
    members.string("credential", credential);
    members.number("revision", intent.revision);
    members.number("overlap", seconds);
    members.string("reason", intent.reason);
    members.boolean("now", intent.now);
  });
  if (seconds.value_or(0) > kMaxOverlap) throw OperationError(Code::usage, "overlap: is too long");
  const std::chrono::seconds overlap{seconds.value_or(kDefaultOverlap)};
  const Credential before = find_credential(context, credential);
  refuse_admin_account(context, before.account);
  check_registration(context, proof_request, before, &before);
  Credential with_new = before;
  with_new.secrets.clear();
  const std::string login =
      before.secrets.empty() ? default_login(context, before.name) : before.secrets.back().login;
  const Proof proof = make_proof(context, proof_request, login, with_new);
  const auto changed = context.store.change(before.id, intent, [&](Credential& c) {
    c.secrets = after_rotation(c.secrets, with_new.secrets.front(), overlap, context.now);
  });
  if (!changed) refuse(context, changed.error());
  OrderedJson json = made(context, changed->credential, proof);
  if (intent.now) context.note_closing(before.id, changed->sequence);
  if (intent.now && !context.config.has_system)
    json["closing"] = write_closing(0, std::nullopt, "there is no `system` in the configuration");
  if ((intent.now || overlap.count() > 0) && !context.config.has_system) {
    json["warnings"].push_back(kNothingClosed);
  }
  return json;
}

}  // namespace gateway::operations
