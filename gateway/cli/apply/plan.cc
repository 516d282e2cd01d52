#include "gateway/cli/apply/plan.h"

#include <algorithm>
#include <utility>

#include "auth/base/text.h"
#include "auth/credential/certificate_fingerprint.h"
#include "gateway/admin/operations/checks.h"
#include "gateway/admin/operations/warnings.h"
#include "gateway/cli/pages.h"
#include "gateway/platform/random.h"
#include "gateway/platform/time_zone.h"
#include "store/difference.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using auth::Invalid;
using Json = nlohmann::ordered_json;

bool has_login(const Credential& c, std::string_view login) {
  return std::ranges::find(c.secrets, login, &auth::StoredSecret::login) != c.secrets.end();
}

// A secret of the file that the store has not, or has with another hash: it was rotated, or hashed
// anew.
bool has_other_secret(const Credential& line, const Credential& stored) {
  return std::ranges::any_of(line.secrets, [&](const auth::StoredSecret& secret) {
    return std::ranges::none_of(stored.secrets, [&](const auth::StoredSecret& own) {
      const bool opaque = secret.scheme == auth::Scheme::opaque_token;
      return own.scheme == secret.scheme && (opaque || own.login == secret.login) &&
             (!secret.hash || own.hash == secret.hash) &&
             (secret.password_hash.empty() || own.password_hash == secret.password_hash);
    });
  });
}

// What only the store sets, and the secrets: `rotate` changes those, which knows what they end.
Credential with_own_fields(Credential line, const Credential& stored) {
  line.id = stored.id;
  line.revision = stored.revision;
  line.secrets = stored.secrets;
  line.created_at = stored.created_at;
  line.created_by = stored.created_by;
  line.updated_at = stored.updated_at;
  line.updated_by = stored.updated_by;
  return line;
}

Json fields_json(const std::vector<store::FieldChange>& changes) {
  Json fields = Json::object();
  for (const store::FieldChange& change : changes) {
    Json old_value = Json::parse(change.before);
    Json new_value = Json::parse(change.after);
    const bool parts = old_value.is_object() && old_value.contains("removed");
    fields[change.field] =
        parts ? Json{{"added", new_value.at("added")}, {"removed", old_value.at("removed")}}
              : Json{{"before", old_value}, {"after", new_value}};
  }
  return fields;
}

}  // namespace

Json fields_of(const Credential* before, const Credential& after) {
  return fields_json(store::difference(before, after));
}

Json fields_of(const auth::Role* before, const auth::Role& after) {
  return fields_json(store::difference(before, after));
}

std::uint64_t Plan::count(StepKind kind) const {
  return static_cast<std::uint64_t>(std::ranges::count(steps, kind, &Step::kind));
}

Planner::Planner(const OperationContext& context, const ApplyScope& scope)
    : context_(context),
      scope_(scope),
      roles_{context.store},
      rules_{.config = context.config,
             .keys = context.master,
             .roles = roles_,
             .account = scope.account,
             .inbox = auth::Inbox::private_inbox,
             .now = context.now,
             .make_id = [] { return auth::make_id(random_bytes<12>()); }} {
  const auto accounts = client_accounts(context.config);
  if (rules_.account.empty() && accounts.size() == 1) rules_.account = accounts.front();
}

void Planner::add(const std::string& where, std::string_view json) {
  ++plan_.lines;
  if (json.size() > kMaxLineBytes)
    return plan_.faults.push_back({where, Invalid{"", "is longer than 1 MiB"}});
  auto record = read_record_line(json, rules_.inbox);
  std::optional<Invalid> wrong;
  if (record && record->line.role) {
    wrong = plan_role(where, std::move(*record->line.role));
  } else if (record) {
    wrong = plan_line(where, std::move(*record));
  } else {
    wrong = record.error();
  }
  if (wrong) plan_.faults.push_back({where, std::move(*wrong)});
}

std::optional<Invalid> Planner::plan_line(const std::string& where, RecordLine record) {
  Credential& c = record.line.credential;
  if (c.name.empty()) return Invalid{"name", "is missing"};
  if (c.account.empty()) c.account = rules_.account;
  if (auto wrong = check_scope(c)) return wrong;
  if (c.status == auth::Status::revoked) {
    return Invalid{"status", "must not be revoked; leave the line out, and apply with --prune"};
  }
  auto found = find(c);
  if (!found) return found.error();
  const std::string id = *found ? (*found)->id : c.id;
  if (auto wrong = check_earlier(where, c, id)) return wrong;
  if (*found) return plan_update(where, std::move(record), **found);
  return plan_create(where, std::move(record));
}

std::optional<Invalid> Planner::check_scope(const Credential& c) const {
  if (c.account.empty()) {
    return Invalid{"account", "is missing; choose one of: " +
                                  auth::join(client_accounts(context_.config), " ")};
  }
  if (!scope_.account.empty() && c.account != scope_.account)
    return Invalid{"account", "must be " + scope_.account + ", as --account says"};
  if (!scope_.tag.empty() && std::ranges::find(c.tags, scope_.tag) == c.tags.end())
    return Invalid{"tags", "must have " + scope_.tag + ", as --tag says"};
  return std::nullopt;
}

std::optional<Invalid> Planner::check_earlier(const std::string& where, const Credential& c,
                                              const std::string& id) {
  const auto name = taken_.try_emplace("n" + c.account + '\0' + c.name, where);
  if (!name.second) return Invalid{"name", "is also that of " + name.first->second};
  if (id.empty()) return std::nullopt;
  const auto same = taken_.try_emplace("i" + id, where);
  if (!same.second) return Invalid{"id", id + " is also that of " + same.first->second};
  seen_.insert(id);
  return std::nullopt;
}

