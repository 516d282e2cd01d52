#include "gateway/cli/apply/apply_run.h"

#include <chrono>
#include <thread>
#include <utility>

#include "auth/base/json.h"
#include "auth/base/secret.h"
#include "gateway/admin/operations/new_secret.h"
#include "gateway/cli/output/progress.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using auth::Status;
using store::Action;
using Clock = std::chrono::steady_clock;

// LMDB's writer lock is not fair: who has just let it go would have it again before a waiting
// revocation wakes up.
constexpr std::chrono::milliseconds kLetOthersWrite{3};
constexpr std::chrono::milliseconds kWriteAtOnce{20};

std::string secret_line(const Credential& c, const Proof& proof) {
  nlohmann::ordered_json json = {
      {"id", c.id}, {"name", c.name}, {"account", c.account}, {"kind", name(c.kind)}};
  const std::pair<const char*, std::string_view> members[] = {{"login", proof.login},
                                                              {"secret", proof.secret.view()},
                                                              {"token", proof.token.view()},
                                                              {"seed", proof.seed.view()},
                                                              {"creds", proof.creds.view()}};
  for (const auto& [key, value] : members) {
    if (!value.empty()) json[key] = value;
  }
  json["inbox_prefix"] = auth::inbox_prefix(c);
  return auth::write_line(json) + "\n";
}

class Run {
 public:
  Run(Local& local, std::string reason, Applied& done, std::uint64_t steps)
      : local_(local), reason_(std::move(reason)), done_(done), progress_{"applying", steps} {}

  void revoke(const Step& step) {
    std::uint64_t revision = step.before.revision;
    if (change(step, Action::revoke, revision, [](Credential& c) { c.status = Status::revoked; })) {
      ++done_.revoked;
    }
  }

  // A status is a change of its own, by which daemons close sessions. Nobody is let in before the
  // rest is as it must be.
  void update(const Step& step) {
    const Credential& after = step.after.credential;
    const bool suspends = after.status == Status::suspended && step.before.status != after.status;
    const bool resumes = after.status == Status::active && step.before.status != after.status;
    std::uint64_t revision = step.before.revision;
    bool made = true;
    if (suspends) made = change_status(step, Action::suspend, revision);
    Credential rest = step.before;
    rest.status = after.status;
    if (made && rest != after) {
      made = change(step, Action::update, revision, [&after](Credential& c) {
        Credential edited = after;
        edited.revision = c.revision;
        edited.status = c.status;
        edited.secrets = c.secrets;
        edited.updated_at = c.updated_at;
        edited.updated_by = c.updated_by;
        c = std::move(edited);
      });
    }
    if (made && resumes) made = change_status(step, Action::resume, revision);
    if (made) ++done_.updated;
    if (!made && revision != step.before.revision)
      done_.conflicts.back().wrong.message +=
          suspends ? "; it was suspended" : "; the rest was made";
  }

  void change_role(const RoleStep& step) {
    pause_if_due();
    const auth::Role& role = step.after;
    store::Intent intent = local_.intent(Action::update);
    intent.reason = reason_;
    if (step.kind != StepKind::create) intent.revision = step.before.revision;
    const auto edit = [&role](auth::Role& r) {
      auth::Role edited = with_own_fields(role, r);
      r = std::move(edited);
    };
    auto& store = local_.store();
    const auto made = step.kind == StepKind::create ? store.create_role(role, intent)
                      : step.kind == StepKind::update
                          ? store.change_role(role.account, role.name, intent, edit)
                          : store.delete_role(role.account, role.name, intent);
    if (made) {
      ++done_.roles;
    } else {
      done_.conflicts.push_back(
          {step.where.empty() ? "role " + role.name : step.where, {"role", made.error().message}});
    }
    progress_.at(this->made() + done_.conflicts.size());
  }

  void create(std::vector<const Step*> steps) {
    std::vector<Credential> all;
    for (const Step* step : steps)
      all.push_back(step->after.credential);
    store::Intent intent = local_.intent(Action::create);
    intent.reason = reason_;
    std::span<const Credential> rest{all};
    while (!rest.empty()) {
      const auto created = local_.store().create_some(rest, intent);
      done_.created += created.count;
      rest = rest.subspan(created.count);
      if (created.refused) {
        const Step& step = *steps.at(steps.size() - rest.size());
        std::string message = created.refused->message;
        if (step.makes_secret) message += "; its secret in the file of --out is void";
        done_.conflicts.push_back({step.where, {"", std::move(message)}});
        rest = rest.subspan(1);
      }
      progress_.at(made() + done_.conflicts.size());
      std::this_thread::sleep_for(kLetOthersWrite);
    }
  }

 private:
  std::uint64_t made() const { return done_.created + done_.updated + done_.revoked + done_.roles; }

  void pause_if_due() {
    if (Clock::now() - began_ <= kWriteAtOnce) return;
    std::this_thread::sleep_for(kLetOthersWrite);
    began_ = Clock::now();
  }

  bool change_status(const Step& step, Action action, std::uint64_t& revision) {
    return change(step, action, revision,
                  [&step](Credential& c) { c.status = step.after.credential.status; });
  }

  // `revision`: that was read, and then that which was made.
  bool change(const Step& step, Action action, std::uint64_t& revision,
              const store::Store::Edit& edit) {
    pause_if_due();
    store::Intent intent = local_.intent(action);
    intent.revision = revision;
    intent.reason = reason_;
    const auto changed = local_.store().change(step.before.id, intent, edit);
    progress_.at(made() + done_.conflicts.size());
    if (!changed) {
      const std::string named = step.before.name + " (" + step.before.id + ")";
      done_.conflicts.push_back(
          {step.where.empty() ? named : step.where + ": " + named, {"", changed.error().message}});
      return false;
    }
    revision = changed->credential.revision;
    if (action == Action::revoke || action == Action::suspend)
      done_.closing.push_back({.credential = step.before.id, .sequence = changed->sequence});
    return true;
  }

  Local& local_;
  std::string reason_;
  Applied& done_;
  Progress progress_;
  Clock::time_point began_ = Clock::now();
};

}  // namespace

void make_secrets(Plan& plan, const OperationContext& context, SecretFile& out) {
  for (Step& step : plan.steps) {
    if (!step.makes_secret) continue;
    Credential& c = step.after.credential;
    const std::string login = c.secrets.front().login;
    c.secrets.clear();
    std::string line = secret_line(c, make_proof(context, {}, login, c));
    out.write(line);
    auth::wipe(line.data(), line.size());
  }
  out.sync();
}

void run_plan(Plan& plan, Local& local, const std::string& reason, Applied& done) {
  for (Step& step : plan.steps)
    hash_import(step.after, local.config());
  Run run{local, reason, done, plan.steps.size() + plan.roles.size()};
  std::vector<const Step*> creates;
  for (const Step& step : plan.steps) {
    if (step.kind == StepKind::revoke) run.revoke(step);
    if (step.kind == StepKind::create) creates.push_back(&step);
  }
  for (const RoleStep& step : plan.roles) {
    if (step.kind != StepKind::revoke) run.change_role(step);
  }
  for (const Step& step : plan.steps) {
    if (step.kind == StepKind::update) run.update(step);
  }
  run.create(creates);
  for (const RoleStep& step : plan.roles) {
    if (step.kind == StepKind::revoke) run.change_role(step);
  }
}

}  // namespace gateway::cli
