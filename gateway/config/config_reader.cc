#include "gateway/config/config_reader.h"

#include <iterator>

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
  // An array ends after its items, so the last end counts.
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

std::string with_strings(std::string_view text, const std::string& file, const std::string& path,
                         const std::vector<std::string>& values) {
  const LineNotes notes = read_notes(text, file);
  const auto at = notes.spans.find(path);
  if (at == notes.spans.end() || at->second.end == at->second.begin) {
    throw auth::ConfigError(file + ": " + path + ": is not a string, and not an array of strings");
  }
  std::string changed{text.substr(0, at->second.begin)};
  changed += ": " + (values.size() == 1 ? json(values.front()) : json(values)).dump();
  changed += text.substr(at->second.end);
  return changed;
}

auth::ConfigError ConfigText::error(const auth::Invalid& wrong) const {
  std::string_view path = wrong.field;
  auto at = lines.find(path);
  while (at == lines.end() && path.find('.') != path.npos) {
    path = path.substr(0, path.rfind('.'));
    at = lines.find(path);
  }
  const std::string line = at == lines.end() ? "" : ":" + std::to_string(at->second);
  return auth::ConfigError(file + line + ": " + wrong.field + ": " + wrong.message);
}

}  // namespace gateway
