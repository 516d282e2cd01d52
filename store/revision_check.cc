#include "store/revision_check.h"

#include <functional>
#include <unordered_map>

#include "store/limits.h"
#include "store/store.h"

namespace store {
namespace {

using auth::Credential;

// Ids that are compared at once: of more, several times as much is read.
constexpr std::uint64_t kMaxAtOnce = 1'000'000;

class RevisionCheck {
 public:
  struct Part {
    std::uint64_t number = 0;
    std::uint64_t of = 1;
  };

  RevisionCheck(const Store& store, std::vector<std::string>& faults, CheckProgress& progress,
                Part part)
      : store_(store), faults_(faults), progress_(progress), part_(part) {}

  void run() {
    read_journal();
    std::string after;
    do {
      const Page page = store_.list({}, after, kPage);
      for (const Credential& c : page.credentials)
        check(c.id, c.revision);
      for (const std::string& id : page.damaged)
        last_.erase(id);
      progress_.add(page.credentials.size() + page.damaged.size());
      after = page.last;
    } while (!after.empty());
    if (has_roles()) check_roles();
    read_journal();  // of who was withdrawn meanwhile
    for (const auto& [id, last] : last_) {
      if (takes_back(last.action) || has_record(id)) continue;
      faults_.push_back(id + ": has no record, but entry " + std::to_string(last.sequence) +
                        " of the journal says that it has one");
    }
  }

 private:
  // What the newest entry about a credential says.
  struct Last {
    std::uint64_t sequence = 0;
    std::uint64_t revision = 0;
    Action action = Action::create;
  };

  void read_journal() {
    while (true) {
      const auto entries = store_.history(after_, kPage, {});
      for (const Entry& entry : entries) {
        after_ = entry.sequence;
        const bool of_credential = auth::has_id_form(entry.id) &&
                                   std::hash<std::string>{}(entry.id) % part_.of == part_.number;
        if (!of_credential && !(has_roles() && is_of_role(entry.action))) continue;
        last_[entry.id] = {entry.sequence, entry.revision, entry.action};
      }
      progress_.add(entries.size());
      if (entries.size() < kPage) return;
    }
  }

  // Of all parts, one has the roles as well: there are few.
  bool has_roles() const { return part_.number == 0; }

  static bool is_of_role(Action action) {
    return action == Action::create_role || action == Action::update_role ||
           action == Action::delete_role || action == Action::kick_role;
  }

  static bool takes_back(Action action) {
    return action == Action::withdraw || action == Action::delete_role;
  }

  void check_roles() {
    std::string after;
    do {
      const RolePage page = store_.list_roles("", after, kPage);
      for (const auth::Role& role : page.roles)
        check(auth::role_id(role.account, role.name), role.revision);
      for (const std::string& id : page.damaged)
        last_.erase(id);
      after = page.last;
    } while (!after.empty());
  }

  // What was changed since the journal was read has a higher revision.
  void check(const std::string& id, std::uint64_t revision) {
    const auto at = last_.find(id);
    if (at == last_.end()) return;
    const Last& last = at->second;
    const std::string entry = "entry " + std::to_string(last.sequence) + " of the journal";
    if (takes_back(last.action)) {
      // A role may have been made again since, under the same name.
      if (is_of_role(last.action) && made_again(id, last)) return;
      faults_.push_back(id + ": has a record, which " + entry + " took back");
    } else if (revision < last.revision) {
      faults_.push_back(id + ": its record is revision " + std::to_string(revision) + ", but " +
                        entry + " made it revision " + std::to_string(last.revision) +
                        ": an older one was put back");
    }
    last_.erase(at);
  }

  bool made_again(const std::string& id, const Last& last) const {
    return !store_.history(last.sequence, SIZE_MAX, {.id = id}).empty();
  }

  bool has_record(const std::string& id) const {
    const auto slash = id.find('/');
    try {
      if (slash != id.npos)
        return store_.role(id.substr(0, slash), id.substr(slash + 1)).has_value();
      return store_.get(id).has_value();
    } catch (const Damaged&) {
      return true;
    }
  }

  const Store& store_;
  std::vector<std::string>& faults_;
  CheckProgress& progress_;
  const Part part_;
  std::uint64_t after_ = 0;
  std::unordered_map<std::string, Last> last_;
};

std::uint64_t count_records(const Totals& totals) {
  return totals.active + totals.suspended + totals.revoked;
}

std::uint64_t parts_of(const Totals& totals) {
  return 1 + count_records(totals) / kMaxAtOnce;
}

}  // namespace

void check_revisions(const Store& store, std::vector<std::string>& faults,
                     CheckProgress& progress) {
  const std::uint64_t parts = parts_of(store.totals());
  for (std::uint64_t part = 0; part < parts; ++part)
    RevisionCheck{store, faults, progress, {.number = part, .of = parts}}.run();
}

std::uint64_t revision_check_size(const Store& store) {
  const Totals totals = store.totals();
  const std::uint64_t entries = totals.sequence == 0 ? 0 : totals.sequence - totals.oldest + 1;
  return parts_of(totals) * (count_records(totals) + entries);
}

}  // namespace store
