// Plays nats-server's part in the callout, open loop: requests that a server has signed and sealed,
// at multiples of what was answered a few at a time. Each line of output is a JSON object. What
// comes within the first timeout of a step is not counted: until then nothing is too late.

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>
#include <sodium.h>

#include "gateway/nats/nats_c.h"
#include "gateway/platform/random.h"
#include "tests/support/make_request.h"

namespace {

using Clock = std::chrono::steady_clock;
using gateway::check;
using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t kPool = 4'000;     // requests that are made before a step, and sent in turn
constexpr std::size_t kAtOnce = 48;      // when the peak is measured
constexpr std::size_t kMax = 4'000'000;  // requests of a step
constexpr const char* kInbox = "$SYS._INBOX.load.";

struct Options {
  std::string url;
  std::string user;
  std::string password;
  std::string issuer;
  std::string xkey;  // empty: requests are not sealed
  std::string id;
  std::string secret;
  double seconds = 0;
  unsigned sources = 1;
  std::vector<double> multiples{};
  std::chrono::seconds timeout{5};
};

// The server whose part is played.
struct Server {
  auth::KeyPair key = auth::KeyPair{auth::Prefix::server, gateway::random_bytes<32>()};
  auth::KeyPair xkey = auth::KeyPair{auth::Prefix::curve, gateway::random_bytes<32>()};
};

// With an `exp` that a whole step is within the gateway's leeway of.
std::vector<std::string> make_pool(const Options& options, const Server& server) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  Json claims = auth::made::claims();
  claims["iat"] = now.time_since_epoch().count();
  claims["exp"] = (now + options.timeout).time_since_epoch().count();
  claims["iss"] = auth::made::text(server.key);
  claims["sub"] = options.issuer;
  Json& nats = claims["nats"];
  nats["server_id"]["id"] = claims["iss"];
  nats["server_id"]["xkey"] = auth::made::text(server.xkey);
  nats["connect_opts"]["user"] = options.id;
  nats["connect_opts"]["pass"] = options.secret;
  const auto shared =
      options.xkey.empty()
          ? std::nullopt
          : auth::SharedKey::between(server.xkey, auth::read_public_key(options.xkey).value());
  std::vector<std::string> pool;
  for (std::size_t i = 0; i < kPool; ++i) {
    const std::size_t source = i % options.sources;
    nats["client_info"]["host"] =
        "10.1." + std::to_string(source / 250) + "." + std::to_string(source % 250);
    nats["client_info"]["id"] = i;
    const std::string text = auth::write_jwt(claims.dump(), server.key);
    pool.push_back(shared ? shared->seal(text, gateway::random_bytes<auth::kSealNonceBytes>())
                          : text);
  }
  return pool;
}

gateway::Connection connect(const Options& options) {
  const gateway::Options raw = gateway::make_options();
  check(natsOptions_SetURL(raw.get(), options.url.c_str()), "url");
  check(natsOptions_SetUserInfo(raw.get(), options.user.c_str(), options.password.c_str()), "user");
  natsConnection* connection = nullptr;
  check(natsConnection_Connect(&connection, raw.get()), "connect");
  return gateway::Connection{connection};
}

class Step {
 public:
  Step(const Options& options, const Server& server)
      : options_(options),
        server_xkey_(auth::made::text(server.xkey)),
        pool_(make_pool(options, server)),
        out_(connect(options)),
        in_(connect(options)),
        sent_at_(kMax) {
    natsSubscription* subscription = nullptr;
    check(
        natsConnection_SubscribeSync(&subscription, in_.get(), (std::string(kInbox) + "*").c_str()),
        "subscribe");
    subscription_.reset(subscription);
    check(natsSubscription_SetPendingLimits(subscription, -1, -1), "limits");
    check(natsConnection_Flush(in_.get()), "flush");
    reader_ = std::jthread{[this](const std::stop_token& stop) { read(stop); }};
  }

