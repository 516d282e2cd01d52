#include "gateway/nats/system_connection.h"

#include <charconv>
#include <exception>
#include <utility>

#include "auth/base/base32.h"
#include "gateway/config/config.h"
#include "gateway/config/keys.h"
#include "gateway/nats/nats_c.h"
#include "gateway/nats/other_servers.h"
#include "gateway/nats/subscriber.h"
#include "gateway/platform/random.h"

namespace gateway {
namespace {

// Of "$SYS.REQ.SERVER.N….KICK".
std::string_view server_of(std::string_view subject) {
  constexpr std::string_view kPrefix = "$SYS.REQ.SERVER.";
  if (!subject.starts_with(kPrefix)) return {};
  subject.remove_prefix(kPrefix.size());
  return subject.substr(0, subject.find('.'));
}

}  // namespace

class SystemConnection::Link : public ServerLink,
                               public std::enable_shared_from_this<SystemConnection::Link> {
 public:
  Link(SystemConnection& owner, const std::string& url, LameDuckSignal& lame_duck)
      : owner_(owner),
        connection_(connect(for_server(owner.shared_.config, url), owner.shared_.login,
                            "credgate system", Sending::prompt, lame_duck)),
        server_id_(id_of(connection_).server_id),
        inbox_("_INBOX." + auth::write_base32(random_bytes<15>()) + ".") {}
  ~Link() override {
    if (!serves_) return;
    if (closed_by_server(connection_)) owner_.on_link_(server_id_, false);
    owner_.on_change_();
  }

  std::string server_id() const override { return server_id_; }
  void serve(bool /*several*/) override {
    if (serves_) return;
    answers_ = subscribe(inbox_ + "*");
    serves_ = true;
    owner_.on_link_(server_id_, true);
    owner_.links_.lock()->insert_or_assign(server_id_, weak_from_this());
    owner_.on_change_();
  }
  bool alive() const override { return connected(connection_); }
  bool answers(std::chrono::milliseconds patience) const override {
    return gateway::answers(connection_, patience);
  }
  std::vector<std::string> discovered() const override { return discovered_by(connection_); }
  bool drain() override { return true; }

  // These two by the owner.
  void listen() {
    for (const std::string& allowed : kSystemSubscribe) {
      if (!allowed.starts_with('_')) events_.push_back(subscribe(allowed));
    }
  }
  void ask(const std::string& subject, const std::string& body, std::uint64_t number) {
    const std::string reply = inbox_ + std::to_string(number);
    check(natsConnection_PublishRequestString(connection_.get(), subject.c_str(), reply.c_str(),
                                              body.c_str()),
          "ask a server");
  }
  std::string url() const { return url_of(connection_); }

 private:
  std::unique_ptr<Subscriber> subscribe(const std::string& subject) {
    return std::make_unique<Subscriber>(connection_, subject,
                                        [this](const natsMsg& message) { on_message(message); });
  }

  void on_message(const natsMsg& message) {
    auto* raw = const_cast<natsMsg*>(&message);  // NOLINT: the accessor's type is not const
    const std::string_view subject = natsMsg_GetSubject(raw);
    SystemMessage received{
        .subject = std::string(subject), .number = 0, .data = std::string(data(message))};
    if (subject.starts_with(inbox_)) {
      const char* end = subject.data() + subject.size();
      const auto read = std::from_chars(subject.data() + inbox_.size(), end, received.number);
      if (read.ptr != end) return;
      received.subject.clear();
    }
    owner_.on_message_(std::move(received));
  }

  SystemConnection& owner_;
  const Connection connection_;
  const std::string server_id_;
  const std::string inbox_;  // nobody else of the account can guess where answers go
  bool serves_ = false;      // of the thread that keeps the link
  // Last: they use all the others. The first is there before the owner knows the link, whose thread
  // makes the others.
  std::unique_ptr<Subscriber> answers_;
  std::vector<std::unique_ptr<Subscriber>> events_;
};

SystemConnection::SystemConnection(const Shared& shared, OnMessage on_message, OnChange on_change,
                                   OnLink on_link)
    : shared_(shared),
      on_message_(std::move(on_message)),
      on_change_(std::move(on_change)),
      on_link_(std::move(on_link)),
      server_links_(
          shared.links,
          {.dial =
               [this](const std::string& url, LameDuckSignal& lame_duck) {
                 return std::make_shared<Link>(*this, url, lame_duck);
               },
           .lame_ducks = shared.lame_ducks,
           .events = {.up = "system_connected", .lost = "system_lost", .failed = "system_lost"}}) {}

std::shared_ptr<SystemConnection::Link> SystemConnection::link_to(
    std::string_view server_id) const {
  const auto links = links_.lock();
  const auto found = links->find(server_id);
  const auto link = found == links->end() ? nullptr : found->second.lock();
  return link && link->alive() ? link : nullptr;
}

bool SystemConnection::up() const {
  const auto heard = heard_.lock();
  return heard && heard->alive();
}

std::string SystemConnection::url() const {
  const auto heard = heard_.lock();
  return heard ? heard->url() : "";
}

bool SystemConnection::listen() {
  std::vector<std::shared_ptr<Link>> links;
  {
    const auto all = links_.lock();
    std::erase_if(*all, [](const auto& entry) { return entry.second.expired(); });
    for (const auto& [id, link] : *all)
      links.push_back(link.lock());
  }
  for (const auto& link : links) {
    if (!link || !link->alive()) continue;
    try {
      link->listen();
      heard_ = link;
      return true;
    } catch (const NatsError&) {
      continue;  // it was lost just now
    }
  }
  return false;
}

void SystemConnection::ask(const std::string& subject, const std::string& body,
                           std::uint64_t number) {
  auto link = link_to(server_of(subject));
  if (!link) link = heard_.lock();
  if (!link) throw NatsError("ask a server", "not connected");
  link->ask(subject, body, number);
}

}  // namespace gateway
