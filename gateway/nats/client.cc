#include "gateway/nats/client.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "auth/base/secret.h"
#include "auth/base/text.h"
#include "gateway/config/config.h"
#include "gateway/config/keys.h"
#include "gateway/config/server_urls.h"
#include "gateway/nats/blocked_host.h"
#include "gateway/nats/nats_c.h"
#include "gateway/nats/other_servers.h"
#include "gateway/nats/told_lately.h"
#include "gateway/platform/log.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

// A dead server is noticed after two pings without an answer.
constexpr auto kPing = 5s;
constexpr int kPingsOut = 2;
constexpr int kTries = 16;
using Text = std::array<char, 512>;

// One attempt to log in.
struct Attempt {
  const NatsLogin& login;
  bool unsendable = false;  // nats.c would have left the signature out
};

// These two functions of ours are called while natsConnection_Connect runs, and never again:
// nothing reconnects by itself.
natsStatus sign_nonce(char** /*error*/, unsigned char** signature, int* size, const char* nonce,
                      void* closure) {
  auto& attempt = *static_cast<Attempt*>(closure);
  const auth::Signature made = attempt.login.key.sign(nonce);
  // Before 3.8 it takes a signature that begins with a zero for none (nats.c #705): one login in
  // 256 would be refused, and look like a client without a proof.
  attempt.unsendable = made.front() == 0;
  if (attempt.unsendable) return NATS_ILLEGAL_STATE;
  auto* bytes = static_cast<unsigned char*>(
      std::malloc(made.size()));  // NOLINT(cppcoreguidelines-no-malloc): nats.c frees it
  if (bytes == nullptr) return NATS_NO_MEMORY;
  std::memcpy(bytes, made.data(), made.size());
  *signature = bytes;
  *size = static_cast<int>(made.size());
  return NATS_OK;
}

natsStatus give_user_jwt(char** jwt, char** /*error*/, void* closure) {
  *jwt = strdup(static_cast<Attempt*>(closure)->login.user_jwt.c_str());
  return *jwt == nullptr ? NATS_NO_MEMORY : NATS_OK;
}

// On a thread of nats.c's.
void count_lame_duck(natsConnection* /*connection*/, void* closure) {
  static_cast<LameDuckSignal*>(closure)->raise();
}

// "host:port" of "nats://host" and the like.
std::string place_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  std::string place{url};
  const bool has_port = url.rfind(':') != url.npos && !url.ends_with(']');
  return has_port ? place : place + ":4222";
}

// Each call says what failed. Without a handler nats.c writes to standard error, into the log.
void ignore_error(natsConnection* /*connection*/, natsSubscription* /*subscription*/,
                  natsStatus /*error*/, void* /*closure*/) {}

natsStatus set_login(natsOptions* options, Attempt& attempt) {
  if (attempt.login.user_jwt.empty()) {
    const std::string nkey = auth::write_public_key(attempt.login.key.public_key());
    return natsOptions_SetNKey(options, nkey.c_str(), sign_nonce, &attempt);
  }
  return natsOptions_SetUserCredentialsCallbacks(options, give_user_jwt, &attempt, sign_nonce,
                                                 &attempt);
}

[[noreturn]] void fail_to_connect(const NatsConfig& config, natsStatus status) {
  const std::string reason = reason_of(status);  // before other calls
  std::string step = "connect to " + auth::join(config.urls);
  // Where the time is up, names were resolved: that is quick once more.
  const Names names = status == NATS_TIMEOUT ? Names::resolve : Names::leave;
  if (const auto host = blocked_host(config.urls, names)) {
    step = *host + " is blocked on this machine, in a unit by IPAddressDeny= (doc/service.md, " +
           "remote-nats-server.conf); " + step;
  }
  throw NatsError(step, reason);
}

}  // namespace

NatsError::NatsError(std::string_view step, std::string_view reason)
    : std::runtime_error(std::string(step) + ": " + std::string(reason)) {}

void NatsDestroy::operator()(natsConnection* connection) const {
  natsConnection_Destroy(connection);
}

