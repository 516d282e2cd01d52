#include "gateway/cli/import/import_run.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <future>
#include <set>
#include <thread>
#include <utility>

#include <signal.h>

#include "gateway/admin/operations/warnings.h"
#include "gateway/cli/output/progress.h"
#include "gateway/platform/clock.h"
#include "store/table_keys.h"

namespace gateway::cli {
namespace {

using auth::Credential;
using auth::Invalid;
using auth::Role;

constexpr std::size_t kBatch = 512;
// LMDB's writer lock is not fair: who has just let it go would have it again before a waiting
// revocation wakes up.
constexpr std::chrono::milliseconds kLetOthersWrite{3};

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int which : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    sigaddset(&set, which);
  return set;
}

bool interrupted() {
  const sigset_t set = ending_signals();
  const timespec now{};
  return sigtimedwait(&set, nullptr, &now) > 0;
}

}  // namespace

Import::Import(Local& local, FileRoles& roles, ImportSource source, std::string label)
    : local_(local), roles_(roles), source_(std::move(source)), label_(std::move(label)) {
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::optional<Invalid> Import::check_role(const std::string& where, const Role& role) {
  const auto stored = roles_.stored(role);
  if (!stored) return stored.error();
  if (*stored && with_own_fields(role, **stored) != **stored) {
    return Invalid{"role", "there is another role " + role.name + " in account " + role.account +
                               "; to change it use: credgate role update, or apply"};
  }
  return roles_.add(where, role);
}

std::optional<Invalid> Import::check_line(const std::string& where, const ImportLine& line) {
  if (line.role) return check_role(where, *line.role);
  const Credential& c = line.credential;
  using namespace std::string_literals;
  std::vector<std::pair<const char*, std::string>> names = {
      {"name", "n"s + c.account + '\0' + c.name}, {"id", "i"s + c.id}};
  // During a rotation a password's two secrets have one login.
  std::set<std::string> logins;
  for (const auto& secret : c.secrets) {
    if (!secret.login.empty()) logins.insert(secret.login);
  }
  for (const std::string& login : logins)
    names.emplace_back("login", "l"s + store::login_key(c.kind, login));
  for (const auto& [field, text] : names) {
    if (taken_.contains(text)) return Invalid{field, "is also used by an earlier line"};
  }
  for (const std::string& login : line.older_logins) {
    if (local_.store().find(c.kind, login).credential) {
      return Invalid{"token", "belongs or belonged to another credential"};
    }
  }
  if (const auto refused = roles_.check_new(c)) return Invalid{"", refused->message};
  for (auto& [field, text] : names)
    taken_.insert(std::move(text));
  return std::nullopt;
}

void Import::note_warnings(const std::string& where, const ImportLine& line) {
  const auto roles = roles_.roles_of(line.credential);
  auto messages = operations::warnings_of(
      local_.config(), line.credential, now_in_seconds(),
      roles ? std::span<const auth::Role>{*roles} : std::span<const auth::Role>{});
  if (!line.password.empty()) {
    const std::string weak = operations::password_warning(line.password.view());
    if (!weak.empty()) messages.push_back(weak);
  }
  for (const auto& message : messages) {
    const auto text = message.get<std::string>();
    const auto [known, is_new] = warned_.try_emplace(text, warnings_.size());
    if (is_new) warnings_.push_back({.where = where, .message = text});
    ++warnings_[known->second].lines;
  }
}

std::vector<ImportFault> Import::check() {
  Progress progress{"checking", 0};
  std::vector<ImportFault> faults;
  source_([&](const std::string& where, auth::Result<ImportLine, Invalid> line) {
    progress.at(++lines_);
    if (interrupted()) throw OperationError(Code::fault, "interrupted; nothing was imported");
    auto wrong = line ? check_line(where, *line) : std::optional{line.error()};
    if (!wrong && line->role) return;
    if (!wrong) return note_warnings(where, *line);
    bad_.insert(where);
    faults.push_back({where, std::move(*wrong)});
  });
  taken_.clear();
  return faults;
}

// A plain password costs as much as a login with it, and there may be many: every core takes part.
void Import::hash(Batch& batch) const {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stop = false;
  const auto work = [&] {
    for (std::size_t i = next++; i < batch.lines.size() && !stop; i = next++)
      hash_import(batch.lines[i], local_.config());
  };
  const bool any = std::ranges::any_of(
      batch.lines, [](const ImportLine& line) { return !line.password.empty(); });
  if (!any) return;
  std::vector<std::future<void>> others;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i)
    others.push_back(std::async(std::launch::async, work));
  // This thread hashes too, and looks for a signal after each.
  for (std::size_t i = next++; i < batch.lines.size() && !stop; i = next++) {
    hash_import(batch.lines[i], local_.config());
    stop = interrupted();
  }
  for (std::future<void>& other : others)
    other.get();
  if (stop) throw OperationError(Code::fault, "interrupted");
}

