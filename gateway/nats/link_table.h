#pragma once
// Which servers of a cluster are known, and to which of them there is a link. An address names a
// server until it was connected to; then its id does. One server may have several addresses: the
// first that reaches it has the link, and the others stand by.

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/time.h"
#include "gateway/platform/locked.h"

namespace gateway {

struct LinkState {
  std::string url;
  std::string server_id;  // "N…"; empty while it is not known
  bool up = false;
  auth::Time since{};   // in that state
  std::string error{};  // why it is not up; empty: it is just being connected
};

// Thread-safe.
class LinkTable {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // What servers say of others is hostile input: no more addresses than this are kept.
  static constexpr std::size_t kMaxAddresses = 64;

  // `configured`: as read_server_urls() gives them; they are never forgotten. `discovers`: servers
  // that others tell of are taken up.
  explicit LinkTable(const std::vector<std::string>& configured = {}, bool discovers = false);

  // The addresses that a link is wanted for.
  std::vector<std::string> wanted() const;
  bool wants(const std::string& url) const;

  // The server at `url` is this one. False where another address has the link to it: then this one
  // stands by until that link is lost.
  bool claim(const std::string& url, const std::string& server_id);
  bool stands_by(const std::string& url) const;
  void set_up(const std::string& url, auth::Time now);
  // It could not be connected to, or its link is lost. False where the error is the same as before.
  bool set_down(const std::string& url, const std::string& error, auth::Time now);

  // What the server at `url` says of the others now: each "nats://HOST:PORT". What no server that
  // is up says any more is forgotten.
  void discovered(const std::string& url, const std::vector<std::string>& others);

  // The server answered a question that was asked at `asked`.
  void answered(const std::string& url, TimePoint asked);
  // Whether another one that is up has answered what it was asked at `asked` or later: then a
  // server that has not is the one that hangs, and not this machine.
  bool another_answered(const std::string& url, TimePoint asked) const;
  bool another_up(const std::string& url) const;

  // The one that has been up for the longest time; empty: none is.
  std::string longest_up() const;
  // Whether there are several servers, or may be: some cannot be reached.
  bool several() const;
  // In the order of their addresses, the configured ones first; without those that stand by.
  std::vector<LinkState> states() const;

 private:
  struct Address {
    bool configured = false;
    bool tried = false;
    bool up = false;
    bool has_link = false;    // it has claimed its server
    std::string server_id{};  // that it led to last
    std::string error{};
    auth::Time since{};
    TimePoint answered{};               // when the last question was asked that was answered
    std::vector<std::string> others{};  // as its server says
  };
  using Addresses = std::map<std::string, Address, std::less<>>;
  static bool stands_by(const Addresses& addresses, const std::string& url);
  static void forget(Addresses& addresses);

  const std::vector<std::string> configured_;
  const bool discovers_;
  Locked<Addresses> addresses_;  // by url
};

}  // namespace gateway
