#include "store/accept_older.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "store/head_noting.h"
#include "store/store.h"

namespace store {
namespace {

using auth::Credential;
using auth::Status;

void apply_shutout(Shut& shut, const Shutout& one) {
  if (one.action == Action::revoke) shut.revoked = one.sequence;
  const bool resume = one.action == Action::resume;
  if (resume || one.action == Action::suspend) {
    shut.suspended = resume ? 0 : one.sequence;
    shut.resumed = resume ? one.sequence : 0;
  }
  if (one.action == Action::rotate) {
    shut.rotated = one.sequence;
    shut.rotated_earlier = one.earlier;
  }
}

// Absent also for a damaged record, which is denied.
std::optional<Credential> readable(const Store& store, const std::string& id) {
  try {
    return store.get(id);
  } catch (const Damaged&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<Shut> by_credential(const std::vector<Shutout>& shutouts) {
  std::vector<Shut> all;
  std::map<std::string, std::size_t, std::less<>> places;
  for (const Shutout& one : shutouts) {
    const auto [place, fresh] = places.try_emplace(one.id, all.size());
    if (fresh) all.push_back({.id = one.id});
    apply_shutout(all[place->second], one);
  }
  return all;
}

// A resumption that the accepted store lacks is lost: who is suspended in it must not be let in by
// another copy.
std::vector<Shutout> carry_over(const Shut& shut, bool suspended) {
  std::vector<Shutout> all;
  const auto add = [&](Action action, std::uint64_t sequence) {
    all.push_back({sequence, action, shut.id, true});
  };
  if (shut.revoked != 0) {
    add(Action::revoke, shut.revoked);
    return all;
  }
  if (shut.suspended != 0) add(Action::suspend, shut.suspended);
  if (shut.resumed != 0 && suspended) add(Action::suspend, shut.resumed);
  if (shut.rotated != 0) add(Action::rotate, shut.rotated);
  return all;
}

// Of whom the note says that they are revoked or suspended, each who is not so here: done twice, it
// does nothing, so that it can be interrupted.
void Store::shut_out_again(const Shut& shut, const Intent& intent, Accepted& done) {
  const auto credential = readable(*this, shut.id);
  const std::uint64_t entry = shut.revoked != 0 ? shut.revoked : shut.suspended;
  if (!credential) {
    if (entry != 0) done.absent.push_back({shut.id, "", entry});
    return;
  }
  const bool revoke = shut.revoked != 0 && credential->status != Status::revoked;
  const bool suspend =
      shut.revoked == 0 && shut.suspended != 0 && credential->status == Status::active;
  if (revoke || suspend) {
    Intent again = intent;
    again.action = revoke ? Action::revoke : Action::suspend;
    again.reason = std::string(name(again.action)) +
                   " again: an older copy of the store was accepted, which lacked entry " +
                   std::to_string(entry);
    const auto changed = change(shut.id, again, [&](Credential& c) {
      c.status = revoke ? Status::revoked : Status::suspended;
    });
    if (!changed) throw Fault("store: " + shut.id + ": " + changed.error().message);
    (revoke ? done.revoked : done.suspended).push_back({shut.id, credential->name, entry});
  }
  const bool lives = shut.revoked == 0 && credential->status != Status::revoked;
  // What is earlier was named when its timeline was left, unless this copy is from before that.
  const bool lost = done.sequence == 0 || !shut.rotated_earlier;
  if (lives && lost && shut.rotated > done.sequence) {
    done.rotated.push_back({shut.id, credential->name, shut.rotated});
  }
}

Accepted Store::accept_older(const Intent& intent,
                             const std::function<void(const Accepted&)>& report) {
  const auto noted = noting_->noted();
  Accepted done{.sequence = noted ? noting_->common_with(*noted) : totals().sequence,
                .noted = noted ? std::optional{noted->head.sequence} : std::nullopt};
  done.complete = noted && noted->complete_from <= done.sequence;
  went_back_.reset();
  std::vector<Shutout> carried;
  for (const Shut& shut : by_credential(noted ? noted->shutouts : std::vector<Shutout>{})) {
    shut_out_again(shut, intent, done);
    const auto now = readable(*this, shut.id);
    std::ranges::move(carry_over(shut, now && now->status == Status::suspended),
                      std::back_inserter(carried));
  }
  if (report) report(done);
  noting_->replace(std::move(carried), noted ? done.sequence : 0, done.noted, intent);
  return done;
}

}  // namespace store
