#pragma once
// JSON with comments, read so that every complaint can name its line.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace gateway {

// A parsed file: the values, and the line of each member by its dotted path ("store.dir").
struct ConfigText {
  std::string file;
  nlohmann::json root;
  std::map<std::string, std::size_t, std::less<>> lines;
};

// The same text with another list of texts as the value of a member that is a text or a list of
// them, and all else as it was, comments too. `path`: dotted, "callout.xkey". Throws ConfigError
// where there is no such member.
std::string with_texts(std::string_view text, const std::string& file, const std::string& path,
                       const std::vector<std::string>& values);

// Throws ConfigError with the line: for text that is no JSON object, and for a key given twice.
ConfigText read_config_text(std::string_view text, std::string file);

// One object of it. Each member is taken once; what is left at the end is unknown.
class Section {
 public:
  explicit Section(const ConfigText& text) : Section(text, text.root, "") {}

  // Throws ConfigError where the member has another type.
  std::string text(const char* key, std::string otherwise);
  std::string required_text(const char* key);
  std::vector<std::string> texts(const char* key);  // one text counts as a list of it
  std::uint64_t number(const char* key, std::uint64_t otherwise);
  // In bytes; written as "64GiB".
  std::uint64_t size(const char* key, std::uint64_t otherwise);
  bool boolean(const char* key, bool otherwise);
  // Of the members that nobody took yet.
  std::vector<std::string> names() const;
  bool has(const char* key) const { return object_.contains(key); }
  Section section(const char* key);  // empty where there is none
  // Throws ConfigError for the first member that nobody took.
  void finish() const;

  // For a member that must be there: names the one that was probably meant to be it, or `what`.
  [[noreturn]] void missing(const char* key, const std::string& what) const;
  // "file:line: path: message"
  [[noreturn]] void fail(std::string_view key, const std::string& message) const;

 private:
  Section(const ConfigText& text, const nlohmann::json& object, std::string path)
      : text_(text), object_(object), path_(std::move(path)) {}
  const nlohmann::json* take(const char* key);
  std::string path_of(std::string_view key) const;

  const ConfigText& text_;
  const nlohmann::json& object_;
  std::string path_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace gateway
