#pragma once
// Keeps a callout connected: makes one after another, leaves a server that is going, and says so.

#include <chrono>
#include <memory>
#include <string>

#include "gateway/callout/callout.h"

namespace gateway {

// Not thread-safe.
class CalloutSupervisor {
 public:
  // `deps` must outlive this.
  explicit CalloutSupervisor(const CalloutDeps& deps);
  ~CalloutSupervisor();
  CalloutSupervisor(const CalloutSupervisor&) = delete;
  CalloutSupervisor& operator=(const CalloutSupervisor&) = delete;

  // Makes a connection where there is none, or the one that there was is lost or to be left; an
  // attempt may take some seconds. Each new reason for having none is logged once.
  void poll();
  bool up() const { return callout_ && callout_->alive(); }
  // How soon look() is to be called again: later after each attempt that failed.
  std::chrono::milliseconds pause() const;
  // Answers what was taken, and takes no more.
  void drain();

 private:
  std::unique_ptr<Callout> attempt();
  void leave();
  void note();

  const CalloutDeps& deps_;
  std::unique_ptr<Callout> callout_;
  std::chrono::milliseconds pause_;
  std::string reason_;
};

}  // namespace gateway
