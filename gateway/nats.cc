#include "gateway/nats.h"

#include <cstdlib>
#include <cstring>
#include <vector>

namespace gateway {
namespace {

using namespace std::chrono_literals;

// Longer than the server's own: a gateway that is missing in auth_users is delegated to itself, and
// only the server's answer after its timeout says why nobody is let in.
constexpr auto kConnectTimeout = 7s;
// A dead server is noticed after two pings without an answer.
constexpr auto kPing = 5s;
constexpr int kPingsOut = 2;

// The one function of ours that runs on nats.c's threads. It only reads a key that is never
// changed.
natsStatus sign_nonce(char** /*error*/, unsigned char** signature, int* size, const char* nonce,
                      void* closure) {
  const auto& key = *static_cast<const auth::KeyPair*>(closure);
  auto* bytes = static_cast<unsigned char*>(std::malloc(
      auth::Signature{}.size()));  // NOLINT(cppcoreguidelines-no-malloc): nats.c frees it
  if (bytes == nullptr) return NATS_NO_MEMORY;
  const auth::Signature made = key.sign(nonce);
  std::memcpy(bytes, made.data(), made.size());
  *signature = bytes;
  *size = static_cast<int>(made.size());
  return NATS_OK;
}

}  // namespace

NatsError::NatsError(std::string_view step, natsStatus status)
    : std::runtime_error(std::string(step) + ": " + natsStatus_GetText(status)) {}

void check(natsStatus status, std::string_view step) {
  if (status != NATS_OK) throw NatsError(step, status);
}

Connection connect(const NatsConfig& config, const auth::KeyPair& key, const std::string& name,
                   Sending sending) {
  natsOptions* raw_options = nullptr;
  check(natsOptions_Create(&raw_options), "NATS options");
  const NatsHandle<natsOptions, natsOptions_Destroy> options{raw_options};

  std::vector<const char*> urls;
  for (const std::string& url : config.urls)
    urls.push_back(url.c_str());
  check(natsOptions_SetServers(raw_options, urls.data(), static_cast<int>(urls.size())),
        "NATS url");
  check(natsOptions_SetName(raw_options, name.c_str()), "NATS name");
  check(natsOptions_SetAllowReconnect(raw_options, false), "NATS reconnect");
  check(natsOptions_SetTimeout(raw_options, std::chrono::milliseconds{kConnectTimeout}.count()),
        "NATS timeout");
  check(natsOptions_SetPingInterval(raw_options, std::chrono::milliseconds{kPing}.count()),
        "NATS ping");
  check(natsOptions_SetMaxPingsOut(raw_options, kPingsOut), "NATS pings");
  check(natsOptions_SetSendAsap(raw_options, sending == Sending::prompt), "NATS sending");
  if (!config.ca_file.empty()) {
    check(natsOptions_LoadCATrustedCertificates(raw_options, config.ca_file.c_str()), "ca_file");
  }
  if (!config.cert_file.empty()) {
    check(natsOptions_LoadCertificatesChain(raw_options, config.cert_file.c_str(),
                                            config.key_file.c_str()),
          "cert_file");
  }
  check(
      natsOptions_SetNKey(raw_options, auth::write_public_key(key.public_key()).c_str(), sign_nonce,
                          const_cast<auth::KeyPair*>(
                              &key)),  // NOLINT(cppcoreguidelines-pro-type-const-cast): a C closure
      "NATS nkey");

  natsConnection* connection = nullptr;
  check(natsConnection_Connect(&connection, raw_options), "connect to " + config.urls.front());
  return Connection{connection};
}

bool connected(const Connection& connection) {
  return connection && natsConnection_Status(connection.get()) == NATS_CONN_STATUS_CONNECTED;
}

Message next(const Subscription& subscription, std::chrono::milliseconds patience) {
  natsMsg* message = nullptr;
  const natsStatus status =
      natsSubscription_NextMsg(&message, subscription.get(), patience.count());
  if (status == NATS_TIMEOUT || status == NATS_SLOW_CONSUMER) return nullptr;
  check(status, "next message");
  return Message{message};
}

std::string_view data(const natsMsg& message) {
  return {natsMsg_GetData(&message), static_cast<std::size_t>(natsMsg_GetDataLength(&message))};
}

}  // namespace gateway
