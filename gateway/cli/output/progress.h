#pragma once
// How far long work is, on standard error, only if that is a terminal.

#include <chrono>
#include <cstdint>
#include <string>

namespace gateway::cli {

// "importing  [####      ] 40 %  4000 of 10000  1000/s  6 s left", without what is not known,
// as rate and time left are not in the first second, in
// `width` columns.
std::string progress_line(const std::string& what, std::uint64_t done, std::uint64_t total,
                          std::chrono::duration<double> taken, std::size_t width);

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
