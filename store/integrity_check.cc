#include "store/integrity_check.h"

#include <algorithm>
#include <utility>

#include "auth/credential/validate.h"
#include "store/limits.h"
#include "store/revision_check.h"
#include "store/store.h"

namespace store {
namespace {

using auth::Credential;
using auth::Status;

void check_roles(const Store& store, const Credential& c, std::vector<std::string>& faults) {
  if (c.roles.empty()) return;
  const auto roles = store.find_id(c.id).roles;
  if (const auto missing = auth::missing_role(c, roles)) {
    faults.push_back(c.id + ": is refused, because its role " + *missing + " in account " +
                     c.account + " is missing or damaged");
  }
  if (const auto wrong = auth::validate_together(c, roles))
    faults.push_back(c.id + ": its roles do not go together: " + wrong->message);
  for (const std::string& role : c.roles) {
    if (!store.has_member(c.account, role, c.id))
      faults.push_back(c.id + ": is not among the members of its role " + role);
  }
}

void check_record(const Store& store, const Credential& c, std::vector<std::string>& faults) {
  const auto ids = store.ids_named(c.name);
  const bool named = std::ranges::find(ids, c.id) != ids.end();
  if (named == (c.status == Status::revoked)) {
    faults.push_back(c.id + (named ? ": is revoked, but is still found by its name"
                                   : ": is not found by its name"));
  }
  if (c.status != Status::revoked) check_roles(store, c, faults);
  // The login of a revoked password is free for others.
  if (c.status == Status::revoked && c.kind == auth::Kind::password) return;
  for (const auto& secret : c.secrets) {
    for (const std::string* login : {&secret.login, &secret.reserved}) {
      if (login->empty()) continue;
      const auto found = store.find(c.kind, *login).credential;
      if (!found || found->id != c.id) faults.push_back(c.id + ": is not found by its login");
    }
  }
}

std::uint64_t records_of(const Totals& totals) {
  return totals.active + totals.suspended + totals.revoked;
}

}  // namespace

std::vector<std::string> deep_check(const Store& store, CheckProgress progress) {
  std::vector<std::string> faults;
  progress.all = records_of(store.totals()) + revision_check_size(store) + store.table_entries();
  if (store.went_back()) faults.push_back(*store.went_back());
  std::uint64_t active = 0;
  std::uint64_t suspended = 0;
  std::uint64_t revoked = 0;
  std::string after;
  do {
    const Page page = store.list({}, after, kPage);
    for (const std::string& id : page.damaged)
      faults.push_back(id + ": its record is damaged");
    for (const Credential& c : page.credentials) {
      check_record(store, c, faults);
      active += c.status == Status::active ? 1 : 0;
      suspended += c.status == Status::suspended ? 1 : 0;
      revoked += c.status == Status::revoked ? 1 : 0;
    }
    progress.add(page.credentials.size() + page.damaged.size());
    after = page.last;
  } while (!after.empty() && faults.size() < kMaxFaults);

  const Totals totals = store.totals();
  const bool counted =
      active == totals.active && suspended == totals.suspended && revoked == totals.revoked;
  if (faults.empty() && !counted) faults.emplace_back("the counters do not match the records");
  check_revisions(store, faults, progress);
  store.check_tables(faults, progress);
  faults.resize(std::min(faults.size(), kMaxFaults));
  return faults;
}

std::vector<std::string> check_all(const Store& store) {
  PageCheck pages = store.check_pages();
  return pages.faults.empty() ? deep_check(store) : std::move(pages.faults);
}

}  // namespace store