  // Both print when they begin and end to send, as the step's name says.
  // As many as are answered, a few at a time. Gives how many a second.
  double peak() {
    run("peak", [&](double /*elapsed*/) { return answers_ + kAtOnce; });
    return static_cast<double>(answers_) / options_.seconds;
  }
  void offer(double multiple, double rate) {
    run(multiple, [&](double elapsed) { return static_cast<std::size_t>(elapsed * rate); });
    std::this_thread::sleep_for(options_.timeout);  // before the next step all is over
  }
  Json figures() {
    reader_.request_stop();
    reader_.join();
    const auto timeout = std::chrono::duration<double, std::milli>(options_.timeout).count();
    std::vector<double> took;  // of the answers that are counted
    std::size_t late = 0;
    for (const Answer& answer : heard_) {
      if (answer.at < began_ + options_.timeout || answer.at > ended_) continue;
      if (answer.milliseconds < timeout) {
        took.push_back(answer.milliseconds);
      } else {
        ++late;
      }
    }
    std::ranges::sort(took);
    const auto at = [&](double q) {
      return took.empty()
                 ? 0.0
                 : took.at(static_cast<std::size_t>(q * static_cast<double>(took.size() - 1)));
    };
    const double seconds = options_.seconds - static_cast<double>(options_.timeout.count());
    return {{"offered", static_cast<double>(sent_) / options_.seconds},
            {"in_time", static_cast<double>(took.size()) / seconds},
            {"late", static_cast<double>(late) / seconds},
            {"p50_ms", at(0.5)},
            {"p99_ms", at(0.99)}};
  }

 private:
  void send() {
    const std::string& data = pool_.at(sent_ % kPool);
    const std::string reply = kInbox + std::to_string(sent_);
    sent_at_.at(sent_++) = Clock::now();
    natsMsg* message = nullptr;
    check(natsMsg_Create(&message, "$SYS.REQ.USER.AUTH", reply.c_str(), data.data(),
                         static_cast<int>(data.size())),
          "message");
    const gateway::Message owner{message};
    if (!options_.xkey.empty()) {
      check(natsMsgHeader_Set(message, "Nats-Server-Xkey", server_xkey_.c_str()), "header");
    }
    check(natsConnection_PublishMsg(out_.get(), message), "publish");
  }
  // Sends until as many are sent as are due, which is asked again and again.
  template <class Due>
  void run(const Json& name, const Due& due) {
    std::cout << Json{{"begins", name}} << std::endl;
    began_ = Clock::now();
    while (true) {
      const double elapsed = std::chrono::duration<double>(Clock::now() - began_).count();
      if (elapsed >= options_.seconds) break;
      const std::size_t now_due = std::min(due(elapsed), kMax);
      while (sent_ < now_due)
        send();
      std::this_thread::sleep_for(500us);
    }
    ended_ = Clock::now();
    check(natsConnection_Flush(out_.get()), "flush");
    std::cout << Json{{"ends", name}} << std::endl;
  }
  void read(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const gateway::Message message = gateway::next(subscription_, 100ms);
      if (!message) continue;
      const std::string subject = natsMsg_GetSubject(message.get());
      const auto sent = sent_at_.at(std::stoul(subject.substr(std::string(kInbox).size())));
      const auto now = Clock::now();
      heard_.push_back({now, std::chrono::duration<double, std::milli>(now - sent).count()});
      ++answers_;
    }
  }

  const Options& options_;
  const std::string server_xkey_;
  const std::vector<std::string> pool_;
  gateway::Connection out_;
  gateway::Connection in_;
  gateway::Subscription subscription_;
  std::vector<Clock::time_point> sent_at_;
  std::size_t sent_ = 0;
  std::atomic<std::size_t> answers_ = 0;
  Clock::time_point began_;
  Clock::time_point ended_;
  struct Answer {
    Clock::time_point at;
    double milliseconds;
  };
  std::vector<Answer> heard_;
  std::jthread reader_;
};

void run(const Options& options) {
  const Server server;
  const double peak = Step{options, server}.peak();
  std::cout << Json{{"peak", peak}} << std::endl;
  for (const double multiple : options.multiples) {
    Step step{options, server};
    step.offer(multiple, peak * multiple);
    Json figures = step.figures();
    figures["multiple"] = multiple;
    figures["peak"] = peak;
    std::cout << figures << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 12 || sodium_init() < 0) {
    std::cerr << "usage: callout_load URL USER PASSWORD ISSUER XKEY ID SECRET SECONDS TIMEOUT "
                 "SOURCES MULTIPLE...\n";
    return 2;
  }
  const std::vector<std::string> words{argv + 1, argv + argc};
  Options options{.url = words[0],
                  .user = words[1],
                  .password = words[2],
                  .issuer = words[3],
                  .xkey = words[4],
                  .id = words[5],
                  .secret = words[6],
                  .seconds = std::stod(words[7]),
                  .sources = static_cast<unsigned>(std::stoul(words[9])),
                  .timeout = std::chrono::seconds{std::stol(words[8])}};
  for (std::size_t i = 10; i < words.size(); ++i)
    options.multiples.push_back(std::stod(words[i]));
  try {
    run(options);
  } catch (const std::exception& fault) {
    std::cerr << fault.what() << '\n';
    return 1;
  }
  return 0;
}
