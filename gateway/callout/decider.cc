#include "gateway/callout/decider.h"

#include <utility>

#include "auth/base/text.h"
#include "gateway/platform/log.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

// A client that has the credential can cause these as often as it connects.
void log_verdict(const Decision& decision) {
  if (!decision.credential) return;
  const LogLimit by{.reason = {}, .actor = decision.id};
  const std::string& account = decision.credential->account;
  if (decision.granted()) {
    const auto& dropped = decision.verdict->dropped;
    if (dropped.empty()) return;
    return log_limited(
        Level::warning, "entries_dropped", by,
        {{"id", decision.id}, {"account", account}, {"entries", auth::join(dropped)}});
  }
  if (decision.verdict.error() != auth::Deny::role_missing) return;
  const auto missing = auth::missing_role(*decision.credential, decision.roles);
  log_limited(Level::error, "role_missing", by,
              {{"id", decision.id}, {"account", account}, {"role", missing.value_or("")}});
}

}  // namespace

std::string shown_login(const auth::Login& login) {
  const bool opaque = login.kind == auth::Kind::token && !auth::has_id_form(login.text);
  return opaque ? "" : login.text;
}

// The state of the store is that of the first look: outdated() looks at what was committed since
// then. A public key is one login, whichever kind it is presented as.
Decider::Owner Decider::find(const auth::Identity& identity) const {
  Owner owner;
  store::Found& found = owner.found;
  const std::string* before = nullptr;
  for (const auth::Login& login : identity.logins) {
    if (found.credential && before != nullptr && *before == login.text) continue;
    before = &login.text;
    store::Found next = source_.find(login.kind, login.text);
    if (found.txn == 0) found.txn = next.txn;
    if (!next.credential) continue;
    if (found.credential && found.credential->id != next.credential->id) {
      owner.other = next.credential->id;
      break;
    }
    found.credential = std::move(next.credential);
    found.roles = std::move(next.roles);
  }
  return owner;
}

void Decider::judge(Decision& decision, const Attempt& attempt, Owner owner, auth::Time now) const {
  const auth::Identity& identity = *attempt.identity;
  auto& [found, other] = owner;
  decision.txn = found.txn;
  decision.credential = std::move(found.credential);
  decision.roles = std::move(found.roles);
  if (!other.empty()) {
    decision.id = decision.credential->id;
    log(Level::error, "proof_ambiguous", {{"id", decision.id}, {"other", other}});
    return decision.deny(auth::Deny::ambiguous);
  }
  // The gateway's own probe has a credential that is in no store, and gives nothing.
  const bool of_probe = !decision.credential && attempt.connection != nullptr &&
                        (decision.credential = probes_.find(identity)).has_value();
  const auth::Judge& judge = decision.rules->judge;
  auto judged =
      attempt.connection != nullptr
          ? judge.decide(*attempt.connection, identity, decision.credential, now, decision.roles)
          : judge.decide(identity, attempt.source, decision.credential, now, decision.roles);
  decision.verdict = std::move(judged.verdict);
  decision.secret = judged.secret;
  // A probe's key is public: whoever only shows it is an unknown client like others.
  decision.probe = of_probe && decision.secret.has_value();
  if (decision.credential) decision.id = decision.credential->id;
}

Decision Decider::decide(const Attempt& attempt, auth::Time now) const {
  Decision decision;
  decision.rules = rules_.load();
  if (!attempt.identity) {
    decision.deny(attempt.identity.error().reason);
    decision.detail = attempt.identity.error().detail;
    return decision;
  }
  decision.id = shown_login(attempt.identity->logins.front());
  try {
    judge(decision, attempt, find(*attempt.identity), now);
    log_verdict(decision);
    if (decision.granted()) remember(decision, attempt);
  } catch (const store::Damaged& damaged) {
    decision.id = damaged.id();
    log(Level::error, "record_damaged", {{"id", damaged.id()}, {"error", damaged.what()}});
  } catch (const store::DamagedPage& damaged) {
    log_limited(Level::error, "fault", {{"error", damaged.what()}});
  }
  return decision;
}

void Decider::remember(const Decision& grant, const Attempt& attempt) const {
  const auto* proof = std::get_if<auth::PasswordProof>(&attempt.identity->proof);
  if (proof == nullptr) return;
  const auth::Credential& credential = *grant.credential;
  proved_.remember(attempt.identity->logins.front().text, proof->password,
                   {.id = credential.id,
                    .revision = credential.revision,
                    .password_hash = credential.secrets.at(*grant.secret).password_hash});
}

std::optional<Decision> Decider::decide_proved(const Attempt& attempt, auth::Time now) const {
  const auto* proof =
      attempt.identity ? std::get_if<auth::PasswordProof>(&attempt.identity->proof) : nullptr;
  if (proof == nullptr) return std::nullopt;
  const auto proved = proved_.find(attempt.identity->logins.front().text, proof->password);
  if (!proved) return std::nullopt;
  try {
    Owner owner = find(*attempt.identity);
    const auto& credential = owner.found.credential;
    if (!credential || credential->id != proved->id || credential->revision != proved->revision) {
      return std::nullopt;
    }
    auth::Identity known = *attempt.identity;
    known.proof = auth::PasswordProof{proof->password, proved->password_hash};
    const auth::Result<auth::Identity, auth::Denial> identity{std::move(known)};
    Decision decision;
    decision.rules = rules_.load();
    judge(decision, {.identity = identity, .connection = attempt.connection}, std::move(owner),
          now);
    if (!decision.secret) return std::nullopt;
    log_verdict(decision);
    decision.proved_before = true;
    return decision;
  } catch (const store::Damaged&) {
    return std::nullopt;
  } catch (const store::DamagedPage&) {
    return std::nullopt;
  }
}

Decision Decider::refuse(const Attempt& attempt, auth::Deny why) const {
  Decision decision;
  decision.rules = rules_.load();
  decision.deny(why);
  if (attempt.identity) decision.id = shown_login(attempt.identity->logins.front());
  return decision;
}

bool Decider::outdated(const Decision& grant, const Attempt& attempt, auth::Time now) const {
  if (source_.last_txn() == grant.txn) return false;
  // Most commits change other credentials, and a password need not be hashed again for them.
  Owner owner = find(*attempt.identity);
  const bool same = owner.found.credential == grant.credential && owner.found.roles == grant.roles;
  if (!grant.probe && owner.other.empty() && same) return false;
  // Its password was not hashed for this connection, and must not be on the thread of the callout.
  if (grant.proved_before) return true;
  Decision again;
  again.rules = grant.rules;
  judge(again, attempt, std::move(owner), now);
  return !again.granted() || *again.verdict != *grant.verdict;
}

std::optional<auth::Judge::Rehash> Decider::rehash(const Decision& grant, const Attempt& attempt) {
  if (grant.proved_before) return std::nullopt;
  return grant.rules->judge.rehash(*attempt.identity, *grant.credential,
                                   grant.credential->secrets.at(*grant.secret), random_bytes<24>());
}

}  // namespace gateway