void NatsDestroy::operator()(natsMsg* message) const {
  // The bytes are the message's own, and nobody else reads them any more.
  auto* body = const_cast<char*>(natsMsg_GetData(message));  // NOLINT: the accessor's type is const
  if (body != nullptr) auth::wipe(body, data(*message).size());
  natsMsg_Destroy(message);
}

void NatsDestroy::operator()(natsOptions* options) const {
  natsOptions_Destroy(options);
}

void NatsDestroy::operator()(natsSubscription* subscription) const {
  natsSubscription_Destroy(subscription);
}

Options make_options() {
  natsOptions* options = nullptr;
  check(natsOptions_Create(&options), "NATS options");
  return Options{options};
}

void set_servers(natsOptions* options, const std::vector<std::string>& urls) {
  std::vector<const char*> list;
  for (const std::string& url : urls)
    list.push_back(url.c_str());
  check(natsOptions_SetServers(options, list.data(), static_cast<int>(list.size())), "NATS url");
  // nats.c does not see it in the urls: it goes on without TLS where the server offers none.
  if (demands_tls(urls)) check(natsOptions_SetSecure(options, true), "TLS");
}

void set_tls(natsOptions* options, const NatsConfig& config) {
  if (!config.ca_file.empty()) {
    check(natsOptions_LoadCATrustedCertificates(options, config.ca_file.c_str()), "ca_file");
  }
  if (!config.cert_file.empty()) {
    check(natsOptions_LoadCertificatesChain(options, config.cert_file.c_str(),
                                            config.key_file.c_str()),
          "cert_file");
  }
  // Else whoever answers at a nats:// url decides whether it is asked who it is.
  const bool secure = !config.ca_file.empty() || !config.cert_file.empty();
  if (secure) check(natsOptions_SetSecure(options, true), "TLS");
}

Connection connect(const NatsConfig& config, const NatsLogin& login, const std::string& name,
                   Sending sending, LameDuckSignal& lame_ducks, const std::string& last,
                   std::chrono::milliseconds timeout) {
  const Options options = make_options();
  natsOptions* raw_options = options.get();

  set_servers(raw_options, in_order_of_trying(config.urls, last));
  check(natsOptions_SetNoRandomize(raw_options, true), "NATS order");
  check(natsOptions_SetName(raw_options, name.c_str()), "NATS name");
  check(natsOptions_SetAllowReconnect(raw_options, false), "NATS reconnect");
  check(natsOptions_SetTimeout(raw_options, timeout.count()), "NATS timeout");
  check(natsOptions_SetPingInterval(raw_options, std::chrono::milliseconds{kPing}.count()),
        "NATS ping");
  check(natsOptions_SetMaxPingsOut(raw_options, kPingsOut), "NATS pings");
  check(natsOptions_SetSendAsap(raw_options, sending == Sending::prompt), "NATS sending");
  set_tls(raw_options, config);
  if (!config.tls_name.empty()) {
    check(natsOptions_SetExpectedHostname(raw_options, config.tls_name.c_str()), "TLS name");
  }
  check(natsOptions_SetErrorHandler(raw_options, ignore_error, nullptr), "NATS errors");
  check(natsOptions_SetLameDuckModeCB(raw_options, count_lame_duck, &lame_ducks), "NATS lame duck");

  for (int tries = 1;; ++tries) {
    Attempt attempt{login};
    check(set_login(raw_options, attempt), "NATS login");
    natsConnection* connection = nullptr;
    const natsStatus status = natsConnection_Connect(&connection, raw_options);
    Connection made{connection};
    // After a failure nats.c goes on with the servers that the first one told of.
    const bool elsewhere = status == NATS_OK && is_discovered(made);
    if (status == NATS_OK && !elsewhere) return made;
    if (elsewhere && tries < kTries) continue;
    // The next attempt has another nonce.
    if (!attempt.unsendable || tries == kTries)
      fail_to_connect(config, elsewhere ? NATS_NO_SERVER : status);
  }
}

