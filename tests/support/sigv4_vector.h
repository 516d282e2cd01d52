#pragma once
// A request of tests/vectors/sigv4, as make.py there describes it.

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "auth/base/time_format.h"
#include "auth/sigv4/signature.h"

namespace auth::made {

struct SigV4Vector {
  std::string name;
  std::map<std::string, std::string> facts;
  HttpHead head;

  Time now() const { return *read_time(facts.at("now")); }
  Result<SigEvidence, Denial> evidence() const {
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

inline std::pair<std::string, std::string> named_value(const std::string& line) {
  const auto colon = line.find(": ");
  return {line.substr(0, colon), colon == std::string::npos ? "" : line.substr(colon + 2)};
}

// "GET /path?query HTTP/1.1" and a line for each header.
inline HttpHead read_http_head(std::istream& in) {
  HttpHead head;
  std::string line;
  std::getline(in, line);
  std::istringstream first{line};
  std::string target;
  first >> head.method >> target;
  const auto mark = target.find('?');
  head.path = target.substr(0, mark);
  head.query = mark == std::string::npos ? "" : target.substr(mark + 1);
  while (std::getline(in, line))
    head.headers.push_back(named_value(line));
  return head;
}

inline SigV4Vector read_sigv4_vector(const std::filesystem::path& file) {
  SigV4Vector vector;
  vector.name = file.stem();
  std::ifstream in{file};
  std::string line;
  while (std::getline(in, line) && !line.empty())
    vector.facts.insert(named_value(line));
  vector.head = read_http_head(in);
  vector.head.payload_sha256 = sha256_hex(vector.facts.at("body"));
  return vector;
}

inline std::vector<SigV4Vector> read_sigv4_vectors(const std::filesystem::path& dir) {
  std::vector<SigV4Vector> all;
  for (const auto& entry : std::filesystem::directory_iterator{dir}) {
    if (entry.path().extension() == ".txt") all.push_back(read_sigv4_vector(entry.path()));
  }
  return all;
}

}  // namespace auth::made
