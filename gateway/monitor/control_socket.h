#pragma once
// The daemon's control socket, which gives commands on the same machine access to state that is
// only in memory. One line of JSON each way, then the connection is closed. Credentials are never
// changed through it. control_commands.h defines the commands; {"error"} is the message of an
// exception.
//
// A Unix socket, 0600, `run_dir`/INSTANCE.sock. The peer must be root or the daemon's own user
// (SO_PEERCRED).

#include <chrono>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>
#include <sys/types.h>

#include "gateway/platform/fd.h"

namespace gateway {

std::filesystem::path control_socket(const std::filesystem::path& run_dir,
                                     const std::string& instance);

class ControlSocket {
 public:
  // Called on this object's thread.
  using Answer = std::function<nlohmann::ordered_json(const nlohmann::json& question)>;

  // Listens on its own thread. Throws std::runtime_error, with what to do, if another instance of
  // this name is running, or the directory is not writable. A stale socket is replaced.
  ControlSocket(const std::filesystem::path& socket, Answer answer);
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

 private:
  void run(const std::stop_token& stop) const;

  std::filesystem::path socket_;
  Answer answer_;
  ino_t inode_ = 0;  // of the path
  Fd fd_;
  std::jthread thread_;
};

inline constexpr std::chrono::milliseconds kControlPatience{2000};

// This user may not open the socket, whoever listens there.
class NotPermitted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Sends a command to the daemon and returns its answer. Throws NotPermitted, and std::runtime_error
// if nobody listens, the peer is another user's, or no answer comes within `patience`.
nlohmann::json ask_control(const std::filesystem::path& socket, const nlohmann::json& question,
                           std::chrono::milliseconds patience = kControlPatience);

}  // namespace gateway
