#include "store/revision_check.h"

#include <functional>
#include <unordered_map>

#include "store/store.h"

namespace store {
namespace {

using auth::Credential;

constexpr std::size_t kPage = 1000;
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
        check(c);
      for (const std::string& id : page.damaged)
        last_.erase(id);
      progress_.add(page.credentials.size() + page.damaged.size());
      after = page.last;
    } while (!after.empty());
    read_journal();  // of who was withdrawn meanwhile
    for (const auto& [id, last] : last_) {
      if (last.action == Action::withdraw || has_record(id)) continue;
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
        if (!auth::has_id_form(entry.id) ||
            std::hash<std::string>{}(entry.id) % part_.of != part_.number)
          continue;
        last_[entry.id] = {entry.sequence, entry.revision, entry.action};
      }
      progress_.add(entries.size());
      if (entries.size() < kPage) return;
    }
  }

  // What was changed since the journal was read has a higher revision.
  void check(const Credential& c) {
    const auto at = last_.find(c.id);
    if (at == last_.end()) return;
    const Last& last = at->second;
    const std::string entry = "entry " + std::to_string(last.sequence) + " of the journal";
    if (last.action == Action::withdraw) {
      faults_.push_back(c.id + ": has a record, which " + entry + " took back");
    } else if (c.revision < last.revision) {
      faults_.push_back(c.id + ": its record is revision " + std::to_string(c.revision) + ", but " +
                        entry + " made it revision " + std::to_string(last.revision) +
                        ": an older one was put back");
    }
    last_.erase(at);
  }

  bool has_record(const std::string& id) const {
    try {
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

std::uint64_t records_of(const Totals& totals) {
  return totals.active + totals.suspended + totals.revoked;
}

std::uint64_t parts_of(const Totals& totals) {
  return 1 + records_of(totals) / kMaxAtOnce;
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
  return parts_of(totals) * (records_of(totals) + entries);
}

}  // namespace store
