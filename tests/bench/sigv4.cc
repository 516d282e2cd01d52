// What verifying a signed request costs, from the question's bytes to the answer's, with the store:
// against the HMACs that it cannot do without, which are five. In turns, so that a noisy machine
// disturbs both alike. With the argument `floor`: prints their CPU time alone, in nanoseconds.

#include <algorithm>
#include <cstring>
#include <ctime>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <sodium.h>

#include "gateway/admin/sigv4_verifier.h"
#include "gateway/platform/time_zone.h"
#include "tests/support/make_signed.h"
#include "tests/support/temp_dir.h"

namespace {

constexpr int kRounds = 50;
constexpr int kEach = 2'000;

double cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <class Work>
double cost_of(Work work) {
  const double began = cpu_nanoseconds();
  for (int i = 0; i < kEach; ++i)
    work();
  return (cpu_nanoseconds() - began) / kEach;
}

double median(std::vector<double> list) {
  std::ranges::sort(list);
  return list.at(list.size() / 2);
}

using Mac = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;

Mac hmac(std::span<const unsigned char> key, std::string_view text) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, auth::bytes_of(text).data(), text.size());
  Mac mac{};
  crypto_auth_hmacsha256_final(&state, mac.data());
  return mac;
}

// The signing key from a secret of 40 characters, and the signature of a string to sign.
Mac five_hmacs(const std::string& secret, const std::string& text) {
  Mac key = hmac(auth::bytes_of(secret), "20270115");
  for (const std::string_view part : {"eu", "sqs", "aws4_request"})
    key = hmac(key, part);
  return hmac(key, text);
}

// As an SDK sends it: its headers, and more that are not signed.
std::string question(const char* access_key) {
  auth::made::Signed request;
  request.access_key = access_key;
  request.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  request.secret = "forty-characters-that-nobody-could-guess";
  auth::Json json = request.json();
  for (const char* name : {"User-Agent", "Accept-Encoding", "Connection", "Content-Type"})
    json["headers"].push_back({name, "Boto3/1.26.27 Python/3.11.2 Linux/6.1 Botocore/1.29.27"});
  return json.dump();
}

class World {
 public:
  World() {
    store::Store::create(place_, "STBENCH", auth::Time{});
    store_ = std::make_unique<store::Store>(place_, keys_);
    auth::Credential c = auth::made::base(auth::Kind::key);
    c.name = "shop";
    c.sigv4 = true;
    c.secrets = {
        auth::made::sealed(keys_.current(), c.id, "forty-characters-that-nobody-could-guess")};
    const store::Intent intent{
        .action = store::Action::create, .actor = "bench", .at = {}, .revision = {}, .reason = {}};
    if (!store_->create(c, intent)) std::abort();
  }
  std::string answer(const std::string& asked) const { return verifier_.answer(asked, "CGBENCH"); }

 private:
  TempDir dir_;
  store::Place place_{.directory = dir_.path(), .map_bytes = std::size_t{64} << 20};
  auth::MasterKeys keys_ = auth::made::make_master_keys();
  std::unique_ptr<store::Store> store_;
  gateway::CurrentRules rules_{
      std::make_shared<const gateway::Rules>(gateway::Rules{auth::Judge{{.accounts = {"APP"},
                                                                         .reserved = {},
                                                                         .scoped = {},
                                                                         .region = "",
                                                                         .mode = {},
                                                                         .sigv4_hosts = {},
                                                                         .password_cost = {}},
                                                                        keys_,
                                                                        gateway::zone_offset},
                                                            {}})};
  gateway::CredentialSource source_{
      .find = [this](auth::Kind kind, std::string_view login) { return store_->find(kind, login); },
      .last_txn = [this] { return store_->last_txn(); }};
  gateway::Counters counters_;
  gateway::CurrentConfig config_{std::make_shared<const gateway::Config>()};
  gateway::ProbeLogins probe_logins_{config_, keys_, false};
  gateway::Decider decider_{source_, rules_, probe_logins_};
  gateway::DecisionSink sink_{counters_.events_lost};
  gateway::DecisionConsumer consumer_{sink_, [](const gateway::DecisionEvent&) {}};
  gateway::SigV4Verifier verifier_{decider_, [](const std::string&, const auth::Judge::Rehash&) {},
                                   counters_, sink_};
};

}  // namespace

int main(int argc, char** argv) {
  if (sodium_init() < 0) return 2;
  const World world;
  const std::string asked = question(auth::made::kId);
  const std::string by_stranger = question(auth::made::kOtherId);
  if (world.answer(asked).find("\"allow\":true") == std::string::npos) {
    std::cerr << world.answer(asked) << '\n';
    return 1;
  }
  const std::string secret = "AWS4forty-characters-that-nobody-could-guess";
  const std::string text(130, 's');
  std::vector<double> floors;
  std::vector<double> verifications;
  std::vector<double> strangers;
  for (int round = 0; round < kRounds; ++round) {
    floors.push_back(cost_of([&] { static_cast<void>(five_hmacs(secret, text)); }));
    verifications.push_back(cost_of([&] { static_cast<void>(world.answer(asked)); }));
    strangers.push_back(cost_of([&] { static_cast<void>(world.answer(by_stranger)); }));
  }
  const double floor = median(floors);
  if (argc == 2 && std::strcmp(argv[1], "floor") == 0) {
    std::cout << floor << '\n';
    return 0;
  }
  const double cost = median(verifications);
  std::cout << "one thread, " << kRounds << " rounds of " << kEach << ", CPU, medians\n"
            << "  five HMACs     " << floor / 1000 << " us\n"
            << "  verification   " << cost / 1000 << " us, " << 1e9 / cost << " a second\n"
            << "  ratio          " << cost / floor << '\n'
            << "  of a stranger  " << median(strangers) / 1000 << " us\n";
  return 0;
}