ConnectionId id_of(const Connection& connection) {
  Text id{};
  check(natsConnection_GetConnectedServerId(connection.get(), id.data(), id.size()), "server id");
  ConnectionId found{.server_id = id.data()};
  check(natsConnection_GetClientID(connection.get(), &found.cid), "connection's id");
  return found;
}

Connection connect_beside(const Connection& other, const NatsConfig& config, const NatsLogin& login,
                          const std::string& name, Sending sending, LameDuckSignal& lame_ducks) {
  Text url{};
  check(natsConnection_GetConnectedUrl(other.get(), url.data(), url.size()), "server url");
  NatsConfig there = config;
  there.urls = {url.data()};
  // Behind one name there may be several servers.
  for (int tries = 0; tries < kTries; ++tries) {
    Connection connection = connect(there, login, name, sending, lame_ducks);
    if (id_of(connection).server_id == id_of(other).server_id) return connection;
  }
  throw NatsError("connect twice to one server", natsStatus_GetText(NATS_NO_SERVER));
}

std::string url_of(const Connection& connection) {
  Text url{};
  const natsStatus status =
      natsConnection_GetConnectedUrl(connection.get(), url.data(), url.size());
  return status == NATS_OK ? url.data() : "";
}

std::vector<std::string> in_order_of_trying(std::vector<std::string> urls, std::string_view last) {
  std::ranges::shuffle(urls, std::random_device{});
  // Clang 14 does not compile std::ranges::stable_partition of libstdc++ 12.
  std::stable_partition(urls.begin(), urls.end(), [&](const std::string& url) {
    return last.empty() || place_of(url) != place_of(last);
  });
  return urls;
}

namespace {

std::uint64_t received(const Connection& connection) {
  natsStatistics* statistics = nullptr;
  std::uint64_t messages = 0;
  if (natsStatistics_Create(&statistics) != NATS_OK) return 0;
  static_cast<void>(natsConnection_GetStats(connection.get(), statistics));
  static_cast<void>(
      natsStatistics_GetCounts(statistics, &messages, nullptr, nullptr, nullptr, nullptr));
  natsStatistics_Destroy(statistics);
  return messages;
}

}  // namespace

// Behind a flood of messages the answer comes late.
bool answers(const Connection& connection, std::chrono::milliseconds patience) {
  const std::uint64_t before = received(connection);
  return natsConnection_FlushTimeout(connection.get(), patience.count()) == NATS_OK ||
         (connected(connection) && received(connection) != before);
}

bool closed_by_server(const Connection& connection) {
  const char* text = nullptr;
  return natsConnection_IsClosed(connection.get()) &&
         natsConnection_GetLastError(connection.get(), &text) != NATS_STALE_CONNECTION;
}

bool connected(const Connection& connection) {
  return connection && natsConnection_Status(connection.get()) == NATS_CONN_STATUS_CONNECTED;
}

namespace {

// nats.c tells it each time that its queue of the subscription fills, which in a flood is hundreds
// of times a second.
void log_lost(const Subscription& subscription) {
  static ToldLately told;
  if (!told.first(subscription.get())) return;
  std::int64_t lost = 0;
  static_cast<void>(natsSubscription_GetDropped(subscription.get(), &lost));
  const char* subject = natsSubscription_GetSubject(subscription.get());
  log_limited(Level::error, "messages_lost",
              {{"subject", subject == nullptr ? "" : subject}, {"lost", std::to_string(lost)}});
}

}  // namespace

Message next(const Subscription& subscription, std::chrono::milliseconds patience) {
  natsMsg* message = nullptr;
  const natsStatus status =
      natsSubscription_NextMsg(&message, subscription.get(), patience.count());
  if (status == NATS_SLOW_CONSUMER) log_lost(subscription);
  if (status == NATS_TIMEOUT || status == NATS_SLOW_CONSUMER) return nullptr;
  check(status, "next message");
  return Message{message};
}

std::string_view data(const natsMsg& message) {
  return {natsMsg_GetData(&message), static_cast<std::size_t>(natsMsg_GetDataLength(&message))};
}

}  // namespace gateway
