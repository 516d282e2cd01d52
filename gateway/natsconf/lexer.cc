#include "gateway/natsconf/lexer.h"

#include "auth/base/config_error.h"
#include "auth/base/text.h"
#include "gateway/natsconf/chars.h"

namespace gateway {
void NatsLexer::fail(std::size_t line, const std::string& message) const {
  throw auth::ConfigError(file_ + ":" + std::to_string(line) + ": " + message);
}

char NatsLexer::peek(std::size_t ahead) const {
  return at_ + ahead < text_.size() ? text_[at_ + ahead] : kEnd;
}

char NatsLexer::take() {
  const char c = peek();
  if (at_ >= text_.size()) return c;
  if (c == kEnd) fail("holds a NUL byte");
  if (c == '\n') ++line_;
  ++at_;
  return c;
}

// Go's unicode.IsSpace: a key ends at a no-break space too.
std::size_t NatsLexer::space() const {
  if (one_of(peek(), "\t\n\v\f\r ")) return 1;
  for (const std::string_view wide :
       {"\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005",
        "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f",
        "\u3000"}) {
    if (text_.substr(at_).starts_with(wide)) return wide.size();
  }
  return 0;
}

void NatsLexer::skip_space() {
  for (std::size_t size = space(); size > 0; size = space()) {
    for (; size > 0; --size)
      take();
  }
}

void NatsLexer::skip_blanks() {
  while (is_blank(peek()))
    take();
}

bool NatsLexer::skip_comment() {
  if (peek() == '/' && peek(1) != '/') fail("a single \"/\"");
  if (peek() != '#' && peek() != '/') return false;
  while (at_ < text_.size() && !is_new_line(peek()))
    take();
  return true;
}

void NatsLexer::skip_space_and_comments() {
  do {
    skip_space();
  } while (skip_comment());
}

NatsItem NatsLexer::go_on(State state) {
  state_ = state;
  more_ = true;
  return {Kind::end, "", line_};
}

NatsItem NatsLexer::done(Kind kind, std::string text, std::size_t line) {
  state_ = State::after_value;
  return {kind, std::move(text), line};
}

NatsItem NatsLexer::next() {
  while (true) {
    more_ = false;
    NatsItem item = [this] {
      switch (state_) {
        case State::key:
          return key();
        case State::after_key:
          return after_key();
        case State::value:
          return value();
        case State::array_value:
          return array_value();
        case State::after_value:
          return after_value();
        case State::include:
          return include();
      }
      return go_on(State::key);
    }();
    if (!more_) return item;
  }
}

// lexTop, lexBlockStart, lexMapKeyStart
NatsItem NatsLexer::key() {
  skip_space_and_comments();
  const bool outermost = nesting_.empty();
  if (at_ == text_.size()) {
    if (!outermost || in_braces_) fail("ends inside { }");
    return {Kind::end, "", line_};
  }
  const std::size_t line = line_;
  if (peek() == '{' && outermost && !in_braces_) {
    take();
    in_braces_ = true;
    return go_on(State::key);
  }
  if (peek() == '}') {
    take();
    if (!outermost) return close(Kind::map_end);
    if (!in_braces_) fail(line, "a \"}\" without a \"{\"");
    in_braces_ = false;
    return go_on(State::key);
  }
  if (peek() == '"' || peek() == '\'') {
    state_ = State::after_key;
    return {Kind::key, quoted(take()), line};
  }
  if (is_separator(peek()) || one_of(peek(), "[]{,;")) fail("a key is expected here");
  return bare_key(line);
}

// lexKey, lexMapKey, keyCheckKeyword
NatsItem NatsLexer::bare_key(std::size_t line) {
  std::string name;
  while (at_ < text_.size() && space() == 0 && !is_separator(peek()))
    name += take();
  if (space() > 0 && auth::lower_case(name) == "include") return go_on(State::include);
  state_ = State::after_key;
  return {Kind::key, std::move(name), line};
}

// lexKeyEnd, lexMapKeyEnd, lexMapValue
NatsItem NatsLexer::after_key() {
  skip_space();
  if (is_separator(peek())) {
    take();
    if (in(Inside::map)) skip_space();
    skip_blanks();
  }
  if (at_ == text_.size() || one_of(peek(), ",;]}\r\n")) fail("a key without a value");
  return go_on(State::value);
}

NatsItem NatsLexer::array_value() {
  skip_space_and_comments();
  if (at_ == text_.size()) fail("ends inside [ ]");
  if (peek() == ',') fail("a comma without a value before it");
  if (peek() != ']') return go_on(State::value);
  take();
  return close(Kind::array_end);
}

// lexTopValueEnd, lexBlockValueEnd, lexMapValueEnd, lexArrayValueEnd
NatsItem NatsLexer::after_value() {
  skip_blanks();
  skip_comment();
  const bool array = in(Inside::array);
  if (at_ == text_.size()) {
    if (array) fail("ends inside [ ]");
    return go_on(State::key);
  }
  const char c = peek();
  if (is_new_line(c) || c == ',' || (c == ';' && !array)) {
    take();
    return go_on(array ? State::array_value : State::key);
  }
  if (array && c == ']') {
    take();
    return close(Kind::array_end);
  }
  if (!array && c == '}') return go_on(State::key);
  fail("a value must be followed by a new line, a comma or the end of the array or map");
}

// lexIncludeStart, lexInclude, lexIncludeString
NatsItem NatsLexer::include() {
  skip_blanks();
  const std::size_t line = line_;
  if (peek() == '"' || peek() == '\'') return done(Kind::include, quoted(take()), line);
  std::string path;
  if (is_digit(peek()) || one_of(peek(), "[{(-\\")) fail("include must name a file");
  while (at_ < text_.size() && !one_of(peek(), "\r\n;}' \t"))
    path += take();
  if (peek() == '\'') take();
  if (path.empty()) fail(line, "include must name a file");
  return done(Kind::include, std::move(path), line);
}

NatsItem NatsLexer::open(Kind kind, Inside what) {
  const std::size_t line = line_;
  take();
  if (nesting_.size() >= kMaxNesting) fail(line, "is nested too deeply");
  nesting_.push_back(what);
  state_ = what == Inside::map ? State::key : State::array_value;
  return {kind, "", line};
}

NatsItem NatsLexer::close(Kind kind) {
  nesting_.pop_back();
  return done(kind, "", line_);
}

}  // namespace gateway
