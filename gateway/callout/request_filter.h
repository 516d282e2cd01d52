#pragma once
// Which copies of a request this gateway answers, so that each request is answered once.
//
// nats-server hands a copy to each queue group of the subject, and picks a member of the group at
// random, over routes too: what goes to a server that hangs is lost. So each link subscribes twice.
// In the group of its own server all members are there: that server's requests reach them whatever
// becomes of the others, and are answered. In the group that all links share only those requests
// are answered whose server this gateway has no link to: one that just joined, or that cannot be
// reached from here.
//
// Where one gateway has a link to a server and another has not, or is of a version that knows the
// shared group alone, a request can be answered twice, and never more often: nats-server has room
// for two answers. Both say the same, and the first counts.

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "gateway/callout/request_path.h"
#include "gateway/platform/locked.h"

namespace gateway {

// Thread-safe.
class RequestFilter {
 public:
  using Clock = std::chrono::steady_clock;

  // More xkeys than this are not remembered: strangers may invent some.
  static constexpr std::size_t kMaxXkeys = 256;
  static constexpr std::chrono::milliseconds kJoining{1000};

  // Between these the group of this server has a subscription of this gateway, or is just getting
  // one: for kJoining a request may have reached the shared group alone, and the first copy of each
  // is answered.
  void add_link(const std::string& server_id, Clock::time_point now = Clock::now());
  void remove_link(const std::string& server_id) { known_.lock()->links.erase(server_id); }

  // Whether a copy is surely not answered, before anybody has opened it. Such copies are most of
  // them: this takes no cryptography. `server_xkey`: as in CalloutMessage.
  bool drops(std::string_view data, std::string_view server_xkey, const RequestPath& path,
             Clock::time_point now = Clock::now()) const;

  // Whether a copy is answered, of a request that was verified, with the id of its server. `reply`:
  // the subject that the answer goes to, which no other request has.
  bool answers(std::string_view server_id, std::string_view reply, const RequestPath& path,
               Clock::time_point now = Clock::now());
  // Which server has this xkey, as one of its requests says that was verified.
  void learn(std::string_view server_xkey, const std::string& server_id);

 private:
  struct Link {
    Clock::time_point joined_at;                 // when nothing is on its way any more
    std::set<std::string, std::less<>> replies;  // of what was answered until then
  };
  struct Known {
    std::map<std::string, Link, std::less<>> links;         // by id
    std::map<std::string, std::string, std::less<>> xkeys;  // ids by xkey
  };
  static bool may_answer(const Known& known, std::string_view server_id, const RequestPath& path,
                         Clock::time_point now);
  Locked<Known> known_;
};

}  // namespace gateway
