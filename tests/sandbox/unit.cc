#include "tests/sandbox/unit.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace sandbox {

void Unit::add(const std::string& key, const std::string& value) {
  auto& values = settings_[key];
  if (value.empty()) return values.clear();
  values.push_back(value);
}

const std::vector<std::string>& Unit::all(const std::string& key) const {
  static const std::vector<std::string> none;
  const auto at = settings_.find(key);
  return at == settings_.end() ? none : at->second;
}

std::string Unit::last(const std::string& key) const {
  return all(key).empty() ? "" : all(key).back();
}

bool Unit::on(const std::string& key) const {
  const std::string value = last(key);
  if (value != "yes" && value != "no" && !value.empty()) {
    throw std::runtime_error(key + "=" + value + " is not known here: yes or no");
  }
  return value == "yes";
}

Unit read_unit(const std::filesystem::path& file) {
  std::ifstream in{file};
  Unit unit;
  std::string section;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      section = line;
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string::npos || line.back() == '\\') {
      throw std::runtime_error(file.string() + ": cannot read the line: " + line);
    }
    if (section == "[Service]") unit.add(line.substr(0, equals), line.substr(equals + 1));
  }
  if (!in.eof()) throw std::runtime_error(file.string() + ": cannot be read");
  return unit;
}

CallSets call_sets() {
  const std::unique_ptr<FILE, int (*)(FILE*)> tool{
      popen("systemd-analyze syscall-filter 2>/dev/null", "r"), pclose};
  std::string text;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 1; tool != nullptr && n > 0;) {
    n = fread(buffer.data(), 1, buffer.size(), tool.get());
    text.append(buffer.data(), n);
  }
  CallSets sets;
  std::istringstream lines{text};
  std::vector<std::string>* members = nullptr;
  for (std::string line; std::getline(lines, line);) {
    const auto found = words(line);
    if (found.empty() || found.front().starts_with('#')) continue;
    if (line.front() == '@') {
      members = &sets[found.front()];
    } else if (members != nullptr) {
      members->push_back(found.front());
    }
  }
  if (!sets.contains("@system-service") || !sets.contains("@known")) {
    throw std::runtime_error("systemd-analyze does not tell of the sets of system calls");
  }
  return sets;
}

std::vector<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> found;
  for (std::string word; in >> word;)
    found.push_back(word);
  return found;
}

}  // namespace sandbox
