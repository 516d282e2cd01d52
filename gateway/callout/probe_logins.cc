#include "gateway/callout/probe_logins.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "gateway/callout/readiness.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

auth::Minute this_minute() {
  return std::chrono::floor<std::chrono::minutes>(std::chrono::system_clock::now());
}

std::size_t turn() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::size_t>(now / Readiness::kProbeInterval);
}

}  // namespace

std::vector<std::string> probe_accounts(const Config& config) {
  std::vector<std::string> accounts = config.accounts;
  std::erase_if(accounts, [&config](const std::string& account) {
    const auto key = config.account_keys.find(account);
    return key != config.account_keys.end() && key->second.scoped;
  });
  if (accounts.size() > 1) std::erase(accounts, config.admin_account);
  return accounts;
}

auth::KeyPair ProbeKeys::now() const {
  return auth::probe_key(master_.current(), this_minute());
}

bool ProbeKeys::has(std::string_view public_key) {
  const auth::Minute minute = this_minute();
  auto known = known_.lock();
  if (known->made_for != minute) {
    known->keys.clear();
    for (const auth::MasterKey& master : master_.all()) {
      for (const auto at : {minute - 1min, minute, minute + 1min})
        known->keys.push_back(write_public_key(auth::probe_key(master, at).public_key()));
    }
    known->made_for = minute;
  }
  return std::ranges::find(known->keys, public_key) != known->keys.end();
}

std::optional<auth::Credential> ProbeLogins::find(const auth::Identity& identity) {
  if (!enabled_) return std::nullopt;
  for (const auth::Login& login : identity.logins) {
    if (login.kind != auth::Kind::nkey && login.kind != auth::Kind::creds) continue;
    if (!keys_.has(login.text)) continue;
    const std::vector<std::string> accounts = probe_accounts(*config_.load());
    if (accounts.empty()) return std::nullopt;
    return auth::probe_credential(login.kind, login.text, accounts.at(turn() % accounts.size()));
  }
  return std::nullopt;
}

}  // namespace gateway
