#pragma once
// What a unit file says, and which system calls systemd's @sets stand for.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

// The settings of [Service], each with its values in the file's order; an empty one takes back what
// came before it.
class Unit {
 public:
  void add(const std::string& key, const std::string& value);
  const std::vector<std::string>& all(const std::string& key) const;
  std::string last(const std::string& key) const;  // empty without one
  bool on(const std::string& key) const;           // yes; throws for what is neither yes nor no

 private:
  std::map<std::string, std::vector<std::string>> settings_;
};

// Throws std::runtime_error for what it cannot read, continued lines among it.
Unit read_unit(const std::filesystem::path& file);

// "@name" → its members, which may be sets themselves; as `systemd-analyze syscall-filter` says.
using CallSets = std::map<std::string, std::vector<std::string>, std::less<>>;
CallSets call_sets();

std::vector<std::string> words(std::string_view text);

}  // namespace sandbox