// By its id, else by its name within its account.
Planner::Found Planner::find(const Credential& c) const {
  try {
    if (!c.id.empty()) {
      auto found = context_.store.get(c.id);
      if (!found) return std::optional<Credential>{};
      if (found->status == auth::Status::revoked) {
        return Invalid{"id", c.id +
                                 " was revoked, which is final; leave the id out to make a "
                                 "new credential"};
      }
      if (found->account == c.account) return found;
      return Invalid{"account", "must be " + found->account + ", in which " + c.id +
                                    " is; it cannot be changed"};
    }
    for (const std::string& id : context_.store.ids_named(c.name)) {
      auto found = context_.store.get(id);
      if (found && found->account == c.account) return found;
    }
  } catch (const store::Damaged& damaged) {
    return Invalid{"", damaged.what()};
  }
  return std::optional<Credential>{};
}

std::optional<Invalid> Planner::plan_update(const std::string& where, RecordLine record,
                                            const Credential& before) {
  Credential& line = record.line.credential;
  if (!record.kind_given) line.kind = before.kind;
  if (line.kind != before.kind) {
    return Invalid{"kind", "must be " + std::string(name(before.kind)) + ", that of " + before.id +
                               "; it cannot be changed"};
  }
  // Nobody who was suspended is let in again by a line that does not say so.
  if (!record.status_given) line.status = before.status;
  if (auto wrong = check_proof(record.proof, before)) return wrong;
  if (has_other_secret(line, before)) ++plan_.other_secrets;
  Credential after = with_own_fields(line, before);
  // Also of one that stays as it is: a role of the file may have changed.
  if (const auto roles = roles_.roles_of(after); !roles) return roles.error();
  if (after == before) {
    ++plan_.unchanged;
    return std::nullopt;
  }
  if (auto wrong = check_update(after, before)) return wrong;
  Json fields = fields_of(&before, after);
  add_step({.kind = StepKind::update,
            .where = where,
            .before = before,
            .after = {.credential = std::move(after), .password = {}},
            .fields = std::move(fields)});
  return std::nullopt;
}

std::optional<Invalid> Planner::check_update(const Credential& after, const Credential& before) {
  if (after.name != before.name) {
    for (const std::string& id : context_.store.ids_named(after.name)) {
      const auto holder = context_.store.get(id);
      if (holder && holder->account == after.account && holder->id != after.id)
        return Invalid{"name", "is taken by " + holder->id + "; give that one another name first"};
    }
  }
  if (!after.times_location.empty() && !zone_offset(after.times_location, context_.now))
    return Invalid{"times_location", "is not a time zone known on the gateway's machine"};
  const auto roles = roles_.roles_of(after);
  if (!roles) return roles.error();
  try {
    operations::check_permissions(context_, after, *roles);
  } catch (const OperationError& error) {
    return Invalid{"", error.what()};
  }
  return auth::validate(after);
}

// What is public shows at once that the file means another secret. A password is not tried.
std::optional<Invalid> Planner::check_proof(const GivenProof& proof, const Credential& c) const {
  const auto differs = [&c](const char* field) {
    return Invalid{field, "is not that of " + c.id +
                              ", and apply changes no secret; use: credgate rotate " + c.id};
  };
  if (!proof.login.empty() && !has_login(c, proof.login)) return differs("login");
  if (!proof.public_key.empty() && !has_login(c, proof.public_key)) return differs("public_key");
  if (!proof.fingerprint.empty()) {
    const auto print = auth::read_fingerprint(proof.fingerprint);
    if (!print || !has_login(c, *print)) return differs("fingerprint");
  }
  const bool known = std::ranges::any_of(context_.master.all(), [&](const auth::MasterKey& key) {
    return has_login(c, key.token_login(proof.token.view()));
  });
  if (!proof.token.empty() && !known) return differs("token");
  return std::nullopt;
}

void Planner::prune() {
  store::Filter filter;
  if (!scope_.account.empty()) filter.account = scope_.account;
  if (!scope_.tag.empty()) filter.tags = {scope_.tag};
  for_pages(context_.store, filter, [&](const std::vector<Credential>& page) {
    for (const Credential& c : page) {
      if (c.status == auth::Status::revoked || seen_.contains(c.id)) continue;
      add_step({.kind = StepKind::revoke, .before = c});
    }
  });
  prune_roles();
}

void Planner::add_step(Step step) {
  if (step.kind != StepKind::revoke) note_warnings(step);
  plan_.steps.push_back(std::move(step));
}

void Planner::note_warnings(const Step& step) {
  const auto roles = roles_.roles_of(step.after.credential);
  auto messages = operations::warnings_of(
      context_.config, step.after.credential, context_.now,
      roles ? std::span<const auth::Role>{*roles} : std::span<const auth::Role>{});
  if (!step.after.password.empty()) {
    const std::string weak = operations::password_warning(step.after.password.view());
    if (!weak.empty()) messages.push_back(weak);
  }
  for (const auto& message : messages) {
    const auto text = message.get<std::string>();
    const auto [known, is_new] = warned_.try_emplace(text, plan_.warnings.size());
    if (is_new) plan_.warnings.push_back({.where = step.where, .message = text});
    ++plan_.warnings[known->second].lines;
  }
}

}  // namespace gateway::cli
