#pragma once
// Which way a request came, and its answer goes back.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "gateway/nats/client.h"

namespace gateway {

// A server hands one copy of its request to each queue group, and picks the member at random, in
// the whole cluster.
enum class Group : std::uint8_t {
  shared,  // of every gateway's link to every server
  server,  // of every gateway's link to one server
};

// One subscription of a link. Whoever owes an answer keeps it, and with it the connections.
class RequestPath {
 public:
  RequestPath(std::string server_id, Group group)
      : server_id_(std::move(server_id)), group_(group) {}
  virtual ~RequestPath() = default;
  RequestPath(const RequestPath&) = delete;
  RequestPath& operator=(const RequestPath&) = delete;

  // Of the server that the link is to; another one may have sent the request.
  const std::string& server_id() const { return server_id_; }
  Group group() const { return group_; }

  // The others are thread-safe.
  virtual bool alive() const = 0;
  // Does nothing once the connection is lost: nobody waits there any more. Throws NatsError.
  virtual void send(const std::string& subject, const std::string& answer, Sending how) const = 0;

 private:
  const std::string server_id_;
  const Group group_;
};

// Where an answer goes to.
struct ReplyTo {
  std::string subject;
  std::shared_ptr<const RequestPath> path{};
};

}  // namespace gateway
