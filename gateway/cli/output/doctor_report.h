#pragma once
// The output of `doctor`.

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "gateway/doctor/doctor.h"
#include "gateway/doctor/live_checks.h"

namespace gateway::cli {

struct DoctorReport {
  std::string file;    // nats-server's configuration
  std::string config;  // credgate.conf
  bool operator_mode = false;
  std::optional<ServerVersion> version;
  std::optional<LiveAnswers> live;
  Diagnosis diagnosis;
};

// {"checked":{…},"findings":[…]}
nlohmann::ordered_json json_of(const DoctorReport& report);

// For people, in lines of at most 96 columns, except for longer words.
std::string text_of(const DoctorReport& report);

}  // namespace gateway::cli
