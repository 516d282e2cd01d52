#pragma once
// A progress bar on standard error, only if that is a terminal.

#include <chrono>
#include <cstdint>
#include <string>

namespace gateway::cli {

class Progress {
 public:
  // `total`: 0 if unknown.
  Progress(std::string what, std::uint64_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // Clears the line.
  ~Progress();
  void at(std::uint64_t done);

 private:
  std::string what_;
  std::uint64_t total_;
  bool shown_;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace gateway::cli
