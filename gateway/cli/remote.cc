#include "gateway/cli/remote.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "auth/base/base32.h"
#include "auth/base/json.h"
#include "auth/base/secret.h"
#include "auth/base/text.h"
#include "auth/nats/nkey.h"
#include "gateway/admin/subjects.h"
#include "gateway/cli/remote_access.h"
#include "gateway/config/server_urls.h"
#include "gateway/nats/nats_c.h"
#include "gateway/platform/random.h"

namespace gateway::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kConnectTimeout = 5s;
// Longer than the servers are asked for their sessions, and than a costly hash.
constexpr auto kAnswerTimeout = 15s;
constexpr auto kPollInterval = 200ms;
constexpr std::chrono::milliseconds kMinBusyDelay = 250ms;
constexpr std::chrono::milliseconds kMaxBusyDelay = 1s;
constexpr int kTries = 3;

void set_nkey(natsOptions* options, const std::string& file) {
  std::string text = read_secret_file("--nkey", file);
  std::string_view seed = text;
  while (!seed.empty() && std::isspace(static_cast<unsigned char>(seed.back())) != 0)
    seed.remove_suffix(1);
  const auto pair = auth::read_seed(seed);
  auth::wipe(text.data(), text.size());
  if (!pair || pair->public_key().prefix != auth::Prefix::user)
    throw OperationError(Code::usage, "--nkey " + file + ": does not hold a user seed, SU…");
  const std::string key = auth::write_public_key(pair->public_key());
  check(natsOptions_SetNKeyFromSeed(options, key.c_str(), file.c_str()), "--nkey");
}

void set_tls(natsOptions* raw, const Access& access) {
  const RemoteOptions& given = access.options;
  if (!given.tlsca.empty()) {
    check(natsOptions_LoadCATrustedCertificates(raw, given.tlsca.c_str()), "--tlsca");
  }
  if (!given.tlscert.empty()) {
    check(natsOptions_LoadCertificatesChain(raw, given.tlscert.c_str(), given.tlskey.c_str()),
          "--tlscert and --tlskey");
  }
  if (access.tls_first && !set_handshake_first(raw)) {
    throw OperationError(Code::usage, "--context " + given.context_file +
                                          ": `tls_first` is not supported: this credgate was built "
                                          "with a nats.c before 3.9");
  }
  // Else whoever answers decides whether the password goes out in clear.
  const bool secure = !given.tlsca.empty() || !given.tlscert.empty() || access.tls_first;
  if (secure) check(natsOptions_SetSecure(raw, true), "TLS");
}

void set_login(natsOptions* raw, const Access& access) {
  const RemoteOptions& given = access.options;
  if (!given.user.empty()) {
    check(natsOptions_SetUserInfo(raw, given.user.c_str(), access.password.c_str()), "--user");
  }
  if (!access.token.empty()) check(natsOptions_SetToken(raw, access.token.c_str()), "token");
  if (!given.nkey.empty()) set_nkey(raw, given.nkey);
  if (!given.creds.empty()) {
    check(natsOptions_SetUserCredentialsFromFiles(raw, given.creds.c_str(), nullptr), "--creds");
  }
}

// Where the lack of a client certificate may be why: a server ends the connection without a word,
// with TLS 1.3 only after the handshake.
std::string about_certificate(const Access& access, natsStatus status) {
  const RemoteOptions& given = access.options;
  const bool tls = demands_tls(access.servers) || !given.tlsca.empty() || access.tls_first;
  const bool ended = status == NATS_PROTOCOL_ERROR || status == NATS_IO_ERROR ||
                     status == NATS_SSL_ERROR || status == NATS_CONNECTION_CLOSED;
  if (!tls || !ended || !given.tlscert.empty()) return "";
  return "; if the server asks its clients for a certificate, give --tlscert and --tlskey, or "
         "`cert` and `key` in the context";
}

Connection connect_as(const Access& access) {
  const Options options = make_options();
  natsOptions* raw = options.get();
  set_servers(raw, access.servers);
  check(natsOptions_SetName(raw, "credgate command"), "NATS name");
  check(natsOptions_SetAllowReconnect(raw, false), "NATS reconnect");
  check(natsOptions_SetSendAsap(raw, true), "NATS sending");
  check(natsOptions_SetTimeout(raw, std::chrono::milliseconds{kConnectTimeout}.count()),
        "NATS timeout");
  set_tls(raw, access);
  set_login(raw, access);
  const std::string servers = auth::join(access.servers);
  natsConnection* connection = nullptr;
  natsStatus status = natsConnection_Connect(&connection, raw);
  std::string reason = reason_of(status);
  // A refusal that a reset took along is asked for again. So is that of a signature: before 3.8,
  // nats.c leaves out one that begins with a zero, one in 256 (nats.c #705).
  const bool signs = !access.options.nkey.empty() || !access.options.creds.empty();
  const auto is_doubtful = [&] {
    return lost_with_connection(status) || (signs && refused_login(status, reason));
  };
  for (int tries = 1; tries < kTries && is_doubtful(); ++tries) {
    status = natsConnection_Connect(&connection, raw);
    reason = reason_of(status);
  }
  if (status == NATS_OK) return Connection{connection};
  if (refused_login(status, reason)) {
    throw OperationError(Code::forbidden, servers + " refused this user");
  }
  throw NatsError("connect to " + servers, reason + about_certificate(access, status));
}

