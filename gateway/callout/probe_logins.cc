#include "gateway/callout/probe_logins.h"

#include <algorithm>
#include <chrono>

namespace gateway {
namespace {

using namespace std::chrono_literals;

auth::Minute this_minute() {
  return std::chrono::floor<std::chrono::minutes>(std::chrono::system_clock::now());
}

}  // namespace

std::string probe_account(const Config& config) {
  const auto may = [&config](const std::string& account) {
    const auto key = config.account_keys.find(account);
    return key == config.account_keys.end() || !key->second.scoped;
  };
  const auto found = std::ranges::find_if(config.accounts, may);
  return found == config.accounts.end() ? "" : *found;
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
    const std::string account = probe_account(*config_.load());
    if (account.empty()) return std::nullopt;
    return auth::probe_credential(login.kind, login.text, account);
  }
  return std::nullopt;
}

}  // namespace gateway
