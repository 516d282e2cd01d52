#pragma once
// What a change must fulfil before it is made, and what goes with it, whoever makes it. Nothing
// here touches the store.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/credential/credential.h"
#include "auth/credential/role.h"
#include "store/apply_change.h"
#include "store/journal.h"

namespace store {

enum class Refusal : std::uint8_t { not_found, conflict, invalid, revoked, over_budget };

// Why a change was not made; nothing was written.
struct Refused {
  Refusal why = Refusal::invalid;
  std::string message;   // for people; holds no secret
  std::string holder{};  // of a login that is taken: the id of the other credential
};

// Who asks for a change, when, and which revision they have read.
struct Intent {
  Action action = Action::update;
  std::string actor;
  auth::Time at;
  std::optional<std::uint64_t> revision;
  std::string reason;
  bool now = false;      // for the live connections too: an entry `kick` follows that of the change
  bool metered = false;  // what is written counts against the actor's budget (journal_budget.h)
};

// Refused: invalid.
std::optional<Refused> check_reason(const Intent& intent);

// Whether a record may be stored. Refused: invalid.
std::optional<Refused> check_valid(const auth::Credential& credential);

// The same of the roles it names, as far as they are there, and of both together.
std::optional<Refused> check_roles(const auth::Credential& credential,
                                   std::span<const auth::Role> roles);
std::optional<Refused> check_valid(const auth::Role& role);

// Whether this record may be changed so. Refused: invalid (reason), conflict (stale revision),
// revoked.
std::optional<Refused> check_change(const auth::Credential& before, const Intent& intent);
std::optional<Refused> check_change(const auth::Role& before, const Intent& intent);

// Whether a login that is registered for this very credential must not be among its secrets any
// more. What was rotated away was so for a reason: whoever has learnt it must not be let in again,
// nor may what ends with an overlap be made to last. (An opaque token's logins go with the master
// keys.) `before`: the record as it is stored, null for a new one.
bool comes_back(const auth::Credential& credential, const auth::StoredSecret& secret,
                const auth::Credential* before);

// For people. A token's login, which would say nothing to them, is not in it.
std::string taken_login(auth::Kind kind, std::string_view login, std::string_view owner);

// The record as a new one.
auth::Credential as_created(auth::Credential credential, const Intent& intent);

// Revision and who and when; of one that is revoked, secrets are destroyed. A rehash leaves all of
// that alone: for whoever reads and then changes a record, it is still what was read.
void finish(const Intent& intent, auth::Credential& credential);

// `before` as above.
Change describe(const Intent& intent, const auth::Credential* before,
                const auth::Credential& image);

}  // namespace store
