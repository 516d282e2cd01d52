#include "gateway/doctor/store_answers.h"

#include "store/leafnode_credentials.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxNamed = 5;

// Its address, connection type and time of day may be wrong here, and right in the client's
// request.
bool is_let_in(const auth::Judge& judge, const auth::Request& request,
               const auth::Identity& identity, const auth::Credential& credential, auth::Time now) {
  return judge.decide(request, identity, credential, now).secret &&
         judge.session_rules(credential, now).good && judge.may_grant(credential.account);
}

std::optional<std::string> let_in_as(const store::Store& store, const auth::Judge& judge,
                                     const std::string& user, std::string_view password,
                                     auth::Time now) {
  auth::Request request;
  request.connect.user = user;
  request.connect.pass = auth::SecretText{password};
  const auto identity = judge.identify(request);
  if (!identity) return std::nullopt;
  for (const auth::Login& login : identity->logins) {
    const auto credential = store.find(login.kind, login.text).credential;
    if (!credential) continue;
    if (!is_let_in(judge, request, *identity, *credential, now)) return std::nullopt;
    return credential_text(*credential);
  }
  return std::nullopt;
}

}  // namespace

StoreAnswers answers_of(const store::Store& store, const auth::Judge& judge, auth::Time now) {
  return {.let_in_as =
              [&store, &judge, now](const std::string& user, std::string_view password) {
                return let_in_as(store, judge, user, password, now);
              },
          .leafnodes = [&store]() -> std::optional<LeafnodeNames> {
            const auto found = store::find_leafnode_credentials(store, kMaxNamed);
            LeafnodeNames names{.count = found.count};
            for (const auth::Credential& credential : found.first)
              names.first.push_back(credential_text(credential));
            return names;
          }};
}

}  // namespace gateway
