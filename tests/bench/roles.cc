// What a decision costs with no, one and eight roles, and with templates: to find the record and
// its roles in the store, to check the proof, and to put the permissions together. Without the
// request's decryption and the answer's signature, which do not depend on roles. In turns, so that
// a noisy machine disturbs all alike.

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <sodium.h>

#include "gateway/callout/decider.h"
#include "tests/support/decide_world.h"
#include "tests/support/temp_dir.h"

namespace {

constexpr int kRounds = 30;
constexpr int kEach = 100;

double cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> list) {
  std::ranges::sort(list);
  return list.at(list.size() / 2);
}

// What people give: subjects, a stream, a bucket. Each number gives others.
auth::Rights rights(int number, bool templates) {
  const std::string n = std::to_string(number);
  const std::string one = templates ? "{name}" : "pump-7";
  auth::Rights made;
  made.publish = made.receive = true;
  made.subjects = {"a" + n + "." + one + ".>", "b" + n + "." + one + ".>"};
  made.streams = {"S" + n};
  made.consumers = {"C" + n};
  made.buckets.kv_read = {{.bucket = "cfg" + n, .keys = one + ".>"}};
  return made;
}

struct Row {
  const char* what;
  int own = 1;  // sets of rights in the record itself
  int roles = 0;
  bool templates = false;
};

// A store with one credential, and who logs in with it.
class World {
 public:
  explicit World(const Row& row) {
    store::Store::create(place_, "ROLEBENCH", auth::Time{});
    store_ = std::make_unique<store::Store>(place_, auth::made::master_keys());
    const store::Intent intent{
        .action = store::Action::create, .actor = "bench", .at = {}, .revision = {}, .reason = {}};
    store::Intent role_intent = intent;
    role_intent.action = store::Action::create_role;
    auth::Credential& c = *world_.credential;
    c.name = "pump-7";
    static_cast<auth::Rights&>(c) = row.own == 0 ? auth::Rights{} : rights(0, row.templates);
    for (int i = 1; i < row.own; ++i)
      add(c, rights(i, row.templates));
    for (int i = 0; i < row.roles; ++i) {
      auth::Role role;
      static_cast<auth::Rights&>(role) = rights(i, row.templates);
      role.account = c.account;
      role.name = "role-" + std::to_string(i);
      c.roles.push_back(role.name);
      if (!store_->create_role(role, role_intent)) std::abort();
    }
    if (!store_->create(c, intent)) std::abort();
  }

  bool decide() const {
    return decider_.decide({.identity = identity_, .connection = &request_}, world_.now).granted();
  }

 private:
  // Not the stream, which would be given with the consumers of the others too.
  static void add(auth::Rights& all, const auth::Rights& more) {
    const auto append = [](auto& list, const auto& items) {
      list.insert(list.end(), items.begin(), items.end());
    };
    append(all.subjects, more.subjects);
    append(all.buckets.kv_read, more.buckets.kv_read);
  }

  TempDir dir_;
  store::Place place_{.directory = dir_.path(), .map_bytes = std::size_t{64} << 20};
  auth::made::World world_ = auth::made::with_key();
  std::unique_ptr<store::Store> store_;
  gateway::CurrentRules rules_{
      std::make_shared<const gateway::Rules>(gateway::Rules{world_.judge(), {}})};
  gateway::CredentialSource source_{
      .find = [this](auth::Kind kind, std::string_view login) { return store_->find(kind, login); },
      .last_txn = [this] { return store_->last_txn(); }};
  gateway::CurrentConfig config_{std::make_shared<const gateway::Config>()};
  gateway::ProbeLogins probe_logins_{config_, auth::made::master_keys(), false};
  gateway::Decider decider_{source_, rules_, probe_logins_};
  auth::Request request_ = world_.request();
  auth::Result<auth::Identity, auth::Denial> identity_ = rules_.load()->judge.identify(request_);
};

}  // namespace

int main() {
  if (sodium_init() < 0) return 2;
  const std::vector<Row> rows = {
      {.what = "no role"},
      {.what = "no role, templates", .templates = true},
      {.what = "no role, subjects and buckets of eight", .own = 8},
      {.what = "one role with all of it", .own = 0, .roles = 1},
      {.what = "one role, templates", .own = 0, .roles = 1, .templates = true},
      {.what = "eight roles", .own = 0, .roles = 8},
      {.what = "eight roles, templates", .own = 0, .roles = 8, .templates = true},
  };
  std::vector<std::unique_ptr<World>> worlds;
  for (const Row& row : rows)
    worlds.push_back(std::make_unique<World>(row));
  std::vector<std::vector<double>> costs(rows.size());
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double began = cpu_nanoseconds();
      for (int n = 0; n < kEach; ++n) {
        if (!worlds[i]->decide()) return 1;
      }
      costs[i].push_back((cpu_nanoseconds() - began) / kEach);
    }
  }
  const double floor = median(costs[0]);
  std::cout << "one thread, " << kRounds << " rounds of " << kEach << ", CPU, medians\n"
            << std::fixed;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double cost = median(costs[i]);
    std::cout << "  " << std::left << std::setw(40) << rows[i].what << std::right
              << std::setprecision(0) << std::setw(8) << cost << " ns  " << std::setprecision(2)
              << cost / floor << '\n';
  }
  return 0;
}
