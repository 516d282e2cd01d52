#include "gateway/natsconf/parser.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "auth/base/config_error.h"
#include "auth/base/text.h"
#include "auth/nats/subject.h"
#include "gateway/natsconf/chars.h"
#include "gateway/natsconf/lexer.h"

namespace gateway {
namespace {

using Kind = NatsItem::Kind;

constexpr std::size_t kMaxBytes = 16 << 20;
constexpr std::size_t kMaxDepth = 10;
// So that tiny files which include each other come to an end too.
constexpr std::size_t kBytesOfOpening = 4096;

// What all files of one configuration share.
struct Whole {
  const NatsSurroundings& around;
  std::size_t bytes = 0;
};

class Parser {
 public:
  Parser(Whole& whole, std::string_view text, const std::string& file, std::size_t depth)
      : whole_(whole),
        lexer_(text, file),
        file_(std::make_shared<std::string>(file)),
        depth_(depth) {
    whole_.bytes += text.size() + (depth == 0 ? 0 : kBytesOfOpening);
    if (whole_.bytes > kMaxBytes) lexer_.fail(1, "the configuration is larger than 16 MiB");
    if (depth_ > kMaxDepth) lexer_.fail(1, "is included too deeply");
    // To nats-server it is part of the first key, which it then does not know.
    if (text.starts_with("\ufeff")) {
      lexer_.fail(1,
                  "begins with a byte order mark, which nats-server does not take: save the file "
                  "without one");
    }
  }

  NatsMap parse() {
    open_.push_back({.is_map = true, .line = 1});
    for (NatsItem item = lexer_.next(); item.kind != Kind::end; item = lexer_.next())
      take(item);
    return std::move(open_.back().map);
  }

 private:
  struct Open {
    bool is_map = false;
    std::size_t line = 0;
    std::size_t height = 0;
    NatsMap map = {};
    NatsList list = {};
    std::string key = {};
    std::size_t key_line = 0;
  };

  NatsValue make(NatsData data, std::size_t line, std::size_t height = 0) const {
    return {std::make_shared<const NatsData>(std::move(data)), file_, line, height, false};
  }

  void take(NatsItem& item) {
    switch (item.kind) {
      case Kind::key:
        open_.back().key = std::move(item.text);
        open_.back().key_line = item.line;
        return;
      case Kind::map_start:
      case Kind::array_start:
        open_.push_back({.is_map = item.kind == Kind::map_start, .line = item.line});
        return;
      case Kind::map_end:
      case Kind::array_end:
        return put(closed());
      case Kind::text:
        return put(make({std::move(item.text)}, item.line));
      case Kind::boolean: {
        const std::string word = auth::lower_case(item.text);
        return put(make({word == "true" || word == "yes" || word == "on"}, item.line));
      }
      case Kind::integer:
        return put(make({integer(item)}, item.line));
      case Kind::decimal:
        return put(make({decimal(item)}, item.line));
      case Kind::variable:
        return put(variable(item));
      case Kind::include:
        return include(item);
      case Kind::end:
        return;
    }
  }

  NatsValue closed() {
    Open last = std::move(open_.back());
    open_.pop_back();
    NatsData data;
    if (last.is_map) {
      data.is = std::move(last.map);
    } else {
      data.is = std::move(last.list);
    }
    return make(std::move(data), last.line, last.height + 1);
  }

  void put(NatsValue value) {
    Open& open = open_.back();
    // A variable in a variable nests deeper than the text does.
    if (open_.size() + value.height > NatsLexer::kMaxNesting + 1) {
      lexer_.fail(value.line, "is nested too deeply");
    }
    open.height = std::max(open.height, value.height);
    if (!open.is_map) {
      open.list.push_back(std::move(value));
      return;
    }
    value.line = open.key_line;
    open.map.insert_or_assign(std::move(open.key), std::move(value));
  }

