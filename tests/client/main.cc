// A NATS client for the command line on nats.c, for the tests and the quickstart: it connects with
// one credential, does one thing, and says what came of it in one line each.
//
// Exit codes: 0 done, 1 not let in, 2 usage, 3 let in but not permitted to do this, 4 anything
// else.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nats/nats.h>

namespace {

using namespace std::chrono_literals;

constexpr const char* kUsage =
    "usage: client --url URL [--user USER --pass SECRET | --token TOKEN |\n"
    "              --nkey U… --nkey-seed FILE] [--creds FILE] [--inbox-prefix PREFIX]\n"
    "              [--tls-ca FILE] [--tls-cert FILE --tls-key FILE] COMMAND\n"
    "  connect                        connect and leave\n"
    "  pub SUBJECT TEXT               publish\n"
    "  sub SUBJECT COUNT [SECONDS]    receive so many messages, for at most so long (default 5)\n"
    "  request SUBJECT TEXT           publish, and wait for one answer\n";

constexpr std::string_view kOptions[] = {"--url",    "--user",      "--pass",   "--token",
                                         "--nkey",   "--nkey-seed", "--creds",  "--inbox-prefix",
                                         "--tls-ca", "--tls-cert",  "--tls-key"};

// A gateway that does not answer costs the server's own timeout, 5 s, before the refusal comes.
constexpr std::chrono::milliseconds kConnectTimeout = 8s;
constexpr std::chrono::milliseconds kTimeout = 5s;

enum class Exit : std::uint8_t { done = 0, refused = 1, usage = 2, not_permitted = 3, failed = 4 };

template <auto free_fn>
struct FreeWith {
  template <class T>
  void operator()(T* handle) const {
    free_fn(handle);
  }
};
template <class T, auto free_fn>
using Handle = std::unique_ptr<T, FreeWith<free_fn>>;
using Options = Handle<natsOptions, natsOptions_Destroy>;
using Connection = Handle<natsConnection, natsConnection_Destroy>;
using Subscription = Handle<natsSubscription, natsSubscription_Destroy>;
using Message = Handle<natsMsg, natsMsg_Destroy>;

class Ended : public std::runtime_error {
 public:
  Ended(Exit code, const std::string& line) : std::runtime_error(line), code_(code) {}
  Exit code() const { return code_; }

 private:
  Exit code_;
};

void check(natsStatus status, const std::string& step) {
  if (status == NATS_OK) return;
  const char* text = nats_GetLastError(nullptr);
  const std::string detail = text != nullptr && *text != '\0' ? text : natsStatus_GetText(status);
  if (status == NATS_CONNECTION_AUTH_FAILED) throw Ended(Exit::refused, "refused: " + detail);
  throw Ended(Exit::failed, "failed: " + step + ": " + detail);
}

struct Arguments {
  std::map<std::string, std::string, std::less<>> options;
  std::vector<std::string> words;

  const char* option(std::string_view name) const {
    const auto it = options.find(name);
    return it == options.end() ? nullptr : it->second.c_str();
  }
};

Arguments read_arguments(const std::vector<std::string>& given) {
  Arguments arguments;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string& word = given[i];
    if (!arguments.words.empty() || !word.starts_with("--")) {
      arguments.words.push_back(word);
      continue;
    }
    if (std::ranges::find(kOptions, word) == std::end(kOptions) || i + 1 == given.size()) {
      throw Ended(Exit::usage, kUsage);
    }
    arguments.options[word] = given[++i];
  }
  const bool half =
      (arguments.option("--nkey") == nullptr) != (arguments.option("--nkey-seed") == nullptr);
  if (arguments.option("--url") == nullptr || half) throw Ended(Exit::usage, kUsage);
  return arguments;
}

