#include "gateway/config/config_reader.h"

#include <iterator>
#include <optional>

#include "auth/base/typo.h"
#include "gateway/config/config.h"

namespace gateway {
namespace {

using nlohmann::json;

// How far the parser has read.
struct Position {
  std::size_t offset = 0;
  std::size_t line = 1;
};

// Feeds the parser and counts what it has taken.
class PositionCounter {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  PositionCounter(const char* at, Position* position) : at_(at), position_(position) {}
  reference operator*() const { return *at_; }
  PositionCounter& operator++() {
    if (*at_ == '\n') ++position_->line;
    ++position_->offset;
    ++at_;
    return *this;
  }
  PositionCounter operator++(int) {
    PositionCounter before = *this;
    ++*this;
    return before;
  }
  bool operator==(const PositionCounter& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  Position* position_;
};

// Notes where each member of an object stands. The values themselves are parsed apart.
class LineNotes : public nlohmann::json_sax<json> {
 public:
  LineNotes(const Position& position, std::string file)
      : position_(position), file_(std::move(file)) {}

  // Of a member's value, from behind the name to its end.
  struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::map<std::string, std::size_t, std::less<>> lines;
  std::map<std::string, Span, std::less<>> spans;

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return end_value(); }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_array(std::size_t /*size*/) override { return true; }
  bool end_array() override { return end_value(); }
  bool start_object(std::size_t /*size*/) override {
    prefixes_.push_back(next_);
    return true;
  }
  bool end_object() override {
    prefixes_.pop_back();
    open_.clear();
    return true;
  }
  bool key(string_t& name) override {
    const std::string path = prefixes_.back() + name;
    if (!lines.emplace(path, position_.line).second) {
      throw auth::ConfigError(file_ + ":" + std::to_string(position_.line) + ": " + path +
                              ": given twice; line " + std::to_string(lines[path]) +
                              " has it already");
    }
    next_ = path + ".";
    spans[path] = {position_.offset, position_.offset};
    open_ = path;
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const json::exception& error) override {
    const std::string_view what = error.what();
    const std::size_t start = what.find("column");
    throw auth::ConfigError(
        file_ + ":" + std::to_string(position_.line) +
        ": not JSON: " + std::string(start == std::string_view::npos ? what : what.substr(start)));
  }

 private:
  // A list ends after its items, so the last end counts.
  bool end_value() {
    if (!open_.empty()) spans[open_].end = position_.offset;
    return true;
  }

  const Position& position_;
  std::string file_;
  std::string open_;  // the member whose value is read
  std::vector<std::string> prefixes_;
  std::string next_;
};

LineNotes read_notes(std::string_view text, const std::string& file) {
  Position position;
  LineNotes notes{position, file};
  json::sax_parse(PositionCounter{text.data(), &position},
                  PositionCounter{text.data() + text.size(), &position}, &notes,
                  json::input_format_t::json, /*strict=*/true, /*ignore_comments=*/true);
  return notes;
}

}  // namespace

ConfigText read_config_text(std::string_view text, std::string file) {
  LineNotes notes = read_notes(text, file);
  json root = json::parse(text, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (!root.is_object()) throw auth::ConfigError(file + ":1: must be one JSON object: { … }");
  return {std::move(file), std::move(root), std::move(notes.lines)};
}

std::string with_texts(std::string_view text, const std::string& file, const std::string& path,
                       const std::vector<std::string>& values) {
  const LineNotes notes = read_notes(text, file);
  const auto at = notes.spans.find(path);
  if (at == notes.spans.end() || at->second.end == at->second.begin) {
    throw auth::ConfigError(file + ": " + path + ": is no text and no list of texts");
  }
  std::string changed{text.substr(0, at->second.begin)};
  changed += ": " + (values.size() == 1 ? json(values.front()) : json(values)).dump();
  changed += text.substr(at->second.end);
  return changed;
}

std::string Section::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void Section::fail(std::string_view key, const std::string& message) const {
  const std::string path = path_of(key);
  auto at = text_.lines.find(path);
  if (at == text_.lines.end()) at = text_.lines.find(path_);
  const std::string line = at == text_.lines.end() ? "" : ":" + std::to_string(at->second);
  throw auth::ConfigError(text_.file + line + ": " + path + ": " + message);
}

void Section::missing(const char* key, const std::string& what) const {
  for (const auto& [given, value] : object_.items()) {
    if (!known_.contains(given) && auth::similar(given, key)) {
      fail(given, "unknown key; did you mean \"" + std::string(key) + "\"?");
    }
  }
  fail(key, "is missing: " + what);
}

const json* Section::take(const char* key) {
  known_.insert(key);
  const auto at = object_.find(key);
  return at == object_.end() ? nullptr : &*at;
}

std::string Section::text(const char* key, std::string otherwise) {
  const json* value = take(key);
  if (value == nullptr) return otherwise;
  if (!value->is_string()) fail(key, "must be a text in quotes");
  return value->get<std::string>();
}

std::string Section::required_text(const char* key) {
  std::string value = text(key, "");
  if (value.empty()) missing(key, "a text in quotes");
  return value;
}

std::vector<std::string> Section::texts(const char* key) {
  const json* value = take(key);
  if (value == nullptr) return {};
  if (value->is_string()) return {value->get<std::string>()};
  std::vector<std::string> list;
  if (!value->is_array()) fail(key, "must be a list of texts: [\"…\", \"…\"]");
  for (const json& item : *value) {
    if (!item.is_string()) fail(key, "must be a list of texts: [\"…\", \"…\"]");
    list.push_back(item.get<std::string>());
  }
  return list;
}

std::uint64_t Section::number(const char* key, std::uint64_t otherwise) {
  const json* value = take(key);
  if (value == nullptr) return otherwise;
  if (!value->is_number_unsigned())
    fail(key, "must be a whole number, not negative, not in quotes");
  return value->get<std::uint64_t>();
}

std::uint64_t Section::size(const char* key, std::uint64_t otherwise) {
  const std::string written = text(key, "");
  if (written.empty()) return otherwise;
  for (const auto& [unit, shift] : {std::pair{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}) {
    if (!written.ends_with(unit)) continue;
    const std::string digits = written.substr(0, written.size() - 3);
    const bool whole = !digits.empty() && digits.size() < 6 &&
                       digits.find_first_not_of("0123456789") == std::string::npos;
    if (whole && std::stoull(digits) > 0) return std::stoull(digits) << shift;
  }
  fail(key, "must be a size such as \"64GiB\" (KiB, MiB, GiB, TiB)");
}

bool Section::boolean(const char* key, bool otherwise) {
  const json* value = take(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) fail(key, "must be true or false, not in quotes");
  return value->get<bool>();
}

std::vector<std::string> Section::names() const {
  std::vector<std::string> names;
  for (const auto& [key, value] : object_.items()) {
    if (!known_.contains(key)) names.push_back(key);
  }
  return names;
}

Section Section::section(const char* key) {
  static const json kEmpty = json::object();
  const json* value = take(key);
  if (value == nullptr) return {text_, kEmpty, path_of(key)};
  if (!value->is_object()) fail(key, "must be an object: { … }");
  return {text_, *value, path_of(key)};
}

void Section::finish() const {
  for (const auto& [key, value] : object_.items()) {
    if (known_.contains(key)) continue;
    for (const std::string& other : known_) {
      if (auth::similar(key, other)) fail(key, "unknown key; did you mean \"" + other + "\"?");
    }
    std::string all;
    for (const std::string& other : known_)
      all += (all.empty() ? "" : ", ") + other;
    fail(key, "unknown key; known here: " + all);
  }
}

}  // namespace gateway