  std::int64_t integer(const NatsItem& item) const {
    std::int64_t number = 0;
    const char* end = item.text.data() + item.text.size();
    const auto read = std::from_chars(item.text.data(), end, number);
    if (read.ec != std::errc{}) lexer_.fail(item.line, "an integer out of range");
    if (read.ptr == end) return number;
    const std::string suffix = auth::lower_case({read.ptr, end});
    const std::string rest = suffix.substr(1);
    if (!rest.empty() && rest != "b" && rest != "i" && rest != "ib") {
      lexer_.fail(item.line, "an integer with an unknown unit");
    }
    for (std::size_t power = std::string_view{"kmgtpe"}.find(suffix.front()) + 1; power > 0;
         --power) {
      // A size beyond 64 bits goes round, as it does on nats-server.
      number = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) *
                                         (rest.empty() ? 1000U : 1024U));
    }
    return number;
  }

  double decimal(const NatsItem& item) const {
    double number = 0;
    const char* end = item.text.data() + item.text.size();
    if (std::from_chars(item.text.data(), end, number).ec != std::errc{}) {
      lexer_.fail(item.line, "a number out of range");
    }
    return number;
  }

  // lookupVariable: the maps around it, innermost first, then the environment.
  NatsValue variable(const NatsItem& item) {
    // A bcrypt hash needs no quotes; of its prefixes parse.go knows this one alone.
    if (item.text.starts_with("2a$")) return make({"$" + item.text}, item.line);
    for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
      const auto found = open->map.find(item.text);
      if (found == open->map.end()) continue;
      found->second.is_variable = true;
      NatsValue value = found->second;
      value.is_variable = false;
      value.file = file_;
      value.line = item.line;
      return value;
    }
    const auto text = whole_.around.environment(item.text);
    if (!text) {
      lexer_.fail(item.line,
                  "a variable that is set neither above nor in the environment; a string that "
                  "begins with $ needs quotes");
    }
    return from_environment(*text, item.line);
  }

  NatsValue from_environment(const std::string& text, std::size_t line) {
    if (std::ranges::all_of(text, is_blank)) return make({std::string{}}, line);
    std::optional<NatsMap> parsed;
    try {
      parsed = Parser{whole_, "pk=" + text, *file_, depth_ + 1}.parse();
    } catch (const auth::ConfigError&) {
      // Its line and file would be those of no file.
      lexer_.fail(line, "a variable whose value in the environment cannot be read");
    }
    const auto found = parsed->find("pk");
    if (found == parsed->end()) {
      lexer_.fail(line, "a variable whose value in the environment cannot be read");
    }
    NatsValue value = found->second;
    value.line = line;
    return value;
  }

  void include(const NatsItem& item) {
    if (!auth::printable(item.text)) lexer_.fail(item.line, "include must name a file");
    // filepath.Join
    const std::filesystem::path here{*file_};
    const std::string path = (here.parent_path() / ("./" + item.text)).lexically_normal().string();
    const auto text = whole_.around.read_file(path);
    if (!text) lexer_.fail(item.line, "cannot read the included file " + path);
    // The included file sees none of the variables here.
    for (auto& [key, value] : Parser{whole_, *text, path, depth_ + 1}.parse()) {
      open_.back().key = key;
      open_.back().key_line = value.line;
      put(std::move(value));
    }
  }

  Whole& whole_;
  NatsLexer lexer_;
  std::shared_ptr<const std::string> file_;
  std::size_t depth_;
  std::vector<Open> open_;
};

}  // namespace

NatsValue read_nats_config(std::string_view text, const std::string& file,
                           const NatsSurroundings& around) {
  Whole whole{around};
  NatsMap map = Parser{whole, text, file, 0}.parse();
  return {.data = std::make_shared<const NatsData>(NatsData{std::move(map)}),
          .file = std::make_shared<std::string>(file),
          .line = 1};
}

}  // namespace gateway
