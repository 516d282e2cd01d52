#pragma once
// The lexer of nats-server's configuration language: conf/lex.go, whose states give the parts here
// their names. Mistakes that lex.go accepts (an unclosed brace, one too many, a key without a
// value, a single slash) are refused here, because the intention is unknown.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

struct NatsItem {
  enum class Kind {
    key,
    text,
    boolean,
    integer,
    decimal,
    variable,
    include,
    map_start,
    map_end,
    array_start,
    array_end,
    end
  };
  Kind kind;
  std::string text;  // escapes resolved; without quotes and without the `$` of a variable
  std::size_t line;
};

class NatsLexer {
 public:
  static constexpr std::size_t kMaxNesting = 64;

  // Borrows `text`.
  NatsLexer(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  // Throws ConfigError for a syntax error, and for deeper nesting than kMaxNesting.
  NatsItem next();

  // "file:line: message". Never quotes the text, which may be part of a password.
  [[noreturn]] void fail(std::size_t line, const std::string& message) const;
  [[noreturn]] void fail(const std::string& message) const { fail(line_, message); }

 private:
  using Kind = NatsItem::Kind;
  enum class Inside { map, array };
  enum class State { key, after_key, value, array_value, after_value, include };

  static constexpr char kEnd = '\0';  // the end of the text, as in lex.go
  char peek(std::size_t ahead = 0) const;
  char take();
  std::size_t space() const;  // the size of the white space here, or 0
  void skip_space();
  void skip_blanks();  // not new lines
  bool skip_comment();
  void skip_space_and_comments();
  bool in(Inside what) const { return !nesting_.empty() && nesting_.back() == what; }

  // Each returns an item, or `end` with more_ set if only the state changed.
  NatsItem key();
  NatsItem bare_key(std::size_t line);
  NatsItem after_key();
  NatsItem array_value();
  NatsItem after_value();
  NatsItem include();
  NatsItem value();
  NatsItem number(std::size_t line);
  NatsItem bare(std::size_t line, std::string begun);
  NatsItem block(std::size_t line);
  NatsItem open(Kind kind, Inside what);
  NatsItem close(Kind kind);
  NatsItem go_on(State state);
  NatsItem done(Kind kind, std::string text, std::size_t line);
  std::string quoted(char quote);
  std::string double_quoted();
  char escape();

  std::string_view text_;
  std::string file_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  State state_ = State::key;
  bool in_braces_ = false;  // the whole file inside { }, as JSON has it
  bool more_ = false;
  std::vector<Inside> nesting_;
};

}  // namespace gateway