void Import::store(Batch& batch, bool keep_going, std::vector<ImportFault>& faults) {
  hash(batch);
  std::vector<Credential> credentials;
  for (ImportLine& line : batch.lines)
    credentials.push_back(std::move(line.credential));
  store::Intent intent = local_.intent(store::Action::create);
  intent.reason = label_;
  std::span<const Credential> rest{credentials};
  while (!rest.empty()) {
    if (interrupted()) throw OperationError(Code::fault, "interrupted");
    const auto created = local_.store().create_some(rest, intent);
    for (const Credential& credential : rest.first(created.count))
      made_.push_back(credential.id);
    rest = rest.subspan(created.count);
    std::this_thread::sleep_for(kLetOthersWrite);
    if (!created.refused) continue;
    const std::string& where = batch.where.at(batch.where.size() - rest.size());
    if (!keep_going) throw OperationError(Code::conflict, where + ": " + created.refused->message);
    faults.push_back({where, {"", created.refused->message}});
    rest = rest.subspan(1);
  }
  batch = {};
}

void Import::store_role(const std::string& where, const Role& role, bool keep_going,
                        std::vector<ImportFault>& faults) {
  if (local_.store().role(role.account, role.name)) {
    ++known_roles_;
    return;
  }
  store::Intent intent = local_.intent(store::Action::create);
  intent.reason = label_;
  const auto created = local_.store().create_role(role, intent);
  if (created) return made_roles_.push_back(created->role);
  if (!keep_going) throw OperationError(Code::conflict, where + ": " + created.error().message);
  faults.push_back({where, {"role", created.error().message}});
}

// Those that somebody has changed or given to others since then stay. Gives their ids.
std::string Import::take_back_roles() {
  store::Intent intent = local_.intent(store::Action::update);
  intent.reason = label_;
  std::string kept;
  for (const Role& role : made_roles_) {
    intent.revision = role.revision;
    if (!local_.store().delete_role(role.account, role.name, intent))
      kept += " " + auth::role_id(role.account, role.name);
  }
  return kept;
}

// Gives what is to be said of it.
std::string Import::take_back() {
  Progress progress{"rolling back", made_.size()};
  store::Intent intent = local_.intent(store::Action::withdraw);
  intent.reason = label_;
  std::string kept;
  std::span<const std::string> rest{made_};
  while (!rest.empty()) {
    const auto withdrawn = local_.store().withdraw(rest, intent);
    for (const std::string& id : withdrawn.kept)
      kept += " " + id;
    rest = rest.subspan(withdrawn.count);
    progress.at(made_.size() - rest.size());
    std::this_thread::sleep_for(kLetOthersWrite);
  }
  kept += take_back_roles();
  return kept.empty() ? "; nothing of this import was kept"
                      : "; these of this import were kept, because they were changed in the "
                        "meantime:" +
                            kept;
}

std::uint64_t Import::run(bool keep_going, std::vector<ImportFault>& faults) {
  try {
    Progress progress{"importing", lines_ - bad_.size()};
    Batch batch;
    std::uint64_t seen = 0;
    source_([&](const std::string& where, auth::Result<ImportLine, Invalid> line) {
      ++seen;
      if (bad_.contains(where)) return;
      // The file was another one when it was checked.
      if (!line) throw OperationError(Code::fault, where + ": changed during the import");
      if (line->role) return store_role(where, *line->role, keep_going, faults);
      batch.where.push_back(where);
      batch.lines.push_back(std::move(*line));
      if (batch.lines.size() == kBatch) store(batch, keep_going, faults);
      progress.at(made_.size());
    });
    store(batch, keep_going, faults);
    if (seen != lines_) throw OperationError(Code::fault, "the file changed during the import");
    return made_.size() + made_roles_.size() + known_roles_;
  } catch (const std::exception& fault) {
    const auto* error = dynamic_cast<const OperationError*>(&fault);
    const Code code = error != nullptr ? error->code() : Code::fault;
    std::string outcome;
    try {
      outcome = take_back();
    } catch (const std::exception& second) {
      throw OperationError(
          code, std::string(fault.what()) + "; and what is already stored could not be removed (" +
                    second.what() + "): history lists them with the reason \"" + label_ + "\"");
    }
    throw OperationError(code, std::string(fault.what()) + outcome);
  }
}

}  // namespace gateway::cli
