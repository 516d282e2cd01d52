#include "gateway/cli/commands/history_prune.h"

#include <chrono>
#include <iostream>
#include <optional>
#include <thread>

#include "auth/base/time_format.h"
#include "gateway/cli/confirm.h"
#include "gateway/cli/output/progress.h"
#include "gateway/platform/clock.h"

namespace gateway::cli {
namespace {

// What daemons and readers of events may not have read yet stays.
constexpr std::chrono::hours kKept{1};
// LMDB's writer lock is not fair: who has just let it go would have it again before a waiting
// revocation wakes up.
constexpr std::chrono::milliseconds kLetOthersWrite{3};

// Nothing that shows what was altered may be removed.
void check_chain(const store::Store::Prunable& found) {
  for (const std::string& fault : found.faults)
    std::cerr << (found.whole ? "warning: " : "fault: ") << fault << '\n';
  if (found.whole) return;
  throw OperationError(Code::fault,
                       "the journal was altered or damaged, so nothing was removed; leave the "
                       "store unchanged and compare it with a backup");
}

// Gives where the journal begins then.
std::uint64_t remove_entries(Local& local, const store::Store::Prunable& found,
                             const std::string& before) {
  Progress progress{"removing", found.through - found.first + 1};
  std::optional<store::Intent> note = local.intent(store::Action::prune);
  note->reason = "before " + before;
  std::uint64_t oldest = found.first;
  while (oldest <= found.through) {
    oldest = local.store().prune_some(found.through, note);
    note.reset();
    progress.at(oldest - found.first);
    std::this_thread::sleep_for(kLetOthersWrite);
  }
  return oldest;
}

}  // namespace

auth::Time read_past(const char* option, const std::string& word) {
  if (const auto span = auth::read_duration(word)) return now_in_seconds() - *span;
  if (const auto at = auth::read_time(word)) return *at;
  throw OperationError(Code::usage,
                       std::string(option) + ": \"" + word +
                           "\" is not a timestamp; write 2026-11-30, 2026-11-30T18:00:00Z, or a "
                           "duration before now (30d, 12h)");
}

void prune_history(const Context& context, const std::string& before, bool yes) {
  if (context.remote.given()) {
    throw OperationError(Code::usage,
                         "--prune changes the journal itself: run it on the gateway's machine");
  }
  const auth::Time time = read_past("--prune", before);
  if (time > now_in_seconds() - kKept) {
    throw OperationError(Code::usage,
                         "--prune: the entries of the last hour stay; give an earlier time");
  }
  const std::string written = auth::write_time(time);
  if (!yes) confirm("removing the journal's entries of before " + written);
  Local local{context};
  local.require_changeable();
  local.note_head();  // of what was removed, nobody could note who was shut out
  const store::Store::Prunable found = local.store().prunable(time);
  check_chain(found);
  const std::uint64_t oldest = remove_entries(local, found, written);
  local.note_head();
  if (context.json) return print_json({{"removed", oldest - found.first}, {"oldest", oldest}});
  std::cout << "removed " << oldest - found.first << " entries; the journal begins at " << oldest
            << '\n';
  if (oldest == found.first && found.stopped != 0) {
    std::cout << "entry " << found.stopped << " is of " << auth::write_time(found.stopped_at)
              << ", which is not before " << written
              << "; no entry after it is removed before it is\n";
  }
}

}  // namespace gateway::cli