Connection connect(const Arguments& arguments) {
  natsOptions* raw = nullptr;
  check(natsOptions_Create(&raw), "options");
  const Options options{raw};
  check(natsOptions_SetURL(raw, arguments.option("--url")), "--url");
  check(natsOptions_SetName(raw, "credgate test client"), "name");
  check(natsOptions_SetTimeout(raw, kConnectTimeout.count()), "timeout");
  check(natsOptions_SetAllowReconnect(raw, false), "reconnect");
  if (arguments.option("--user") != nullptr) {
    check(natsOptions_SetUserInfo(raw, arguments.option("--user"), arguments.option("--pass")),
          "--user");
  }
  if (arguments.option("--token") != nullptr) {
    check(natsOptions_SetToken(raw, arguments.option("--token")), "--token");
  }
  // Beside a user or a token, the user JWT in it is a sentinel.
  const char* creds = arguments.option("--creds");
  if (creds != nullptr) {
    check(natsOptions_SetUserCredentialsFromFiles(raw, creds, nullptr), "--creds");
  }
  const char* nkey = arguments.option("--nkey");
  if (nkey != nullptr) {
    check(natsOptions_SetNKeyFromSeed(raw, nkey, arguments.option("--nkey-seed")), "--nkey");
  }
  if (arguments.option("--inbox-prefix") != nullptr) {
    check(natsOptions_SetCustomInboxPrefix(raw, arguments.option("--inbox-prefix")),
          "--inbox-prefix");
  }

  if (const char* ca = arguments.option("--tls-ca")) {
    check(natsOptions_SetSecure(raw, true), "--tls-ca");
    check(natsOptions_LoadCATrustedCertificates(raw, ca), "--tls-ca");
  }
  if (const char* cert = arguments.option("--tls-cert")) {
    check(natsOptions_LoadCertificatesChain(raw, cert, arguments.option("--tls-key")),
          "--tls-cert");
  }

  natsConnection* connection = nullptr;
  natsStatus status = natsConnection_Connect(&connection, raw);
  // nats.c before 3.8 leaves `sig` out when the signature's first byte is 0, once in 256 connects
  // (nats.c #705). The nonce is another one the next time.
  // With credentials, 2.10 then closes without a word.
  const bool by_signature =
      arguments.option("--user") == nullptr && arguments.option("--token") == nullptr;
  if (by_signature &&
      (status == NATS_CONNECTION_AUTH_FAILED || (status != NATS_OK && creds != nullptr))) {
    status = natsConnection_Connect(&connection, raw);
  }
  check(status, "connect");
  return Connection{connection};
}

// A refused publish or subscription closes nothing: the server says so before the PONG of the next
// round trip, and nats.c keeps it as the connection's last error.
void check_permitted(const Connection& connection) {
  check(natsConnection_FlushTimeout(connection.get(), kTimeout.count()), "flush");
  const char* text = nullptr;
  if (natsConnection_GetLastError(connection.get(), &text) != NATS_NOT_PERMITTED) return;
  throw Ended(Exit::not_permitted, "permissions violation: " + std::string(text));
}

void print(const natsMsg* message) {
  const std::string_view text{natsMsg_GetData(message),
                              static_cast<std::size_t>(natsMsg_GetDataLength(message))};
  std::cout << "received " << natsMsg_GetSubject(message) << ' ' << text << '\n';
}

void publish(const Connection& connection, const std::string& subject, const std::string& text) {
  check(natsConnection_PublishString(connection.get(), subject.c_str(), text.c_str()), "publish");
  check_permitted(connection);
  std::cout << "published " << subject << '\n';
}

void subscribe(const Connection& connection, const std::string& subject, int count,
               std::chrono::milliseconds patience) {
  natsSubscription* raw = nullptr;
  check(natsConnection_SubscribeSync(&raw, connection.get(), subject.c_str()), "subscribe");
  const Subscription subscription{raw};
  check_permitted(connection);
  std::cout << "subscribed " << subject << std::endl;  // whoever waits for it may publish now
  const auto end = std::chrono::steady_clock::now() + patience;
  for (; count > 0; --count) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    natsMsg* message = nullptr;
    check(natsSubscription_NextMsg(&message, raw, std::max(left, 1ms).count()), "receive");
    print(Message{message}.get());
  }
}

void request(const Connection& connection, const std::string& subject, const std::string& text) {
  natsMsg* raw = nullptr;
  const natsStatus status = natsConnection_RequestString(&raw, connection.get(), subject.c_str(),
                                                         text.c_str(), kTimeout.count());
  const Message answer{raw};
  if (status != NATS_OK) check_permitted(connection);
  check(status, "request");
  print(answer.get());
}

void run(const Arguments& arguments) {
  const auto& words = arguments.words;
  const std::string command = words.empty() ? "" : words.front();
  const bool complete = (command == "connect" && words.size() == 1) ||
                        ((command == "pub" || command == "request") && words.size() == 3) ||
                        (command == "sub" && (words.size() == 3 || words.size() == 4));
  if (!complete) throw Ended(Exit::usage, kUsage);
  const Connection connection = connect(arguments);
  if (command == "connect") std::cout << "connected\n";
  if (command == "pub") publish(connection, words[1], words[2]);
  if (command == "request") request(connection, words[1], words[2]);
  if (command == "sub") {
    const std::chrono::seconds patience{words.size() == 4 ? std::stoi(words[3]) : 5};
    subscribe(connection, words[1], std::stoi(words[2]), patience);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Exit code = Exit::done;
  try {
    run(read_arguments({argv + 1, argv + argc}));
  } catch (const Ended& ended) {
    (ended.code() == Exit::usage ? std::cerr : std::cout) << ended.what() << '\n';
    code = ended.code();
  } catch (const std::exception& wrong) {
    std::cerr << wrong.what() << '\n' << kUsage;
    code = Exit::usage;
  }
  nats_Close();
  return static_cast<int>(code);
}
