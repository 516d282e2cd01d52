#pragma once
// The daemon's control socket: what lives in its memory alone, for commands on the same machine.
// One JSON object on a line each way, then the connection is closed. Changes of credentials never
// go through it. What is asked and answered: control_commands.h. {"error"}: what was thrown
// instead.
//
// A Unix socket, 0600, `run_dir`/INSTANCE.sock. Whoever connects must be root or the daemon's own
// user (SO_PEERCRED).

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>
#include <sys/types.h>

namespace gateway {

std::filesystem::path control_socket(const std::filesystem::path& run_dir,
                                     const std::string& instance);

class ControlSocket {
 public:
  // Called on this object's thread.
  using Answer = std::function<nlohmann::ordered_json(const nlohmann::json& question)>;

  // Listens from here on, in a thread of its own. Throws std::runtime_error, with what to do, where
  // it cannot: another instance of that name is there, or the directory is not writable. A socket
  // that nobody listens on any more is replaced.
  ControlSocket(const std::filesystem::path& socket, Answer answer);
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

 private:
  void run(const std::stop_token& stop) const;

  std::filesystem::path socket_;
  Answer answer_;
  ino_t inode_ = 0;  // of the path
  int fd_ = -1;
  std::jthread thread_;  // last: it uses all the others
};

// What the daemon behind the socket answers. Throws std::runtime_error: nobody listens, the peer is
// of another user, or the answer does not come within some seconds.
nlohmann::json ask_control(const std::filesystem::path& socket, const nlohmann::json& question);

}  // namespace gateway