// The server says so, and goes on; nothing else answers a request that it did not take.
void check_permitted(const Connection& connection, const std::string& subject) {
  const char* text = nullptr;
  const natsStatus last = natsConnection_GetLastError(connection.get(), &text);
  if (last == NATS_OK || text == nullptr) return;
  if (std::string_view{text}.find("ermissions") == std::string_view::npos) return;
  throw OperationError(Code::forbidden, "this user may not publish requests to " + subject);
}

// The member whose text JSON cannot hold: "proof.password". Empty: none.
std::string not_utf8(const nlohmann::json& value, const std::string& name) {
  if (!value.is_structured()) {
    try {
      static_cast<void>(value.dump());
      return "";
    } catch (const nlohmann::json::type_error&) {
      return name;
    }
  }
  for (const auto& [key, item] : value.items()) {
    const std::string inner = value.is_array() ? name : name.empty() ? key : name + "." + key;
    if (std::string found = not_utf8(item, inner); !found.empty()) return found;
  }
  return "";
}

std::string json_text(const nlohmann::json& body) {
  if (const std::string member = not_utf8(body, ""); !member.empty())
    throw OperationError(Code::usage, member + ": must be UTF-8");
  return body.dump();
}

nlohmann::ordered_json read_result(std::string_view text) {
  auto result = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!result.is_object())
    throw OperationError(Code::fault, "the gateway's answer is not a JSON object");
  if (!result.contains("error")) return result;
  const auto& error = result["error"];
  throw OperationError(read_code(error.value("code", "")), error.value("message", ""));
}

}  // namespace

Remote::Remote(const RemoteOptions& options) {
  const Access access = read_access(options);
  connection_ = connect_as(access);
  options_ = access.options;
  servers_ = access.servers;
  const bool beside_login = !options_.user.empty() || !access.token.empty();
  if (beside_login && !options_.creds.empty()) sentinel_ = read_sentinel(options_.creds);
  inbox_ = access.options.inbox_prefix + "." + auth::write_base32(random_bytes<15>()) + ".";
  natsSubscription* raw = nullptr;
  check(natsConnection_SubscribeSync(&raw, connection_.get(), (inbox_ + "*").c_str()), "subscribe");
  answers_.reset(raw);
}

// A gateway that is busy has done nothing, so it is asked again.
nlohmann::ordered_json Remote::ask(std::string_view operation, const std::string& account,
                                   nlohmann::json body) {
  const std::string subject = admin_subject(operation, account);
  std::string plain = json_text(body);
  const auth::SecretText text{std::string_view{plain}};
  auth::wipe(plain.data(), plain.size());
  const auto end = std::chrono::steady_clock::now() + kAnswerTimeout;
  auto delay = kMinBusyDelay;
  while (true) {
    try {
      return ask_once(subject, text.view(), end);
    } catch (const OperationError& error) {
      const bool last = std::chrono::steady_clock::now() + delay > end;
      if (error.code() != Code::busy || last) throw;
    }
    std::this_thread::sleep_for(delay);
    delay = std::min(delay * 2, kMaxBusyDelay);
  }
}

nlohmann::ordered_json Remote::ask_once(const std::string& subject, std::string_view body,
                                        std::chrono::steady_clock::time_point end) {
  const std::string reply = inbox_ + std::to_string(++asked_);
  check(natsConnection_PublishRequest(connection_.get(), subject.c_str(), reply.c_str(),
                                      body.data(), static_cast<int>(body.size())),
        "ask");
  try {
    while (std::chrono::steady_clock::now() < end) {
      const Message message = next(answers_, kPollInterval);
      if (message && reply == natsMsg_GetSubject(message.get())) return read_result(data(*message));
      check_permitted(connection_, subject);
    }
  } catch (const NoResponders&) {
    // So it says below.
  }
  throw OperationError(Code::fault,
                       "no gateway answers on " + subject +
                           ": check that credgate serve is running with `admin` in its "
                           "configuration, and that this account imports the service. To see "
                           "whether the operation was carried out: credgate history");
}

}  // namespace gateway::cli
