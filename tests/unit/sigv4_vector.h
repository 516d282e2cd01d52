#pragma once
// A request of tests/vectors/sigv4, as make.py there describes it.

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "auth/sigv4.h"
#include "auth/time_text.h"

namespace auth::made {

struct SigV4Vector {
  std::string name;
  std::map<std::string, std::string> facts;
  HttpHead head;

  Time now() const { return *read_time(facts.at("now")); }
  Result<SigEvidence, SigFault> evidence() const {
    return read_evidence(head, facts.at("service"), facts.at("region"));
  }
  // The header's value, to be changed.
  std::string& header(const std::string& key) {
    for (auto& [name_, value] : head.headers) {
      if (name_ == key) return value;
    }
    throw std::out_of_range(key);
  }
};

inline SigV4Vector read_sigv4_vector(const std::filesystem::path& file) {
  SigV4Vector vector;
  vector.name = file.stem();
  std::ifstream in{file};
  std::string line;
  const auto pair_of = [](const std::string& text) {
    const auto colon = text.find(": ");
    return std::pair{text.substr(0, colon),
                     colon == std::string::npos ? "" : text.substr(colon + 2)};
  };
  while (std::getline(in, line) && !line.empty())
    vector.facts.insert(pair_of(line));
  std::getline(in, line);
  std::istringstream first{line};
  std::string target;
  first >> vector.head.method >> target;
  const auto mark = target.find('?');
  vector.head.path = target.substr(0, mark);
  vector.head.query = mark == std::string::npos ? "" : target.substr(mark + 1);
  while (std::getline(in, line))
    vector.head.headers.push_back(pair_of(line));
  vector.head.payload_sha256 = sha256_hex(vector.facts.at("body"));
  return vector;
}

inline std::vector<SigV4Vector> sigv4_vectors() {
  std::vector<SigV4Vector> all;
  const std::filesystem::path dir = CREDGATE_SOURCE_DIR "/tests/vectors/sigv4";
  for (const auto& entry : std::filesystem::directory_iterator{dir}) {
    if (entry.path().extension() == ".txt") all.push_back(read_sigv4_vector(entry.path()));
  }
  return all;
}

}  // namespace auth::made
